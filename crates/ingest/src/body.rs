//! Request bodies: what their headers say they are, and their content with its encoding undone, within bounds.
//!
//! A few kilobytes can unfold into gigabytes. So both the size and the ratio are bounded, and the bound is met while unfolding,
//! never after.

use std::borrow::Cow;
use std::io::{self, Read};

/// How a body is encoded (`Content-Encoding`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// RFC 1952, one member or several.
    Gzip,
    /// RFC 8878, with windows of at most 8 MiB (RFC 9659).
    Zstd,
}

/// What a body holds (`Content-Type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/x-ndjson`: one object a line.
    Ndjson,
    /// `application/json`: an array of objects, or one.
    Json,
    /// `text/csv`: transactions.
    Csv,
}

/// Bounds on an encoded body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimits {
    /// Its size when unfolded.
    pub bytes: usize,
    /// How many times larger than encoded it may be; asked only above [`BodyLimits::RATIO_FREE_BYTES`].
    pub ratio: usize,
}

impl BodyLimits {
    /// Up to this size any ratio will do: small batches of like lines fold very well.
    pub const RATIO_FREE_BYTES: usize = 1 << 20;
}

impl Default for BodyLimits {
    /// 64 MiB and 250 times. Real batches fold 10 to 60 times.
    fn default() -> Self {
        Self { bytes: 64 << 20, ratio: 250 }
    }
}

/// Why a body cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// An encoding we do not undo (answer 415).
    #[error("content encoding {0:?} is not supported; send gzip, zstd or none")]
    Encoding(String),
    /// A content we do not read (answer 415).
    #[error("content type {0:?} is not supported; send application/x-ndjson, application/json or text/csv")]
    MediaType(String),
    /// More than the bound (answer 413).
    #[error("the body is larger than {0} bytes when unfolded; send it in parts")]
    TooLarge(usize),
    /// Unfolds too much to be honest (answer 413).
    #[error("the body unfolds to more than {0} times its size; send it in parts, or less compressed")]
    TooDense(usize),
    /// Not what its encoding says, or cut off (answer 400).
    #[error("the body is not whole and valid {encoding:?}")]
    Broken {
        /// The encoding it was said to have.
        encoding: Encoding,
        /// What the decoder met.
        source: io::Error,
    },
}

impl Encoding {
    /// Reads a `Content-Encoding` header; absent or empty is [`Encoding::Identity`].
    ///
    /// # Errors
    /// [`BodyError::Encoding`] for any other, and for several on top of each other.
    pub fn of_header(header: Option<&str>) -> Result<Self, BodyError> {
        let header = header.unwrap_or_default().trim();
        match header.to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "zstd" => Ok(Self::Zstd),
            _ => Err(BodyError::Encoding(crate::parsed::clip(header))),
        }
    }
}

impl MediaType {
    /// Reads a `Content-Type` header, its parameters aside.
    ///
    /// # Errors
    /// [`BodyError::MediaType`] for any other, and for none: guessing what a body holds would take the wrong things from it.
    pub fn of_header(header: Option<&str>) -> Result<Self, BodyError> {
        let header = header.unwrap_or_default();
        let essence = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines" => {
                Ok(Self::Ndjson)
            }
            "application/json" => Ok(Self::Json),
            "text/csv" => Ok(Self::Csv),
            _ => Err(BodyError::MediaType(crate::parsed::clip(header))),
        }
    }
}

/// Undoes the encoding of a body, borrowing what has none.
///
/// # Errors
/// [`BodyError`] when it is too large, too dense, or broken.
pub fn unfold(encoding: Encoding, body: &[u8], limits: BodyLimits) -> Result<Cow<'_, [u8]>, BodyError> {
    let broken = |source| BodyError::Broken { encoding, source };
    let unfolded = match encoding {
        Encoding::Identity if body.len() > limits.bytes => return Err(BodyError::TooLarge(limits.bytes)),
        Encoding::Identity => return Ok(Cow::Borrowed(body)),
        Encoding::Gzip => read_bounded(flate2::read::MultiGzDecoder::new(body), body.len(), limits),
        Encoding::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(body).map_err(broken)?;
            decoder.window_log_max(23).map_err(broken)?;
            read_bounded(decoder, body.len(), limits)
        }
    };
    unfolded.map(Cow::Owned).map_err(|stop| match stop {
        Stop::Error(source) => broken(source),
        Stop::TooLarge => BodyError::TooLarge(limits.bytes),
        Stop::TooDense => BodyError::TooDense(limits.ratio),
    })
}

enum Stop {
    Error(io::Error),
    TooLarge,
    TooDense,
}

