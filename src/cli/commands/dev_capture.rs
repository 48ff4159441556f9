//! `dev capture`: a profile → a capsule, after a look at what goes in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::json;

use super::dev_fixtures::sentence;
use super::reach::usable;
use crate::capsule::{CaptureError, Manifest, Plan, Subject, Wish};
use crate::cli::args::CaptureArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::{Printer, capsule};
use crate::cli::prompt::{self, Prompt};
use crate::config::{self, load};
use crate::harness::fixture::located;
use crate::platform::env;
use crate::profile::{EnvMap, ProfileRequest, ResolvedProfile, resolve};
use crate::settings::{configured_workspace, log_file};

const NOTHING: &str = "Nothing was written.";

/// Does it.
pub(crate) fn run(
    args: &CaptureArgs,
    request: ProfileRequest,
    env: &EnvMap,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let start = env::working_dir().ok_or_else(|| {
        ExpectedError::Failed("The working directory is gone. Change to another one.".to_owned())
    })?;
    let file = start.join(&args.file);
    let folder = place(&file)?;
    let may_ask = !args.json && prompt::possible();
    if !args.yes && !may_ask {
        return Err(ExpectedError::Usage(
            "There is nobody to ask whether all of it may go in. Pass --yes, and look through it afterwards: clawdbot dev capsule show."
                .to_owned(),
        ));
    }
    let subject = match &args.from {
        Some(from) => found(&start.join(from), env)?,
        None => own(request, &start, env, printer)?,
    };
    let wish = Wish {
        recording: args.recording.as_ref().map(|directory| start.join(directory)),
        include: args.include.clone(),
        exclude: args.exclude.clone(),
        max_bytes: args.max_size,
    };
    let plan = Plan::make(&subject, &wish, folder).map_err(|error| failure(&error))?;
    if !args.json {
        let entries: Vec<(&str, u64)> = plan.entries().collect();
        printer.error(&format!("{} will hold:", args.file.display()));
        for line in capsule::listing(plan.facts(), &entries) {
            printer.error(&line);
        }
    }
    if !args.yes {
        let meant = Prompt::new(printer, env).confirm("Write it?", false);
        if !meant.map_err(|stopped| stopped.before(NOTHING))? {
            return Err(ExpectedError::Failed(NOTHING.to_owned()));
        }
    }
    let manifest = plan
        .write(&file, &Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        .map_err(|error| failure(&error))?;
    let bytes = fs::metadata(&file).map(|metadata| metadata.len()).unwrap_or_default();
    if args.json {
        printer.json(&summary(&manifest, &file, bytes));
    } else {
        printer.tick(&format!("{} ({})", args.file.display(), capsule::size(bytes)));
    }
    Ok(ExitCode::SUCCESS)
}

/// The directory that the file will be in; the file itself must not be there.
fn place(file: &Path) -> Result<&Path, ExpectedError> {
    if file.symlink_metadata().is_ok() {
        return Err(ExpectedError::Usage(format!("{} exists already. Choose another name.", file.display())));
    }
    let folder = file.parent().filter(|folder| folder.is_dir());
    let folder = folder.filter(|_| file.file_name().is_some());
    folder.ok_or_else(|| {
        let shown = file.parent().unwrap_or(file).display();
        ExpectedError::Usage(format!(
            "There is no directory {shown}. Make it first, or choose another place."
        ))
    })
}

/// The profile that the command line names.
fn own(
    request: ProfileRequest,
    start: &Path,
    env: &EnvMap,
    printer: &Printer,
) -> Result<Subject, ExpectedError> {
    let request = ProfileRequest { working_dir: Some(start.to_owned()), ..request };
    let home = env.get(env::HOME).map(PathBuf::from);
    let ResolvedProfile { paths, env, warning, .. } = resolve(&request, env, home)?;
    if let Some(warning) = warning {
        printer.error(&warning);
    }
    let layered = config::environment(&paths.dotenv, &env).unwrap_or_else(|_| env.clone());
    let configuration = usable(&load(&paths.config_path, &layered));
    let workspace = configured_workspace(&configuration, &paths);
    Ok(Subject {
        name: paths.name.as_ref().map(|name| name.as_str().to_owned()),
        home: Some(paths.home.clone()),
        workspace: Some(workspace.unwrap_or_else(|| paths.default_workspace.clone())),
        log: log_file(&configuration, &paths),
        config: paths.config_path,
        state: paths.state_dir,
        env,
    })
}

/// The profile in a directory, which may be somebody else's: no variable of this process belongs to it.
fn found(from: &Path, env: &EnvMap) -> Result<Subject, ExpectedError> {
    let located = located(from).map_err(|error| ExpectedError::Usage(sentence(&error)))?;
    let name = located.suffix.strip_prefix('-').map(str::to_owned);
    let state = located.state;
    let own = env.get(env::HOME).map(PathBuf::from).filter(|home| state.starts_with(home));
    Ok(Subject {
        name,
        home: own.or_else(|| state.parent().map(Path::to_owned)),
        workspace: located.workspace,
        config: state.join("clawdbot.json"),
        log: state.join("logs").join("gateway.log"),
        state,
        env: EnvMap::default(),
    })
}

fn failure(error: &CaptureError) -> ExpectedError {
    let text = match error {
        // They begin with a name, which is what it is.
        CaptureError::Binary(_) | CaptureError::Restless(_) => format!("{error}."),
        _ => sentence(error),
    };
    match error {
        CaptureError::NoProfile(_)
        | CaptureError::NoRecording(_)
        | CaptureError::Pattern { .. }
        | CaptureError::TooLarge { .. }
        | CaptureError::Exists(_) => ExpectedError::Usage(text),
        _ => ExpectedError::Failed(format!("{text} {NOTHING}")),
    }
}

fn summary(manifest: &Manifest, file: &Path, bytes: u64) -> serde_json::Value {
    let content: u64 = manifest.files.iter().map(|entry| entry.bytes).sum();
    json!({
        "ok": true,
        "file": file,
        "bytes": bytes,
        "profile": manifest.profile,
        "taken": manifest.taken,
        "recording": manifest.recording,
        "entries": manifest.files.len(),
        "content": content,
        "secrets": manifest.secrets,
        "devices": manifest.devices,
        "leftOut": manifest.left_out,
    })
}
