//! What was said about a command, with the defaults for what was not.

use std::path::Path;
use std::sync::Arc;

use crate::cli::args::ExecArgs;
use crate::harness::exec::ExecSpec;
use crate::platform::signals::Passed;

/// The command to supervise, if there is one. `output_is_taken`: standard output is for events.
pub(super) fn spec(args: ExecArgs, directory: &Path, output_is_taken: bool) -> Option<Arc<ExecSpec>> {
    let server = args.server;
    let spec = ExecSpec {
        command: args.exec?,
        tier: server.tier,
        build: args.build,
        readiness: server.ready.unwrap_or_default(),
        overlap: args.overlap,
        directory: directory.to_owned(),
        stop_signal: server.signal.unwrap_or(Passed::Terminate),
        stop_timeout: server.stop_timeout.unwrap_or(ExecSpec::STOP_TIMEOUT),
        ready_timeout: server.ready_timeout.unwrap_or(ExecSpec::READY_TIMEOUT),
        output_is_taken,
    };
    Some(Arc::new(spec))
}
