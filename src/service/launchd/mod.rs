//! The gateway as a LaunchAgent of macOS: `~/Library/LaunchAgents/<label>.plist`, and `launchctl` for the domain of
//! the user who is logged in (`gui/<uid>`).
//!
//! launchd keeps its own copy of a definition from `bootstrap` to `bootout`, so one that has changed goes out and comes
//! in again at the next start. `RunAtLoad` makes `bootstrap` a start. What launchd does not know: an exit code after which
//! it must not start again. A start that is refused (78) is tried again, twice a minute at most, and heals with its cause.

mod launchctl;
mod manager;
mod plist;
mod print;
#[cfg(test)]
mod tests;

pub(super) use manager::Launchd;
