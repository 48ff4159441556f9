//! `gateway install` and what follows from it.
//!
//! Most of it needs a user's systemd manager that it may use. It writes units of profiles that nobody has into the
//! manager's own directory and removes them afterwards, so it wants to be asked: `CLAWDBOT_TEST_SYSTEMD=1`. Without
//! it these tests say that they did not run; on CI they fail instead, unless it is `unavailable`.

mod faults;
mod installed;
mod life;
mod neighbours;
mod takeover;
mod unreachable;
