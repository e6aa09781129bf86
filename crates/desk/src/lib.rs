//! The desk: what is true now (a fold of the journal), who may see and change it, and the commands that do.
//!
//! Every command goes load -> decide -> append -> apply -> publish. Reading goes through a [`View`], which is cut to a scope;
//! nothing else leads to the world. All calls block; where they do is the caller's choice.

pub mod accounts;
mod caller;
mod codec;
pub mod commands;
mod desk;
mod error;
mod feed;
mod ids;
mod projection;
mod streams;
mod view;
pub mod world;

pub use accounts::{LoginRefused, NewPassword, SetupLink, SignedIn, WeakPassword};
pub use caller::Caller;
pub use codec::{Codec, CodecError, Decoded};
pub use commands::findings::FindingsRecorded;
pub use commands::reports::NewReport;
pub use commands::tokens::{NewToken, TokenGrant};
pub use desk::{Desk, DeskParts};
pub use error::DeskError;
pub use feed::{Feed, Flow, Pulse, Recorded, Step, Subscription};
pub use projection::{FOLD_VERSION, SNAPSHOT_NAME, TakenUp};
pub use view::{Hit, Text, TimelineEntry, TimelineWhat, View};
