//! Pages, REST, ingest and live updates, and what guards them. View models are filled from the desk; templates print them;
//! nothing here decides anything about the fleet.

mod app;
pub mod assets;
mod board;
mod charts;
mod compression;
mod convert;
mod fill;
pub mod format;
mod hours;
mod imports;
mod limits;
pub mod pages;
mod port;
pub mod router;
mod routes;
pub mod security;
mod state;
mod tickets;
mod ui;
pub mod view;
mod visit;
pub mod words;

pub use app::app;
pub use port::{
    Clock, Condition, DemoControl, DemoState, Durable, Incoming, IntakeRefused, Loops, Metric, Unregistered,
};
pub use state::{AppParts, AppState, Shared};
pub use ui::Markup;
