//! The first start of a foreground gateway.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::host::{Host, Start};
use super::reading::Reader;
use super::sockets::{Sockets, say_shortfall};
use crate::cli::commands::{agent_logs, recording};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::logging;
use crate::platform::fs::Stamp;
use crate::platform::{env, service_manager};
use crate::profile::ResolvedProfile;
use crate::recording::Facts;
use crate::settings::RunFlags;

/// How long jobs on other threads are waited for at the end.
const LAST_JOBS: Duration = Duration::from_millis(100);

/// Runs the gateway until it is told to stop.
pub(crate) fn run(
    flags: &RunFlags,
    raw_stream: Option<&Path>,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let mut reader = Reader { flags: flags.clone(), profile: profile.clone() };
    let read_at = Stamp::now();
    let mut reading = reader.admit(reader.files()?)?;
    agent_logs::prepare(flags, raw_stream, reader.paths(), printer)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| ExpectedError::Failed(format!("Error: failed to start the runtime: {error}")))?;
    let environment = env::read();
    let mut sockets = Sockets::open(&environment)?;
    if flags.force {
        sockets.free_port(&reading.settings, reader.paths(), printer)?;
    }
    let (listeners, note) = sockets.listen(&reading.settings, reader.paths())?;
    say_shortfall(&listeners, note, printer);
    let facts =
        || Facts::of(reader.paths(), &reading.settings, &reading.snapshot, &reading.env, &flags.typed);
    // Held as long as the process runs, whichever of its gateways records.
    let recording = recording::begin(flags, &[], facts, reader.paths(), printer)?;
    reader.flags.recording = recording.as_ref().map(|recording| recording.path().to_owned());
    reading.settings.recording.current.clone_from(&reader.flags.recording);
    let log = logging::init(&reading.settings.log);
    let manager = service_manager::Connection::open(&environment);
    // From here on clients wait for this thread, and it must not wait for whoever reads its lines.
    let (detached, finish) = printer
        .detached()
        .map_err(|error| ExpectedError::Failed(format!("Error: failed to start the output: {error}")))?;
    let result = runtime.block_on(async {
        let start = Start { reader, reading, read_at, sockets, listeners, log };
        let host = Host::start(start, manager, &detached).await?;
        // The one future that holds everything; it need not stand on the stack.
        Box::pin(host.run()).await
    });
    // A job on another thread may hang on a dead file system; nothing that matters runs there any more.
    runtime.shutdown_timeout(LAST_JOBS);
    drop((recording, finish));
    result
}
