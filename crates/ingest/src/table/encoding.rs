//! Texts that are not UTF-8: what spreadsheets save as "Unicode text" (UTF-16) and as plain CSV on Windows (Windows-1252).

use std::borrow::Cow;

/// Takes off a byte order mark; turns UTF-16 that announces itself by one into UTF-8.
pub(super) fn to_utf8_if_utf16(bytes: &[u8]) -> Cow<'_, [u8]> {
    let (rest, unit): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => return Cow::Borrowed(rest),
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        _ => return Cow::Borrowed(bytes),
    };
    let (pairs, _odd) = rest.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Cow::Owned(text.into_bytes())
}

/// Appends bytes of Windows-1252, as <https://encoding.spec.whatwg.org/#windows-1252> maps them.
pub(super) fn push_windows_1252(text: &mut String, bytes: &[u8]) {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    text.extend(bytes.iter().map(|byte| match byte {
        0x80..=0x9f => FROM_80[usize::from(byte - 0x80)],
        other => char::from(*other),
    }));
}
