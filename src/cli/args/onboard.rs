//! `onboard`.

use clap::{Args, ValueHint};

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
    /// Quickstart asks no more than it has to; advanced asks everything.
    #[arg(long, value_name = "FLOW", value_parser = values::flow())]
    pub(crate) flow: Option<Flow>,
    /// End the exposure when the gateway ends.
    #[arg(long)]
    pub(crate) tailscale_reset_on_exit: bool,
    /// Workspace of the agents.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) workspace: Option<String>,
    /// Install the gateway as a service, which starts it now and at every login.
    #[arg(long, conflicts_with = "no_install_daemon")]
    pub(crate) install_daemon: bool,
    /// Do not install it, and do not ask.
    #[arg(long, alias = "skip-daemon")]
    pub(crate) no_install_daemon: bool,
    /// With --install-daemon: do not wait until the gateway answers.
    #[arg(long)]
    pub(crate) skip_health: bool,
    /// Taken for the sake of scripts for the published program: nothing of it is asked here.
    #[arg(long, hide = true)]
    skip_skills: bool,
    /// Likewise.
    #[arg(long, hide = true)]
    skip_channels: bool,
    /// Likewise.
    #[arg(long, hide = true)]
    skip_ui: bool,
    /// Likewise.
    #[arg(long, hide = true, value_name = "RUNTIME")]
    daemon_runtime: Option<String>,
    /// Profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Print a summary as JSON; asks nothing either.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How much is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// No more than has to be.
    Quickstart,
    /// Everything.
    Advanced,
}
