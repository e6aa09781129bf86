//! Placeholder opening, replaced with the first real content.
pub mod bank;
pub mod bound;
pub mod components;
pub mod explain;
pub mod profile;
pub mod thresholds;
