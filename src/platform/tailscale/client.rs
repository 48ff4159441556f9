//! The questions.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{Owner, Status, TailscaleError, program, status, whois};
use crate::platform::exec::{Cancel, CommandLine, CommandOutput, CommandRunner, SystemRunner};

/// Time limit of questions about the state.
const ASKING: Duration = Duration::from_secs(5);
/// Time limit of a change, which may have to fetch a certificate.
const CHANGING: Duration = Duration::from_secs(15);
/// Time limit of a question that a client waits for.
const IDENTIFYING: Duration = Duration::from_secs(3);
/// Time limit of what happens while the gateway ends.
const ENDING: Duration = Duration::from_secs(5);

/// To whom something is exposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Public {
    /// The tailnet: `tailscale serve`.
    Tailnet,
    /// The internet: `tailscale funnel`.
    Internet,
}

/// What it leads to, on loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A port that speaks HTTP.
    Plain(u16),
    /// A port that speaks HTTPS, with a certificate that need not be known: nothing leaves the machine.
    Tls(u16),
}

/// The `tailscale` command of this machine.
#[derive(Debug, Clone)]
pub struct Tailscale {
    program: PathBuf,
    runner: Arc<dyn CommandRunner>,
    cancel: Cancel,
}

// === impl Public ===

impl Public {
    /// The subcommand.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Tailnet => "serve",
            Self::Internet => "funnel",
        }
    }
}

// === impl Tailscale ===

impl Tailscale {
    /// Looks it up in `path`, the variable `PATH`, and where the application for macOS has it. `cancel` cuts off
    /// whatever it is asked.
    pub fn find(path: Option<&str>, cancel: &Cancel) -> Result<Self, TailscaleError> {
        let program = program::find(path, Path::new("/")).ok_or(TailscaleError::NotInstalled)?;
        Ok(Self { program, runner: Arc::new(SystemRunner), cancel: cancel.clone() })
    }

    /// This machine's place in the tailnet; an error unless it is connected.
    pub fn status(&self) -> Result<Status, TailscaleError> {
        let output = self.run(&["status", "--json"], ASKING)?;
        // Logged out is said with an exit code too; the answer says more.
        match TailscaleError::of("status --json", &output) {
            Some(error) if output.stdout.trim().is_empty() => Err(error),
            _ => status::parse(&output.stdout),
        }
    }

    /// Has HTTPS on this machine's name lead to `target`, until it is reset, also after our end.
    pub fn expose(&self, public: Public, target: Target) -> Result<(), TailscaleError> {
        let target = match target {
            Target::Plain(port) => port.to_string(),
            Target::Tls(port) => format!("https+insecure://localhost:{port}"),
        };
        self.change(&[public.verb(), "--bg", "--yes", &target], CHANGING)
    }

    /// Removes everything that is exposed that way.
    pub fn reset(&self, public: Public) -> Result<(), TailscaleError> {
        self.change(&[public.verb(), "reset"], ENDING)
    }

    /// Whose machine has `address`.
    pub fn whois(&self, address: IpAddr) -> Result<Owner, TailscaleError> {
        let output = self.run(&["whois", "--json", &address.to_string()], IDENTIFYING)?;
        if output.success() {
            return whois::parse(&output.stdout);
        }
        let said = output.stderr.to_lowercase();
        if said.contains("peer not found") || said.contains("no match for ip") {
            return Ok(Owner::Nobody);
        }
        Err(TailscaleError::of("whois --json", &output).unwrap_or(TailscaleError::NotRunning))
    }

    fn change(&self, arguments: &[&str], limit: Duration) -> Result<(), TailscaleError> {
        let output = self.run(arguments, limit)?;
        TailscaleError::of(&arguments.join(" "), &output).map_or(Ok(()), Err)
    }

    fn run(&self, arguments: &[&str], limit: Duration) -> Result<CommandOutput, TailscaleError> {
        let line = CommandLine::new(&self.program).args(arguments).timeout(limit).until(&self.cancel);
        self.runner.run(&line).map_err(|error| TailscaleError::of_exec(&arguments.join(" "), error))
    }
}

#[cfg(test)]
mod tests;
