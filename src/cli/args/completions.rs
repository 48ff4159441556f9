//! `completions`.

use clap::Args;
use clap_complete::Shell;

/// Options of `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell that shall complete command lines of this program.
    pub(crate) shell: Shell,
}
