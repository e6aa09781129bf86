//! The running loops between the two logs: intake -> inbox -> engine -> settling -> journal and history, with ticks and
//! snapshots beside them. Each loop is a thread with one bounded way in; none waits for a page, and no page waits for any.
//!
//! `intake` makes batches durable, `ticker` adds the beats, `engine_loop` reads both in order, `settle` records what came of it,
//! `keeper` writes snapshots and retires what they cover, `health` says how all of that is doing.

mod arrivals;
mod batch;
mod clock;
mod config;
mod engine_loop;
mod follow;
mod gauges;
mod health;
mod intake;
mod judge;
mod keeper;
mod last_heard;
mod node;
mod parts;
mod projections;
mod pulse;
mod resume;
mod settle;
mod threads;
mod ticker;

pub use batch::{CODEC_ENVELOPED, CODEC_LINES, Handed};
pub use clock::{Clock, DrivenClock, ScaledClock};
pub use config::{NodeConfig, Ticks};
pub use health::{Health, Trouble};
pub use intake::{Accepted, IngestRefused, Receipt};
pub use judge::{AWAY_AFTER, Engines, Judge, Judges};
pub use node::{Node, NodeError};
pub use settle::series_of;
pub use threads::Threads;
