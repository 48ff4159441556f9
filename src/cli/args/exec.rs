//! Options of dev mode that are about a command in place of our own gateway.

use std::time::Duration;

use clap::Args;

use crate::cli::values;
use crate::harness::exec::{CommandLine, Readiness, Tier};
use crate::platform::signals::Passed;

/// Options of `gateway --dev` about `--exec`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ExecArgs {
    /// With --dev: run CMD instead of the gateway of this program. {port}, {config}, {state}, {workspace}, and {token}
    /// are filled in.
    #[arg(long, value_name = "CMD", value_parser = values::command)]
    pub(crate) exec: Option<CommandLine>,
    /// With --exec: how CMD is reached, instead of finding out.
    #[arg(long, value_parser = values::tier())]
    pub(crate) tier: Option<Tier>,
    /// With --exec: run this before CMD is started, also again; while it fails, what runs goes on.
    #[arg(long, value_name = "CMD", value_parser = values::command)]
    pub(crate) build: Option<CommandLine>,
    /// With --exec: clear the terminal before CMD is started again.
    #[arg(long)]
    pub(crate) clear: bool,
    /// With --exec: what shows that CMD answers at a port of its own: connect, an HTTP path such as /health, or hello
    /// (a gateway's).
    #[arg(long, value_name = "CHECK", value_parser = values::readiness)]
    pub(crate) ready: Option<Readiness>,
    /// With --exec: two of CMD may run at once, so the next one gets ready beside the last one.
    #[arg(long)]
    pub(crate) overlap: bool,
    /// With --exec: the signal that asks CMD to end (SIGTERM).
    #[arg(long, value_parser = values::signal)]
    pub(crate) signal: Option<Passed>,
    /// With --exec: how long CMD may take to end until it is killed (10s).
    #[arg(long, value_name = "TIME", value_parser = values::time_limit)]
    pub(crate) stop_timeout: Option<Duration>,
    /// With --exec: how long CMD may take to get ready (60s).
    #[arg(long, value_name = "TIME", value_parser = values::time_limit)]
    pub(crate) ready_timeout: Option<Duration>,
}

impl ExecArgs {
    /// These options, completed by those of the level above.
    pub(super) fn completed_by(self, outer: Self) -> Self {
        Self {
            exec: self.exec.or(outer.exec),
            tier: self.tier.or(outer.tier),
            build: self.build.or(outer.build),
            clear: self.clear || outer.clear,
            ready: self.ready.or(outer.ready),
            overlap: self.overlap || outer.overlap,
            signal: self.signal.or(outer.signal),
            stop_timeout: self.stop_timeout.or(outer.stop_timeout),
            ready_timeout: self.ready_timeout.or(outer.ready_timeout),
        }
    }

    /// The first option that was typed at all.
    pub(super) fn first(&self) -> Option<&'static str> {
        self.exec.as_ref().map(|_| "--exec").or_else(|| self.first_of_the_command())
    }

    /// The first option that means nothing without `--exec`.
    pub(crate) fn first_of_the_command(&self) -> Option<&'static str> {
        let typed = [
            (self.tier.is_some(), "--tier"),
            (self.build.is_some(), "--build"),
            (self.clear, "--clear"),
            (self.ready.is_some(), "--ready"),
            (self.overlap, "--overlap"),
            (self.signal.is_some(), "--signal"),
            (self.stop_timeout.is_some(), "--stop-timeout"),
            (self.ready_timeout.is_some(), "--ready-timeout"),
        ];
        typed.into_iter().find_map(|(typed, name)| typed.then_some(name))
    }
}
