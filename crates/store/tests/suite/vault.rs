//! What every vault promises.

use super::Home;
use domain::PersonalRef;
use store::vault::Found;
use store::{SubjectId, Vault, VaultError};

/// Randomness that repeats: each call continues one stream of bytes.
pub fn seeded(seed: u8) -> impl FnMut(&mut [u8]) {
    let mut drawn = 0_u64;
    move |bytes: &mut [u8]| {
        blake3::Hasher::new_keyed(&[seed; 32]).update(&drawn.to_le_bytes()).finalize_xof().fill(bytes);
        drawn += 1;
    }
}

pub fn subject(text: &str) -> SubjectId {
    SubjectId::new(text).unwrap()
}

pub fn what_was_put_in_is_got_back_and_only_by_its_reference<V: Vault>(home: &impl Home<V>) {
    let vault = home.open();
    let mut entropy = seeded(1);
    let name = vault.put(&subject("user/u-1"), "name", "Åsa Öberg".as_bytes(), &mut entropy).unwrap();
    let phone = vault.put(&subject("user/u-1"), "phone", b"+46 70 000 00 00", &mut entropy).unwrap();
    let empty = vault.put(&subject("user/u-2"), "name", b"", &mut entropy).unwrap();
    drop(vault);
    let vault = home.open();
    assert_eq!(vault.get(&name).unwrap(), Found::Plain("Åsa Öberg".as_bytes().to_vec()));
    assert_eq!(vault.get(&phone).unwrap(), Found::Plain(b"+46 70 000 00 00".to_vec()));
    assert_eq!(vault.get(&empty).unwrap(), Found::Plain(Vec::new()));
    let mixed = PersonalRef { id: name.id.clone(), commitment: phone.commitment.clone() };
    assert!(matches!(vault.get(&mixed), Err(VaultError::Tampered(_))));
    let unknown = PersonalRef { id: "v-0".into(), commitment: String::new() };
    assert!(matches!(vault.get(&unknown), Err(VaultError::Unknown(_))));
    let items = vault.items_of(&subject("user/u-1")).unwrap();
    assert_eq!(items, [("name".to_owned(), name), ("phone".to_owned(), phone)]);
}

pub fn the_same_words_never_look_the_same<V: Vault>(home: &impl Home<V>) {
    let vault = home.open();
    let mut entropy = seeded(2);
    let mut put = |who| vault.put(&subject(who), "name", b"Kim", &mut entropy).unwrap();
    let (a, b) = (put("user/u-1"), put("user/u-2"));
    assert_ne!(a.commitment, b.commitment, "a commitment must not tell that two people share a name");
    assert_ne!(a.commitment, blake3::hash(b"Kim").to_hex().to_string());
}

pub fn an_erased_subject_is_gone_and_others_are_not<V: Vault>(home: &impl Home<V>) {
    let vault = home.open();
    let mut entropy = seeded(3);
    let gone = vault.put(&subject("user/u-1"), "name", b"Kim", &mut entropy).unwrap();
    let stays = vault.put(&subject("user/u-2"), "name", b"Kim", &mut entropy).unwrap();
    assert!(vault.erase(&subject("user/u-1")).unwrap());
    assert!(!vault.erase(&subject("user/u-1")).unwrap(), "a second time there is nothing left to erase");
    assert!(!vault.erase(&subject("user/u-3")).unwrap());
    drop(vault);
    let vault = home.open();
    assert_eq!(vault.get(&gone).unwrap(), Found::Erased);
    assert_eq!(vault.get(&stays).unwrap(), Found::Plain(b"Kim".to_vec()));
    assert_eq!(vault.items_of(&subject("user/u-1")).unwrap(), []);
    for who in ["user/u-1", "user/u-3"] {
        let refused = vault.put(&subject(who), "name", b"Kim", &mut entropy).unwrap_err();
        assert!(matches!(refused, VaultError::SubjectErased(_)), "{refused}");
    }
}

pub fn what_does_not_fit_is_refused<V: Vault>(home: &impl Home<V>) {
    let vault = home.open();
    let mut entropy = seeded(4);
    let large = vec![0; store::vault::MAX_ITEM_BYTES + 1];
    let refused = vault.put(&subject("user/u-1"), "name", &large, &mut entropy);
    assert!(matches!(refused, Err(VaultError::TooLarge { .. })));
    for class in ["", "Name", "a b"] {
        let refused = vault.put(&subject("user/u-1"), class, b"x", &mut entropy);
        assert!(matches!(refused, Err(VaultError::Class(_))), "{class}");
    }
}

/// All promises of a vault as tests of one backend.
macro_rules! vault_suite {
    ($make:path) => {
        crate::suite::suite_of!(
            vault,
            $make,
            [
                what_was_put_in_is_got_back_and_only_by_its_reference,
                the_same_words_never_look_the_same,
                an_erased_subject_is_gone_and_others_are_not,
                what_does_not_fit_is_refused,
            ]
        );
    };
}
pub(crate) use vault_suite;