fn read_bounded(decoder: impl Read, encoded_bytes: usize, limits: BodyLimits) -> Result<Vec<u8>, Stop> {
    let dense = encoded_bytes.saturating_mul(limits.ratio).max(BodyLimits::RATIO_FREE_BYTES);
    let most = limits.bytes.min(dense);
    let mut unfolded = Vec::with_capacity(encoded_bytes.saturating_mul(8).min(most));
    let beyond = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(beyond).read_to_end(&mut unfolded).map_err(Stop::Error)?;
    match unfolded.len() > most {
        false => Ok(unfolded),
        true if most == limits.bytes => Err(Stop::TooLarge),
        true => Err(Stop::TooDense),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn noise(bytes: usize) -> Vec<u8> {
        let mut x = 1_u64;
        std::iter::repeat_with(|| {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (x >> 56) as u8
        })
        .take(bytes)
        .collect()
    }

    #[test]
    fn what_was_folded_is_unfolded() {
        let content = noise(300_000);
        let limits = BodyLimits::default();
        assert_eq!(unfold(Encoding::Gzip, &gzip(&content), limits).unwrap(), content);
        let members = [gzip(&content), gzip(&content)].concat();
        assert_eq!(unfold(Encoding::Gzip, &members, limits).unwrap().len(), 600_000);
        assert_eq!(unfold(Encoding::Zstd, &zstd::encode_all(&*content, 3).unwrap(), limits).unwrap(), content);
        assert_eq!(unfold(Encoding::Identity, &content, limits).unwrap(), content);
    }

    #[test]
    fn a_bomb_is_stopped_at_its_bound() {
        let zeros = vec![b'\n'; 40 << 20];
        for (encoding, bomb) in
            [(Encoding::Gzip, gzip(&zeros)), (Encoding::Zstd, zstd::encode_all(&*zeros, 19).unwrap())]
        {
            let dense = unfold(encoding, &bomb, BodyLimits::default());
            assert!(matches!(dense, Err(BodyError::TooDense(250))), "{encoding:?}");
            let large = unfold(encoding, &bomb, BodyLimits { bytes: 1 << 20, ratio: usize::MAX });
            assert!(matches!(large, Err(BodyError::TooLarge(1_048_576))), "{encoding:?}");
        }
        assert!(matches!(
            unfold(Encoding::Identity, &zeros, BodyLimits { bytes: 1000, ratio: 1 }),
            Err(BodyError::TooLarge(1000))
        ));
    }

    #[test]
    fn a_body_exactly_at_its_bound_is_read() {
        let content = noise(1000);
        let limits = |bytes| BodyLimits { bytes, ratio: 250 };
        assert!(unfold(Encoding::Gzip, &gzip(&content), limits(1000)).is_ok());
        assert!(matches!(unfold(Encoding::Gzip, &gzip(&content), limits(999)), Err(BodyError::TooLarge(999))));
    }

    #[test]
    fn a_body_that_is_cut_off_or_not_what_it_says_is_broken() {
        let content = noise(10_000);
        let (gz, zst) = (gzip(&content), zstd::encode_all(&*content, 3).unwrap());
        for (encoding, body) in [
            (Encoding::Gzip, &gz[..gz.len() / 2]),
            (Encoding::Gzip, &zst[..]),
            (Encoding::Gzip, b""),
            (Encoding::Zstd, &zst[..zst.len() / 2]),
            (Encoding::Zstd, &gz[..]),
        ] {
            let read = unfold(encoding, body, BodyLimits::default());
            assert!(matches!(read, Err(BodyError::Broken { .. })), "{encoding:?} of {} bytes: {read:?}", body.len());
        }
    }

    #[test]
    fn a_window_that_would_take_a_gigabyte_is_refused() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(&noise(1000)).unwrap();
        let body = encoder.finish().unwrap();
        assert!(matches!(unfold(Encoding::Zstd, &body, BodyLimits::default()), Err(BodyError::Broken { .. })));
    }

    #[test]
    fn headers_say_what_a_body_is() {
        assert_eq!(Encoding::of_header(None).unwrap(), Encoding::Identity);
        assert_eq!(Encoding::of_header(Some(" GZIP ")).unwrap(), Encoding::Gzip);
        assert!(Encoding::of_header(Some("gzip, zstd")).is_err());
        assert!(Encoding::of_header(Some("br")).is_err());
        assert_eq!(MediaType::of_header(Some("Application/JSON; charset=utf-8")).unwrap(), MediaType::Json);
        assert_eq!(MediaType::of_header(Some("application/x-ndjson")).unwrap(), MediaType::Ndjson);
        assert_eq!(MediaType::of_header(Some("text/csv;header=present")).unwrap(), MediaType::Csv);
        assert!(MediaType::of_header(Some("text/html")).unwrap_err().to_string().contains("text/html"));
        assert!(MediaType::of_header(None).is_err());
    }
}
