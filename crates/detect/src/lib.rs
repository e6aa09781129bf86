//! Placeholder opening, replaced with the first real content.
pub mod bound;
pub mod bank;
pub mod profile;
pub mod components;
pub mod explain;
pub mod thresholds;
