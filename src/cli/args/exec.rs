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
    /// How CMD is reached and ended.
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// With --exec: run this before CMD is started, also again; while it fails, what runs goes on.
    #[arg(long, value_name = "CMD", value_parser = values::command)]
    pub(crate) build: Option<CommandLine>,
    /// With --exec: clear the terminal before CMD is started again.
    #[arg(long)]
    pub(crate) clear: bool,
    /// With --exec: two of CMD may run at once, so the next one gets ready beside the last one.
    #[arg(long)]
    pub(crate) overlap: bool,
}

/// Options about a server that is not ours, wherever it is started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub(crate) struct ServerArgs {
    /// With --exec: how CMD is reached, instead of finding out.
    #[arg(long, value_parser = values::tier())]
    pub(crate) tier: Option<Tier>,
    /// With --exec: what shows that CMD answers at a port of its own: connect, an HTTP path such as /health, or hello
    /// (a gateway's).
    #[arg(long, value_name = "CHECK", value_parser = values::readiness)]
    pub(crate) ready: Option<Readiness>,
    /// With --exec: how long CMD may take to get ready (60s).
    #[arg(long, value_name = "TIME", value_parser = values::time_limit)]
    pub(crate) ready_timeout: Option<Duration>,
    /// With --exec: the signal that asks CMD to end (SIGTERM).
    #[arg(long, value_parser = values::signal)]
    pub(crate) signal: Option<Passed>,
    /// With --exec: how long CMD may take to end until it is killed (10s).
    #[arg(long, value_name = "TIME", value_parser = values::time_limit)]
    pub(crate) stop_timeout: Option<Duration>,
}

impl ExecArgs {
    /// These options, completed by those of the level above.
    pub(super) fn completed_by(self, outer: Self) -> Self {
        Self {
            exec: self.exec.or(outer.exec),
            server: self.server.completed_by(outer.server),
            build: self.build.or(outer.build),
            clear: self.clear || outer.clear,
            overlap: self.overlap || outer.overlap,
        }
    }

    /// The first option that was typed at all.
    pub(super) fn first(&self) -> Option<&'static str> {
        self.exec.as_ref().map(|_| "--exec").or_else(|| self.first_of_the_command())
    }

    /// The first option that means nothing without `--exec`.
    pub(crate) fn first_of_the_command(&self) -> Option<&'static str> {
        let typed = [(self.build.is_some(), "--build"), (self.clear, "--clear"), (self.overlap, "--overlap")];
        self.server.first().or_else(|| typed.into_iter().find_map(|(typed, name)| typed.then_some(name)))
    }
}

impl ServerArgs {
    fn completed_by(self, outer: Self) -> Self {
        Self {
            tier: self.tier.or(outer.tier),
            ready: self.ready.or(outer.ready),
            ready_timeout: self.ready_timeout.or(outer.ready_timeout),
            signal: self.signal.or(outer.signal),
            stop_timeout: self.stop_timeout.or(outer.stop_timeout),
        }
    }

    /// The first one that was typed.
    pub(crate) fn first(&self) -> Option<&'static str> {
        self.values().into_iter().find_map(|(name, value)| value.map(|_| name))
    }

    /// As they are typed.
    pub(crate) fn words(&self) -> Vec<String> {
        self.values().into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?))).collect()
    }

    fn values(&self) -> [(&'static str, Option<String>); 5] {
        let seconds = |time: Duration| time.as_secs_f64().to_string();
        [
            ("--tier", self.tier.map(|tier| tier.name().to_owned())),
            ("--ready", self.ready.as_ref().map(Readiness::to_string)),
            ("--ready-timeout", self.ready_timeout.map(seconds)),
            ("--signal", self.signal.map(|signal| values::signal_name(signal).to_owned())),
            ("--stop-timeout", self.stop_timeout.map(seconds)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        server: ServerArgs,
    }

    #[test]
    fn options_are_typed_as_they_were_read() {
        let typed = [
            "--tier=port",
            "--ready=/health?x=1",
            "--ready-timeout=1.5",
            "--signal=USR2",
            "--stop-timeout=120",
        ];
        for words in [&typed[..], &typed[2..3], &[]] {
            let read = Line::parse_from(["x"].iter().chain(words)).server;
            assert_eq!(read.words(), words);
            assert_eq!(read.first(), words.first().map(|word| word.split('=').next().unwrap()));
        }
        let minutes = Line::parse_from(["x", "--stop-timeout", "2m", "--signal", "sigusr2"]).server;
        assert_eq!(minutes.words(), typed[3..]);
    }
}
