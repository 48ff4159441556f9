//! `gateway probe`.

use std::path::PathBuf;

use clap::Args;

use super::{ClientArgs, RunArgs};
use crate::cli::values;
use crate::platform::ssh::Server;
use crate::settings::Secret;
use crate::tls::Fingerprint;

/// Options of `gateway probe`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ProbeArgs {
    /// Look from profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// One more gateway to look at.
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// Token for the gateways that --url or --ssh name.
    #[arg(long, value_parser = values::secret)]
    pub(crate) token: Option<Secret>,
    /// Password for the gateways that --url or --ssh name.
    #[arg(long, value_parser = values::secret)]
    pub(crate) password: Option<Secret>,
    /// SHA-256 of the certificate that the gateway of --url has to have.
    #[arg(long, value_name = "SHA256", value_parser = Fingerprint::parse)]
    pub(crate) tls_fingerprint: Option<Fingerprint>,
    /// Look at this machine's gateway too, through an SSH tunnel; without it, `gateway.remote.sshTarget`.
    #[arg(long, value_name = "USER@HOST[:PORT]", value_parser = Server::parse)]
    pub(crate) ssh: Option<Server>,
    /// Look through an SSH tunnel to the first other machine whose gateway announces itself in the local network.
    #[arg(long, conflicts_with = "ssh")]
    pub(crate) ssh_auto: bool,
    /// Key file for the tunnel.
    #[arg(long, value_name = "PATH")]
    pub(crate) ssh_identity: Option<PathBuf>,
    /// How long to look, in milliseconds.
    #[arg(long = "timeout", value_name = "MS", default_value_t = 3_000)]
    pub(crate) timeout_ms: u64,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

// === impl ProbeArgs ===

impl ProbeArgs {
    /// These options, completed by those that stood before the command's name.
    pub(crate) fn completed_by(self, outer: RunArgs) -> Self {
        Self {
            token: self.token.or(outer.token),
            password: self.password.or(outer.password),
            json: self.json || outer.json,
            ..self
        }
    }

    /// The same as for a command that asks one gateway.
    pub(crate) fn client(&self, url: Option<&str>) -> ClientArgs {
        ClientArgs {
            url: url.map(str::to_owned),
            token: self.token.clone(),
            password: self.password.clone(),
            tls_fingerprint: self.tls_fingerprint.filter(|_| url.is_some()),
            timeout_ms: self.timeout_ms,
            json: self.json,
        }
    }
}
