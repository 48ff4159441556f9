//! Whose profile it is, and from where it is taken: from a recording that began with it, or as it is now.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::error::CaptureError;
use super::survey::Root;
use crate::capsule::{Home, LeftOut};
use crate::profile::EnvMap;
use crate::recording::{self, Start, recordings};

/// A profile on this machine.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its name; `None` for the default one.
    pub name: Option<String>,
    /// The home directory of its user.
    pub home: Option<PathBuf>,
    /// Its state directory.
    pub state: PathBuf,
    /// The workspace of its default agent.
    pub workspace: Option<PathBuf>,
    /// The main file of its configuration.
    pub config: PathBuf,
    /// Its log file.
    pub log: PathBuf,
    /// The environment that its gateway would have.
    pub env: EnvMap,
}

/// A recording.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) directory: PathBuf,
    pub(super) start: Start,
}

/// The recording at `named`, or the newest below; without a name the newest of the profile, if there is one.
pub(super) fn recorded(named: Option<&Path>, subject: &Subject) -> Result<Option<Recorded>, CaptureError> {
    let usual = subject.state.join("recordings");
    let directory = named.unwrap_or(&usual);
    let newest = if directory.join(recording::START).is_file() {
        Some(directory.to_owned())
    } else {
        recordings(directory).map_err(|error| CaptureError::unreadable(directory, error))?.pop()
    };
    match (newest, named) {
        (Some(directory), _) => {
            let start = Start::read(&directory)
                .map_err(|error| CaptureError::unreadable(&directory.join(recording::START), error))?;
            Ok(Some(Recorded { directory, start }))
        }
        (None, Some(named)) => Err(CaptureError::NoRecording(named.to_owned())),
        (None, None) => Ok(None),
    }
}

/// Where the files of `home/` come from.
#[derive(Debug)]
pub(super) struct Origin {
    /// When they were taken.
    pub(super) taken: Home,
    /// The directories.
    pub(super) roots: Vec<Root>,
    /// What is not looked at.
    pub(super) skipped: BTreeSet<PathBuf>,
    /// What of the profile was left out before.
    pub(super) left_out: Vec<LeftOut>,
    /// The state directory below `home/`.
    pub(super) state: String,
    /// The workspace below `home/`, when it is a directory of its own.
    pub(super) workspace: Option<String>,
    /// The main file of the configuration, where it is read from.
    pub(super) config: PathBuf,
}

/// Decides it.
pub(super) fn origin(subject: &Subject, recorded: Option<&Recorded>) -> Origin {
    let name = recorded.map_or(subject.name.as_deref(), |recorded| recorded.start.profile.as_deref());
    let suffix = name.map_or(String::new(), |name| format!("-{name}"));
    let (state, workspace) = (format!(".clawdbot{suffix}"), format!("clawd{suffix}"));
    match recorded {
        // Without its size it was cut short.
        Some(recorded) if recorded.start.base_bytes.is_some() => of_recording(recorded, state, workspace),
        _ => as_it_is(subject, state, workspace),
    }
}

fn of_recording(recorded: &Recorded, state: String, workspace: String) -> Origin {
    let base = recorded.directory.join(recording::BASE);
    let main = recorded.start.config_path.file_name().unwrap_or_default();
    let in_state = base.join(recording::STATE).join(main);
    let is_elsewhere = !recorded.start.config_path.starts_with(&recorded.start.state_dir);
    let config = if is_elsewhere { base.join(recording::CONFIG).join(main) } else { in_state };
    let roots = [(recording::STATE, &state), (recording::CONFIG, &state), (recording::WORKSPACE, &workspace)];
    let roots: Vec<Root> = roots
        .into_iter()
        .map(|(folder, name)| Root { path: base.join(folder), name: name.clone() })
        .filter(|root| root.path.is_dir())
        .collect();
    let named = |path: &str| match path.split_once('/') {
        Some((recording::STATE | recording::CONFIG, below)) => format!("{state}/{below}"),
        Some((recording::WORKSPACE, below)) => format!("{workspace}/{below}"),
        _ => path.to_owned(),
    };
    let left_out = recorded.start.left_out.iter().map(|left| LeftOut {
        path: named(&left.path),
        bytes: left.bytes.unwrap_or_default(),
        reason: left.reason.clone(),
    });
    Origin {
        taken: Home::Recording,
        left_out: left_out.collect(),
        workspace: roots.iter().any(|root| root.name == workspace).then_some(workspace),
        roots,
        skipped: BTreeSet::new(),
        state,
        config,
    }
}

fn as_it_is(subject: &Subject, state: String, workspace: String) -> Origin {
    let mut roots = vec![Root { path: subject.state.clone(), name: state.clone() }];
    let mut left_out = Vec::new();
    let mut own = None;
    if let Some(path) = subject.workspace.as_ref().filter(|path| path.is_dir()) {
        if subject.state.starts_with(path) {
            // All of a home directory, for example.
            let reason = "it holds the state directory".to_owned();
            left_out.push(LeftOut { path: workspace.clone(), bytes: 0, reason });
        } else if !path.starts_with(&subject.state) {
            roots.push(Root { path: path.clone(), name: workspace.clone() });
            own = Some(workspace);
        }
    }
    Origin {
        taken: Home::Capture,
        roots,
        skipped: BTreeSet::from([subject.state.join("recordings")]),
        left_out,
        state,
        workspace: own,
        config: subject.config.clone(),
    }
}

/// Whether there is something to take.
pub(super) fn check(subject: &Subject, origin: &Origin) -> Result<(), CaptureError> {
    let Some(root) = origin.roots.first() else { return Err(CaptureError::NoProfile(subject.state.clone())) };
    match std::fs::read_dir(&root.path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(CaptureError::NoProfile(subject.state.clone()))
        }
        Err(error) => Err(CaptureError::unreadable(&root.path, error)),
    }
}
