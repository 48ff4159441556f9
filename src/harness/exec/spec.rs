//! Everything that was said about a command, and what follows from it before it runs.

use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

use super::{CommandLine, Placeholder, Readiness, Tier, TierChoice};
use crate::harness::supervisor::state::Limits;
use crate::platform::program::{self, NoProgram};
use crate::platform::signals::Passed;
use crate::platform::stdio;
use crate::profile::{EnvMap, vars};
use crate::settings::{BindPlan, GatewaySettings};

/// A command to supervise in place of our own gateway.
#[derive(Debug, Clone)]
pub struct ExecSpec {
    /// The command.
    pub command: CommandLine,
    /// How it is reached, when somebody said so.
    pub tier: Option<Tier>,
    /// What runs before it is started again.
    pub build: Option<CommandLine>,
    /// What shows that it answers at a port of its own.
    pub readiness: Readiness,
    /// Whether two of it may run at once.
    pub overlap: bool,
    /// Where it runs, and where its program is looked for.
    pub directory: PathBuf,
    /// The signal that asks it to end.
    pub stop_signal: Passed,
    /// How long it may take to end.
    pub stop_timeout: Duration,
    /// How long it may take to get ready.
    pub ready_timeout: Duration,
    /// Whether its standard output goes to standard error, because the harness's own says something else.
    pub output_is_taken: bool,
}

impl ExecSpec {
    /// How long a command has to end when nobody says otherwise.
    pub const STOP_TIMEOUT: Duration = Duration::from_secs(10);
    /// How long it has to get ready.
    pub const READY_TIMEOUT: Duration = Duration::from_mins(1);

    /// Standard output and error for what runs.
    pub fn streams(&self) -> io::Result<[OwnedFd; 2]> {
        let [_, output, error] = stdio::own()?;
        let output = if self.output_is_taken { error.try_clone()? } else { output };
        Ok([output, error])
    }

    /// The program that a name means for the command.
    pub fn find(&self, name: &str, env: &EnvMap) -> Result<PathBuf, NoProgram> {
        program::find(name, env.get(vars::PATH), &self.directory)
    }

    /// Whether the command can run with these settings. One that is no server needs no sockets.
    ///
    /// A command that binds a port of its own sees every client come from this machine. Many trust those more than
    /// others, so clients from elsewhere are not forwarded.
    pub fn admit(&self, settings: &GatewaySettings, bind: &mut BindPlan) -> Result<(), String> {
        if self.command.uses(Placeholder::Token) && settings.auth.token.is_none() {
            return Err("the command asks for {token}, and no token is configured; set gateway.auth.token, or pass --token"
                .to_owned());
        }
        match TierChoice::of(self.tier, &self.command) {
            TierChoice::Known(Tier::Nothing) => bind.addresses.clear(),
            TierChoice::Known(Tier::Port) if !is_local(bind) => {
                return Err(
                    "the command binds a port of its own, so that every client would look local to it; use \
                            --bind loopback"
                        .to_owned(),
                );
            }
            TierChoice::Known(_) | TierChoice::ToBeSeen => {}
        }
        Ok(())
    }

    /// The time limits of supervision.
    pub fn limits(&self) -> Limits {
        Limits {
            ready: self.ready_timeout,
            goodbye: self.stop_timeout,
            stop: self.stop_timeout,
            ..Limits::default()
        }
    }
}

/// Whether nobody from outside can connect.
fn is_local(bind: &BindPlan) -> bool {
    bind.addresses.iter().all(|planned| planned.address.is_loopback())
}
