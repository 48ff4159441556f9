//! `dev capture` and `dev capsule`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::examples;
use crate::capsule::replay::Ignore;
use crate::cli::values;

/// Options of `dev capture`.
#[derive(Debug, Args)]
pub(crate) struct CaptureArgs {
    /// The file to make, such as report.capsule.tar.gz.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Of profile `dev`; any other with --profile NAME.
    #[arg(long, conflicts_with = "from")]
    pub(crate) dev: bool,
    /// Of the profile with this state directory, or in this home directory.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) from: Option<PathBuf>,
    /// A recording other than the newest of the profile, or the directory given to gateway --record=DIR.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) recording: Option<PathBuf>,
    /// Take what would be left out: a name, or a path from the home directory, with * and ** (repeatable).
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<String>,
    /// Leave out what would be taken (repeatable).
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Most content: bytes, or with k, m, or g. The largest transcripts are left out first.
    #[arg(long, value_name = "N", value_parser = values::size, default_value = "100m")]
    pub(crate) max_size: u64,
    /// Do not ask.
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
    /// Print what went in as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `dev capsule`.
#[derive(Debug, Args)]
pub(crate) struct CapsuleArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: CapsuleCommand,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What `dev capsule` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum CapsuleCommand {
    /// Show what is in a capsule, or print one file of it.
    #[command(after_help = examples::DEV_CAPSULE_SHOW)]
    Show {
        /// The capsule.
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// A file in it.
        path: Option<String>,
    },
    /// Show how two capsules differ; exit code 1 when they do.
    #[command(after_help = examples::DEV_CAPSULE_DIFF)]
    Diff {
        /// A capsule.
        #[arg(value_hint = ValueHint::FilePath)]
        one: PathBuf,
        /// Another one.
        #[arg(value_hint = ValueHint::FilePath)]
        other: PathBuf,
    },
    /// Unpack a capsule into a directory that is empty or not there.
    #[command(after_help = examples::DEV_CAPSULE_EXTRACT)]
    Extract {
        /// The capsule.
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// The directory.
        #[arg(value_hint = ValueHint::DirPath)]
        directory: PathBuf,
    },
    /// Make a fixture of the project from a capsule: CI asks the same again, and wants the same answers.
    #[command(after_help = examples::DEV_CAPSULE_TO_FIXTURE)]
    ToFixture(ToFixtureArgs),
}

/// Options of `dev capsule to-fixture`.
#[derive(Debug, Args)]
pub(crate) struct ToFixtureArgs {
    /// The capsule.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The name of the fixture.
    pub(crate) name: String,
    /// Why it exists, in a sentence.
    #[arg(long)]
    pub(crate) why: String,
    /// What may differ, as `dev replay` takes it (repeatable).
    #[arg(long, value_name = "RULE", value_parser = ignored)]
    pub(crate) ignore: Vec<String>,
}

/// What may differ in a replay, as it was typed.
fn ignored(text: &str) -> Result<String, String> {
    text.parse::<Ignore>().map(|_| text.to_owned()).map_err(|error| error.to_string())
}
