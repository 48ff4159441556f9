//! What a replay does with a recording: which message is sent when, what has to have come before, and where the
//! answers differ. Pure: sockets, processes, and the clock are `cli::commands::dev_replay`'s.
//!
//! - [`Journal`]: the lines of a recording; [`Script`]: what follows from them, in its order.
//! - [`Conductor`]: goes through a script as what comes allows, and says what has to be done.
//! - [`Rules`]: what may differ without being told (`dev/REPLAY.md`). [`Findings`]: what does.

mod compare;
mod conduct;
mod difference;
mod frame;
mod journal;
mod judge;
mod learned;
mod lexeme;
mod places;
mod rules;
mod script;
mod signing;
mod text;
mod unified;

pub use compare::{Mismatch, Segment, Step, Subject};
pub use conduct::{Action, Conductor, Moment, Outgoing, Plan, Speed};
pub use difference::{About, Count, Difference, End, Findings, KEPT, What};
pub use journal::{Headers, Journal, JournalError, Message};
pub use places::{HOME, Places};
pub use rules::{BUILT_IN, Ignore, IgnoreError, Rules};
pub use script::{NEVER_SENT, Script};
pub use signing::{Access, Keys, KeysError};
pub use unified::{Line, pretty, unified};
