//! Options of the published program about the logs of agent runs: `--claude-cli-logs`, `--raw-stream`. This version
//! runs no agents. Whoever passes them, in the unit of a service say, is told so once, and has a gateway.

use std::path::{Path, PathBuf};

use crate::cli::args::LogArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::platform::{append, atomic};
use crate::profile::{ProfilePaths, shorten};
use crate::settings::RunFlags;

/// Where what models stream is kept, if it is asked for.
pub(crate) fn raw_stream(
    args: &LogArgs,
    paths: &ProfilePaths,
    working_dir: Option<&Path>,
) -> Result<Option<PathBuf>, ExpectedError> {
    match (&args.raw_stream_path, args.raw_stream) {
        (None, false) => Ok(None),
        (None, true) => Ok(Some(paths.state_dir.join("logs").join("raw-stream.jsonl"))),
        (Some(path), true) => Ok(Some(working_dir.map_or_else(|| path.clone(), |base| base.join(path)))),
        (Some(_), false) => Err(ExpectedError::Usage("Use --raw-stream-path with --raw-stream.".to_owned())),
    }
}

/// Makes the file of the stream, so that whoever follows it finds one, and says what will not come.
pub(crate) fn prepare(
    flags: &RunFlags,
    raw_stream: Option<&Path>,
    paths: &ProfilePaths,
    printer: &Printer,
) -> Result<(), ExpectedError> {
    if flags.claude_cli_logs {
        printer.error("--claude-cli-logs: this version runs no agents, so the terminal shows no log lines.");
    }
    let Some(path) = raw_stream else { return Ok(()) };
    let shown = shorten(path, &paths.home);
    let directory = path.parent().map_or(Ok(()), atomic::private_directory);
    directory
        .and_then(|()| append::open(path))
        .map_err(|error| ExpectedError::Refused(format!("Cannot write {shown} (--raw-stream): {error}.")))?;
    printer.error(&format!("--raw-stream: this version runs no model, so nothing is written to {shown}."));
    Ok(())
}
