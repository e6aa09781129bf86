//! Pages, live updates and what guards them. View models come from the desk; templates print them; nothing here decides
//! anything about the fleet.

pub mod assets;
pub mod format;
pub mod pages;
pub mod router;
pub mod security;
mod ui;
pub mod view;
pub mod words;

pub use ui::Markup;
