//! Options of the run that are about its log.

use std::path::PathBuf;

use clap::Args;

use crate::cli::values;
use crate::settings::WsLog;

/// Options of `gateway` and `gateway run` about what is logged.
#[derive(Debug, Clone, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one per flag, as typed")]
pub(crate) struct LogArgs {
    /// Log more to the terminal.
    #[arg(long)]
    pub(crate) verbose: bool,
    /// Which WebSocket traffic is logged: what failed or was slow, every request, or every frame too.
    #[arg(long, value_name = "STYLE", value_parser = values::ws_log())]
    ws_log: Option<WsLog>,
    /// The same as --ws-log compact.
    #[arg(long)]
    compact: bool,
    /// Of the log show only what Claude CLI runs say (none does in this version).
    #[arg(long)]
    pub(crate) claude_cli_logs: bool,
    /// Keep what models stream as JSON lines (none runs in this version).
    #[arg(long)]
    pub(crate) raw_stream: bool,
    /// Where --raw-stream keeps it instead of in the state directory's logs.
    #[arg(long, value_name = "PATH")]
    pub(crate) raw_stream_path: Option<PathBuf>,
}

impl LogArgs {
    /// These options, completed by those of the level above.
    pub(super) fn completed_by(self, outer: Self) -> Self {
        Self {
            verbose: self.verbose || outer.verbose,
            ws_log: self.ws_log().or_else(|| outer.ws_log()),
            compact: false,
            claude_cli_logs: self.claude_cli_logs || outer.claude_cli_logs,
            raw_stream: self.raw_stream || outer.raw_stream,
            raw_stream_path: self.raw_stream_path.or(outer.raw_stream_path),
        }
    }

    /// `--ws-log`, or what `--compact` says, which wins as in the published program.
    pub(crate) fn ws_log(&self) -> Option<WsLog> {
        if self.compact { Some(WsLog::Compact) } else { self.ws_log }
    }

    /// The first option that was typed at all.
    pub(super) fn first(&self) -> Option<&'static str> {
        let typed = [
            (self.verbose, "--verbose"),
            (self.ws_log.is_some(), "--ws-log"),
            (self.compact, "--compact"),
            (self.claude_cli_logs, "--claude-cli-logs"),
            (self.raw_stream, "--raw-stream"),
            (self.raw_stream_path.is_some(), "--raw-stream-path"),
        ];
        typed.into_iter().find_map(|(typed, name)| typed.then_some(name))
    }
}
