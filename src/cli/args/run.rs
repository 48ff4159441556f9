//! Options of the run: `gateway` and `gateway run`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::exec::ExecArgs;
use super::log::LogArgs;
use crate::cli::values;
use crate::settings::{AuthMode, BindMode, Secret, TailscaleMode};

/// Options of `gateway` and `gateway run`.
#[derive(Debug, Clone, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one per flag, as typed")]
pub(crate) struct RunArgs {
    /// Port to listen on; 0 picks a free one.
    #[arg(long, allow_negative_numbers = true, value_parser = values::port)]
    pub(crate) port: Option<u16>,
    /// Addresses to listen on.
    #[arg(long, value_name = "MODE", value_parser = values::bind_mode())]
    pub(crate) bind: Option<BindMode>,
    /// Token that clients have to send.
    #[arg(long, value_parser = values::secret)]
    pub(crate) token: Option<Secret>,
    /// How clients authenticate.
    #[arg(long, value_name = "MODE", value_parser = values::auth_mode())]
    pub(crate) auth: Option<AuthMode>,
    /// Password that clients have to send.
    #[arg(long, value_parser = values::secret)]
    pub(crate) password: Option<Secret>,
    /// Let Tailscale expose the gateway, to the tailnet (serve) or to the internet (funnel).
    #[arg(long, value_name = "MODE", value_parser = values::tailscale_mode())]
    pub(crate) tailscale: Option<TailscaleMode>,
    /// With --tailscale: remove what Tailscale serves on this machine at the end.
    #[arg(long)]
    pub(crate) tailscale_reset_on_exit: bool,
    /// Start although the configuration does not say gateway.mode=local.
    #[arg(long)]
    pub(crate) allow_unconfigured: bool,
    /// End whoever holds the port, then start.
    #[arg(long)]
    pub(crate) force: bool,
    /// Develop: use profile `dev`, seed it, and reload on every edit.
    #[arg(long)]
    pub(crate) dev: bool,
    /// With --dev: remove the dev configuration, credentials, sessions, and workspace first.
    #[arg(long)]
    pub(crate) reset: bool,
    /// With --dev: in a new profile and on a free port, both gone afterwards.
    #[arg(long)]
    pub(crate) ephemeral: bool,
    /// With --reset: also remove a workspace that is a git checkout with unsaved work.
    #[arg(long)]
    pub(crate) yes: bool,
    /// What is logged.
    #[command(flatten)]
    pub(crate) log: LogArgs,
    /// With --dev: also reload when something below PATH changes (repeatable).
    #[arg(long, value_name = "PATH")]
    pub(crate) watch: Vec<PathBuf>,
    /// With --dev: paths whose changes do not count (repeatable).
    #[arg(long, value_name = "GLOB")]
    pub(crate) ignore: Vec<String>,
    /// With --dev: below the paths of --watch only files with this extension count (repeatable, or separated by commas).
    #[arg(long, value_name = "EXT", value_delimiter = ',', value_parser = values::extension)]
    pub(crate) ext: Vec<String>,
    /// With --dev: wait for this much quiet after a save (2ms for one file, 50ms for several).
    #[arg(long, value_name = "TIME", value_parser = values::pause)]
    pub(crate) debounce: Option<Duration>,
    /// With --dev: nothing is watched; what runs is replaced on request alone. For `dev replay`, in which edits are
    /// those of what runs.
    #[arg(long, hide = true)]
    pub(crate) no_watch: bool,
    /// A command in place of the gateway.
    #[command(flatten)]
    pub(crate) exec: ExecArgs,
    /// Record every frame in DIR (default: recordings/ in the state directory).
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) record: Option<OsString>,
    /// Start nothing: show every setting, its value, and where it comes from.
    #[arg(long)]
    pub(crate) explain: bool,
    /// With --dev: print one JSON object per state change instead of lines for people.
    #[arg(long, value_name = "FORMAT", value_parser = values::events_format())]
    pub(crate) events: Option<EventsFormat>,
    /// Print JSON: one object when it serves, or when it is refused. With --dev: the same as --events json.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Form of the state changes on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventsFormat {
    /// One JSON object per line.
    Json,
}

// === impl RunArgs ===

impl RunArgs {
    /// These options, completed by those of the level above.
    pub(crate) fn completed_by(self, outer: Self) -> Self {
        Self {
            port: self.port.or(outer.port),
            bind: self.bind.or(outer.bind),
            token: self.token.or(outer.token),
            auth: self.auth.or(outer.auth),
            password: self.password.or(outer.password),
            tailscale: self.tailscale.or(outer.tailscale),
            tailscale_reset_on_exit: self.tailscale_reset_on_exit || outer.tailscale_reset_on_exit,
            allow_unconfigured: self.allow_unconfigured || outer.allow_unconfigured,
            force: self.force || outer.force,
            dev: self.dev || outer.dev,
            reset: self.reset || outer.reset,
            ephemeral: self.ephemeral || outer.ephemeral,
            yes: self.yes || outer.yes,
            log: self.log.completed_by(outer.log),
            watch: [outer.watch, self.watch].concat(),
            ignore: [outer.ignore, self.ignore].concat(),
            ext: [outer.ext, self.ext].concat(),
            debounce: self.debounce.or(outer.debounce),
            no_watch: self.no_watch || outer.no_watch,
            exec: self.exec.completed_by(outer.exec),
            record: self.record.or(outer.record),
            explain: self.explain || outer.explain,
            events: self.events.or(outer.events),
            json: self.json || outer.json,
        }
    }

    /// The first option that means nothing to a command that only talks to a gateway.
    pub(crate) fn first_of_the_run(&self) -> Option<&'static str> {
        let typed = [
            (self.port.is_some(), "--port"),
            (self.bind.is_some(), "--bind"),
            (self.auth.is_some(), "--auth"),
            (self.tailscale.is_some(), "--tailscale"),
            (self.tailscale_reset_on_exit, "--tailscale-reset-on-exit"),
            (self.allow_unconfigured, "--allow-unconfigured"),
            (self.force, "--force"),
            (self.record.is_some(), "--record"),
            (self.explain, "--explain"),
        ];
        let first = typed.into_iter().find_map(|(typed, name)| typed.then_some(name));
        self.first_of_dev_mode().or(first).or_else(|| self.log.first())
    }

    /// The first option that means nothing outside dev mode.
    pub(crate) fn first_of_dev_mode(&self) -> Option<&'static str> {
        let typed = [
            (self.reset, "--reset"),
            (self.ephemeral, "--ephemeral"),
            (self.yes, "--yes"),
            (!self.watch.is_empty(), "--watch"),
            (!self.ignore.is_empty(), "--ignore"),
            (self.events.is_some(), "--events"),
            (!self.ext.is_empty(), "--ext"),
            (self.debounce.is_some(), "--debounce"),
            (self.no_watch, "--no-watch"),
        ];
        typed.into_iter().find_map(|(typed, name)| typed.then_some(name)).or_else(|| self.exec.first())
    }
}
