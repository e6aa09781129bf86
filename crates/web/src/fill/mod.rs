//! From the desk to view models: one file per page. Nothing is decided here; what the desk and history say is put where the
//! templates look for it.

pub(crate) mod cost;
pub(crate) mod device;
pub(crate) mod finding;
pub(crate) mod fleet;
pub(crate) mod incident;
pub(crate) mod lines;
pub(crate) mod notices;
pub(crate) mod opening;
pub(crate) mod overview;
pub(crate) mod places;
pub(crate) mod settings;
pub(crate) mod site;
pub(crate) mod timeline;
pub(crate) mod why;
