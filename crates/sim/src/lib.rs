//! Worlds and disruptions: a synthetic chain of shops that produces signals, for tests, benches and the demo.
//!
//! Pure and deterministic: everything follows from a seed, and any hour can be made without the ones before it. No clock, no I/O.
//! [`World`] is the fleet, [`Stream`] its signals in order of arrival, [`Scenario`] what breaks, [`Truth`] what really happened.

pub mod calendar;
pub mod config;
pub mod dice;
mod places;
pub mod scenario;
pub mod stream;
mod traffic;
mod trouble;
pub mod world;

pub use config::{BadWorld, Reporting, Sales, Scale, Shocks, Trouble, WorldConfig};
pub use scenario::{BadScenario, Injected, Scenario, Truth};
pub use stream::{BadStream, Stream, Timed, history, live};
pub use world::{Device, DeviceType, Site, World};
