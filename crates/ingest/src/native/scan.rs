//! One object's text into [`Slots`], in one pass and without copying: unknown and repeated names are refused here, by name.

use super::Fault;
use super::field::Field;
use super::slots::{Slots, Value};
use crate::parsed::clip;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Fills the slots from the text of one object.
pub(super) fn fill<'a>(slots: &mut Slots<'a>, text: &'a str) -> Result<(), Fault> {
    slots.clear();
    let mut at_fault = None;
    let mut json = serde_json::Deserializer::from_str(text);
    let read = LineSeed { slots, at_fault: &mut at_fault }.deserialize(&mut json).and_then(|()| json.end());
    read.map_err(|error| fault(&error, at_fault))
}

/// Says a JSON error in our words: the field for one of meaning, the column for one of form.
pub(super) fn fault(error: &serde_json::Error, at_fault: Option<String>) -> Fault {
    let said = error.to_string();
    let reason = said.rsplit_once(" at line ").map_or(said.as_str(), |(reason, _)| reason);
    match error.classify() {
        Category::Data => Fault { field: at_fault, reason: reason.to_owned() },
        _ => Fault::line(format!("is not JSON: {reason} (column {})", error.column())),
    }
}

struct LineSeed<'s, 'a> {
    slots: &'s mut Slots<'a>,
    at_fault: &'s mut Option<String>,
}

impl<'a> DeserializeSeed<'a> for LineSeed<'_, 'a> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for LineSeed<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one signal as a JSON object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(field) = map.next_key_seed(FieldSeed { at_fault: self.at_fault })? {
            if !self.slots.meet(field) {
                *self.at_fault = Some(field.name().to_owned());
                return Err(M::Error::custom("appears twice"));
            }
            let value = if field.is_raw() {
                map.next_value::<&RawValue>().map(|raw| Value::Raw(raw.get()))
            } else {
                map.next_value_seed(ScalarSeed)
            };
            match value {
                Ok(value) => self.slots.put(field, value),
                Err(error) => {
                    *self.at_fault = Some(field.name().to_owned());
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// A name that must be a field's.
struct FieldSeed<'s> {
    at_fault: &'s mut Option<String>,
}

impl<'a> DeserializeSeed<'a> for FieldSeed<'_> {
    type Value = Field;
    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Field, D::Error> {
        json.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldSeed<'_> {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Field, E> {
        Field::of(name).ok_or_else(|| {
            *self.at_fault = Some(clip(name));
            E::custom("is not a field of any signal")
        })
    }
}

/// A value that is not nested.
struct ScalarSeed;

impl<'a> DeserializeSeed<'a> for ScalarSeed {
    type Value = Value<'a>;
    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Value<'a>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for ScalarSeed {
    type Value = Value<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true, false or null")
    }

    fn visit_unit<E>(self) -> Result<Value<'a>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value<'a>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value<'a>, E> {
        Ok(Value::Whole(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value<'a>, E> {
        Ok(u64::try_from(value).map_or(Value::Negative(value), Value::Whole))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value<'a>, E> {
        Ok(Value::Float(value))
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Value<'a>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'a>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_map<M: MapAccess<'a>>(self, _: M) -> Result<Value<'a>, M::Error> {
        Err(M::Error::custom("must not be an object"))
    }

    fn visit_seq<S: SeqAccess<'a>>(self, _: S) -> Result<Value<'a>, S::Error> {
        Err(S::Error::custom("must not be a list"))
    }
}
