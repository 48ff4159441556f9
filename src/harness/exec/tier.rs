//! What a command can do, which decides how one generation of it follows another. Pure.

use super::{CommandLine, Placeholder};
use crate::harness::supervisor::state::Succession;

/// How a command is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// It takes the sockets of the harness (`LISTEN_FDS`) and says when it is ready (`NOTIFY_SOCKET`).
    Sockets,
    /// It binds a port of its own, to which the harness forwards.
    Port,
    /// It is no server.
    Nothing,
}

/// What is known of a command before it has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TierChoice {
    /// Said by the person, or by the command line itself.
    Known(Tier),
    /// It is offered both, and shows by what it does.
    ToBeSeen,
}

impl Tier {
    /// The word for it, as options and events have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sockets => "sockets",
            Self::Port => "port",
            Self::Nothing => "none",
        }
    }

    /// How one generation follows another; `overlap` says that two may run at once.
    pub fn succession(self, overlap: bool) -> Succession {
        match self {
            Self::Sockets => Succession::Beside,
            Self::Port if overlap => Succession::Beside,
            Self::Port | Self::Nothing => Succession::After,
        }
    }
}

impl TierChoice {
    /// What is asked for; otherwise a command that is told its port on its command line binds that.
    pub fn of(asked: Option<Tier>, command: &CommandLine) -> Self {
        match asked {
            Some(tier) => Self::Known(tier),
            None if command.uses(Placeholder::Port) => Self::Known(Tier::Port),
            None => Self::ToBeSeen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(asked: Option<Tier>, command: &str, expect: TierChoice) {
        assert_eq!(TierChoice::of(asked, &CommandLine::parse(command).unwrap()), expect, "{command}");
    }

    #[test]
    fn a_port_on_the_command_line_is_one_that_the_command_binds() {
        check(None, "server --port {port}", TierChoice::Known(Tier::Port));
        check(None, "server --port=$PORT", TierChoice::Known(Tier::Port));
        check(None, "server", TierChoice::ToBeSeen);
        check(None, "server --token {token}", TierChoice::ToBeSeen);
        check(Some(Tier::Sockets), "server --port {port}", TierChoice::Known(Tier::Sockets));
    }
}
