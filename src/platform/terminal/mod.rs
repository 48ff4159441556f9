//! The terminal: whether there is one, how wide it is, and single keys typed on it. Draws nothing.

#[cfg(unix)]
mod decode;
mod hidden;
#[cfg_attr(unix, path = "keys_unix.rs")]
#[cfg_attr(not(unix), path = "keys_none.rs")]
mod keys;
#[cfg(unix)]
mod modes;
mod presence;
mod size;

pub use hidden::hidden_line;
pub use keys::Keys;
pub use presence::Presence;
pub use size::{can_be_drawn_on, stderr_is_terminal, stdin_is_terminal, stdout_is_terminal, width};
