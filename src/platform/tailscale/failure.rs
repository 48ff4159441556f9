//! What can go wrong with Tailscale, and what to do about it.

use std::time::Duration;

use crate::platform::exec::{CommandOutput, ExecError};

/// Why Tailscale did not do what it was asked. The texts end with the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TailscaleError {
    /// There is no such command.
    #[error("there is no tailscale command in PATH. Install Tailscale: https://tailscale.com/download")]
    NotInstalled,
    /// The daemon does not answer.
    #[error(
        "the Tailscale daemon does not run. Start it: sudo systemctl start tailscaled (macOS, Windows: open the app)"
    )]
    NotRunning,
    /// Nobody is logged in.
    #[error("this machine is logged out of Tailscale. Run: tailscale up{}", .login_url.as_deref().map(|url| format!(" (or open {url})")).unwrap_or_default())]
    LoggedOut {
        /// Where to log in, if the daemon said so.
        login_url: Option<String>,
    },
    /// An administrator has to approve the machine.
    #[error("this machine waits for its approval. Approve it: https://login.tailscale.com/admin/machines")]
    NotApproved,
    /// `tailscale down`.
    #[error("Tailscale is stopped. Run: tailscale up")]
    Stopped,
    /// It comes up.
    #[error("Tailscale is still connecting. Try again in a moment")]
    Starting,
    /// HTTPS certificates, which Serve and Funnel need, are not enabled in the tailnet.
    #[error("HTTPS is not enabled in this tailnet. Enable MagicDNS and HTTPS certificates: {enable_url}")]
    NoHttps {
        /// Where.
        enable_url: String,
    },
    /// The tailnet's policy does not let this machine use Funnel.
    #[error(
        "the tailnet's policy does not allow Funnel on this machine. Add the node attribute \"funnel\" to nodeAttrs: {enable_url}"
    )]
    FunnelNotAllowed {
        /// Where.
        enable_url: String,
    },
    /// Only root and the operator may change Tailscale's configuration.
    #[error(
        "this user may not change Tailscale's configuration. Run once: sudo tailscale set --operator=$USER"
    )]
    Denied,
    /// Something else is served already.
    #[error(
        "port 443 of this machine's Tailscale is in use. See: tailscale serve status; free it: tailscale serve reset"
    )]
    InUse,
    /// It did not end.
    #[error("`tailscale {command}` did not end within {} s. Look at: tailscale status", .limit.as_secs())]
    TimedOut {
        /// Its arguments.
        command: String,
        /// The time limit.
        limit: Duration,
    },
    /// The answer was not wanted any more.
    #[error("`tailscale {command}` was cut off")]
    CutOff {
        /// Its arguments.
        command: String,
    },
    /// An answer that makes no sense.
    #[error("failed to read the answer of `tailscale {command}`: {reason}")]
    Unreadable {
        /// Its arguments.
        command: &'static str,
        /// Why.
        reason: String,
    },
    /// Anything else, in Tailscale's own words.
    #[error("`tailscale {command}` failed: {complaint}")]
    Failed {
        /// Its arguments.
        command: String,
        /// The first thing that it said.
        complaint: String,
    },
}

/// Where HTTPS certificates are enabled for a tailnet.
const ENABLE_HTTPS: &str = "https://login.tailscale.com/admin/dns";
/// What has to be in a policy for Funnel.
const ENABLE_FUNNEL: &str = "https://tailscale.com/s/no-funnel";

// === impl TailscaleError ===

impl TailscaleError {
    /// The meaning of an answer; `None` when the command did what it was asked. Without an approval in the admin
    /// console the command says so on stdout and, depending on its version, ends with success or waits.
    pub(super) fn of(command: &str, output: &CommandOutput) -> Option<Self> {
        let said = format!("{}\n{}", output.stderr, output.stdout);
        if let Some(known) = known(&said) {
            let is_certain = !output.success() || said.contains("is not enabled on your tailnet");
            return is_certain.then_some(known);
        }
        if output.success() {
            return None;
        }
        let complaint = said.lines().map(str::trim).find(|line| !line.is_empty());
        let complaint = complaint.map_or_else(|| format!("ended with {}", output.exit), str::to_owned);
        Some(Self::Failed { command: command.to_owned(), complaint })
    }

    /// The meaning of no answer.
    pub(super) fn of_exec(command: &str, error: ExecError) -> Self {
        match error {
            ExecError::NotFound(_) => Self::NotInstalled,
            ExecError::TimedOut { limit, said, .. } => {
                known(&said).unwrap_or(Self::TimedOut { command: command.to_owned(), limit })
            }
            ExecError::Cancelled(_) => Self::CutOff { command: command.to_owned() },
            error => Self::Failed { command: command.to_owned(), complaint: error.to_string() },
        }
    }
}

/// The complaints that are documented, or that everybody meets.
fn known(said: &str) -> Option<TailscaleError> {
    let lower = said.to_lowercase();
    let has = |words: &str| lower.contains(words);
    let enable_url = |default: &str| link(said).unwrap_or_else(|| default.to_owned());
    if has("failed to connect to local tailscale") || has("is tailscale running?") {
        Some(TailscaleError::NotRunning)
    } else if has("access denied") || has("permission denied") || has("--operator=") || has("must be root") {
        Some(TailscaleError::Denied)
    } else if has("serve is not enabled on your tailnet") || has("https must be enabled") {
        Some(TailscaleError::NoHttps { enable_url: enable_url(ENABLE_HTTPS) })
    } else if has("funnel is not enabled on your tailnet")
        || has("\"funnel\" node attribute not set")
        || has("funnel not available")
    {
        Some(TailscaleError::FunnelNotAllowed { enable_url: enable_url(ENABLE_FUNNEL) })
    } else if has("logged out") || has("not logged in") {
        Some(TailscaleError::LoggedOut { login_url: None })
    } else if has("tailscale is stopped") {
        Some(TailscaleError::Stopped)
    } else if has("already exists under this port") || has("already serving") {
        Some(TailscaleError::InUse)
    } else {
        None
    }
}

/// The link that somebody is to open.
fn link(said: &str) -> Option<String> {
    let link = said.split_whitespace().find(|word| word.starts_with("https://"))?;
    Some(link.trim_end_matches(['.', ',', ')']).to_owned())
}

#[cfg(test)]
mod tests;
