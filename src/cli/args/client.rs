//! Options of every command that talks to a running gateway.

use clap::Args;

use super::RunArgs;
use crate::cli::values;
use crate::settings::Secret;
use crate::tls::Fingerprint;

/// How to reach a running gateway.
#[derive(Debug, Clone, Args)]
pub(crate) struct ClientArgs {
    /// The gateway's WebSocket address; without it, the profile's own gateway.
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// Token to send.
    #[arg(long, value_parser = values::secret)]
    pub(crate) token: Option<Secret>,
    /// Password to send.
    #[arg(long, value_parser = values::secret)]
    pub(crate) password: Option<Secret>,
    /// SHA-256 of the certificate that a wss:// gateway has to have; without it, one that this machine trusts.
    #[arg(long, value_name = "SHA256", value_parser = Fingerprint::parse)]
    pub(crate) tls_fingerprint: Option<Fingerprint>,
    /// How long to wait for an answer, in milliseconds.
    #[arg(long = "timeout", value_name = "MS", default_value_t = 10_000)]
    pub(crate) timeout_ms: u64,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

// === impl ClientArgs ===

impl ClientArgs {
    /// These options, completed by those that stood before the command's name.
    pub(crate) fn completed_by(self, outer: RunArgs) -> Self {
        Self {
            token: self.token.or(outer.token),
            password: self.password.or(outer.password),
            json: self.json || outer.json,
            ..self
        }
    }
}
