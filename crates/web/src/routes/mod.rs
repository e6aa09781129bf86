//! Where each address leads: one file per room. Handlers read what was asked and say what is answered; what it means is the
//! desk's.

pub(crate) mod api;
pub(crate) mod demo;
pub(crate) mod fragments;
mod given_back;
pub(crate) mod import;
pub(crate) mod incidents;
pub(crate) mod ingest;
pub(crate) mod json;
pub(crate) mod live;
pub(crate) mod login;
pub(crate) mod metrics;
pub(crate) mod pages;
pub(crate) mod refusals;
pub(crate) mod report;
pub(crate) mod settings;
