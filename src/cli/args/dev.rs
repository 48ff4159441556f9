//! `dev` and what it can do.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};

use super::{CapsuleArgs, CaptureArgs, EventsFormat, ServerArgs, examples};
use crate::capsule::replay::Speed;
use crate::cli::values;
use crate::harness::exec::CommandLine;

/// `dev`.
#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: DevCommand,
}

/// What `dev` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum DevCommand {
    /// Run a command with a gateway of its own: ready before it starts, gone without a trace after it.
    #[command(after_help = examples::DEV_RUN)]
    Run(DevRunArgs),
    /// Send what the clients of a recording have sent, and show where the answers differ. Exit code 0: nowhere; 1:
    /// somewhere; 125: it could not be tried.
    #[command(after_help = examples::DEV_REPLAY)]
    Replay(DevReplayArgs),
    /// Fixture profiles: home directories that reproduce something.
    #[command(after_help = examples::DEV_FIXTURES)]
    Fixtures(FixturesArgs),
    /// Put a profile and its recording into one file for a bug report, without secrets.
    #[command(after_help = examples::DEV_CAPTURE)]
    Capture(CaptureArgs),
    /// Look into capsules: the files that capture makes.
    #[command(after_help = examples::DEV_CAPSULE)]
    Capsule(CapsuleArgs),
}

/// `dev fixtures`.
#[derive(Debug, Args)]
pub(crate) struct FixturesArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: FixturesCommand,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What `dev fixtures` can do. A fixture is named, or given as a directory (`./DIR`).
#[derive(Debug, Subcommand)]
pub(crate) enum FixturesCommand {
    /// Show every fixture of the project, and why it exists.
    #[command(after_help = examples::DEV_FIXTURES_LIST)]
    List,
    /// Look through fixtures without starting anything.
    #[command(after_help = examples::DEV_FIXTURES_CHECK)]
    Check {
        /// The fixtures; all of the project when none is given.
        fixtures: Vec<String>,
    },
    /// Start the gateway of each fixture, and compare what comes of it with what it expects.
    #[command(after_help = examples::DEV_FIXTURES_RUN)]
    Run {
        /// The fixtures; all of the project when none is given.
        fixtures: Vec<String>,
    },
    /// Make a fixture: one to fill in, or a copy of a profile that is in use.
    #[command(after_help = examples::DEV_FIXTURES_NEW)]
    New {
        /// Its name.
        name: String,
        /// Why it exists, in a sentence.
        #[arg(long)]
        why: String,
        /// Take what a fixture may hold from this home or state directory; secrets, links, and logs are left out.
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
    },
}

/// Options of `dev replay`.
#[derive(Debug, Args)]
pub(crate) struct DevReplayArgs {
    /// A capsule, or the directory that one was extracted to.
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath, required_unless_present = "ignore")]
    pub(crate) capsule: Option<PathBuf>,
    /// So many times as fast as it was recorded, or max: as fast as the answers come.
    #[arg(long, value_name = "N|max", value_parser = values::speed, default_value = "max")]
    pub(crate) speed: Speed,
    /// Start nothing: send it to the gateway there, which keeps what it changes.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, conflicts_with_all = ["exec", "keep"])]
    pub(crate) against: Option<String>,
    /// Instead of our own gateway: this command, as in gateway --dev --exec.
    #[arg(long, value_name = "CMD", value_parser = values::command)]
    pub(crate) exec: Option<CommandLine>,
    /// How that is reached and ended.
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Keep the profile, and say where it is.
    #[arg(long)]
    pub(crate) keep: bool,
    /// What may differ: event:NAME, method:NAME, path:MEMBERS, close (repeatable); help shows more.
    #[arg(long, value_name = "RULE")]
    pub(crate) ignore: Vec<String>,
    /// Print one JSON object with every difference.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `dev run`.
#[derive(Debug, Args)]
pub(crate) struct DevRunArgs {
    /// Start from a fixture: one of fixtures/profiles by its name, or ./DIR.
    #[arg(long, value_name = "NAME|DIR", conflicts_with = "profile_from")]
    pub(crate) fixture: Option<String>,
    /// Copy the home directory and everything in it from DIR first.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) profile_from: Option<PathBuf>,
    /// Instead of our own gateway: this command, as in gateway --dev --exec.
    #[arg(long, value_name = "CMD", value_parser = values::command, conflicts_with = "fixture")]
    pub(crate) exec: Option<CommandLine>,
    /// How that is reached and ended.
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// A variable for the gateway and the command (repeatable).
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub(crate) env: Vec<(String, String)>,
    /// Keep the profile, and say where it is.
    #[arg(long)]
    pub(crate) keep: bool,
    /// When the command fails, copy the profile into a new directory below DIR.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) artifacts: Option<PathBuf>,
    /// End the command after this time: seconds, or with s, m, or h. Exit code 124.
    #[arg(long, value_name = "TIME", value_parser = values::time_limit)]
    pub(crate) timeout: Option<Duration>,
    /// Print one JSON object per state change on standard error instead of lines for people.
    #[arg(long, value_name = "FORMAT", value_parser = values::events_format())]
    pub(crate) events: Option<EventsFormat>,
    /// The command and its arguments.
    #[arg(required = true, last = true, value_name = "CMD")]
    pub(crate) command: Vec<String>,
}
