//! `onboard`.

use clap::Args;

use crate::cli::values;
use crate::onboarding::OnboardAuth;
use crate::settings::{BindMode, Secret, TailscaleMode};

/// Options of `onboard`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one per flag, as typed")]
pub(crate) struct OnboardArgs {
    /// Ask nothing; everything comes from the options, and the rest from what is there or the defaults.
    #[arg(long)]
    pub(crate) non_interactive: bool,
    /// Understood that agents run commands on this machine: <https://docs.clawd.bot/security>.
    #[arg(long)]
    pub(crate) accept_risk: bool,
    /// Port of the gateway.
    #[arg(long, value_name = "PORT")]
    pub(crate) gateway_port: Option<String>,
    /// Addresses to listen on.
    #[arg(long, value_name = "MODE", value_parser = values::bind_mode())]
    pub(crate) gateway_bind: Option<BindMode>,
    /// How clients authenticate.
    #[arg(long, value_name = "MODE", value_parser = values::onboard_auth())]
    pub(crate) gateway_auth: Option<OnboardAuth>,
    /// The token; without it an existing one is kept, or one is made.
    #[arg(long, value_name = "TOKEN", value_parser = values::secret)]
    pub(crate) gateway_token: Option<Secret>,
    /// The password.
    #[arg(long, value_name = "PASSWORD", value_parser = values::secret)]
    pub(crate) gateway_password: Option<Secret>,
    /// Expose the gateway with Tailscale.
    #[arg(long, value_name = "MODE", value_parser = values::tailscale_mode())]
    pub(crate) tailscale: Option<TailscaleMode>,
    /// End the exposure when the gateway ends.
    #[arg(long)]
    pub(crate) tailscale_reset_on_exit: bool,
    /// Workspace of the agents.
    #[arg(long, value_name = "DIR")]
    pub(crate) workspace: Option<String>,
    /// Profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Print a summary as JSON; asks nothing either.
    #[arg(long)]
    pub(crate) json: bool,
}
