//! An incident's event as the journal has it: its kind, and its body in today's schema.

use domain::event::Event;
use domain::incident::IncidentEvent;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;

pub(crate) fn serialize<S: Serializer>(event: &IncidentEvent, serializer: S) -> Result<S::Ok, S::Error> {
    let event = Event::from(event.clone());
    (event.kind(), event.body().map_err(S::Error::custom)?).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<IncidentEvent, D::Error> {
    let (kind, body) = <(Cow<'de, str>, Value)>::deserialize(deserializer)?;
    let event = Event::from_body(&kind, body).map_err(D::Error::custom)?;
    event.into_incident().map_err(|other| D::Error::custom(format!("{} is no event of an incident", other.kind())))
}
