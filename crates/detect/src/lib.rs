//! The mathematics of finding stops and explaining them: baselines, sequential tests, their bounds, and what the failing share. Pure.

pub mod bank;
pub mod bound;
pub mod calendar;
pub mod components;
pub mod explain;
pub mod profile;
pub mod thresholds;
