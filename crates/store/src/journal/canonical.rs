//! JSON in one spelling: keys sorted by their UTF-8 bytes, no white space, so that equal bodies have equal hashes.

use serde::Serialize;
use serde_json::Value;

/// `value` as canonical JSON.
///
/// # Errors
/// When it has no JSON form: a map key that is no text, a number that is not finite.
///
/// ```
/// let body = store::journal::canonical_json(&serde_json::json!({"b": 1, "a": [true, null]}))?;
/// assert_eq!(body, br#"{"a":[true,null],"b":1}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut value = serde_json::to_value(value)?;
    sort(&mut value);
    serde_json::to_vec(&value)
}

/// Sorts the keys of every object. A map of `serde_json` sorts by itself, unless some crate of the build
/// switched on its `preserve_order`; then this does.
fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(sort),
        Value::Object(map) => {
            let mut pairs: Vec<_> = std::mem::take(map).into_iter().collect();
            pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
            pairs.iter_mut().for_each(|(_, value)| sort(value));
            map.extend(pairs);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_order_in_which_fields_were_put_does_not_matter() {
        let a: Value = serde_json::from_str(r#"{"z":{"y":1,"x":[{"d":1,"c":2}]},"a":1.5}"#).unwrap();
        let b: Value = serde_json::from_str(r#"{"a":1.5,"z":{"x":[{"c":2,"d":1}],"y":1}}"#).unwrap();
        assert_eq!(canonical_json(&a).unwrap(), canonical_json(&b).unwrap());
        assert_eq!(canonical_json(&a).unwrap(), br#"{"a":1.5,"z":{"x":[{"c":2,"d":1}],"y":1}}"#);
    }
}
