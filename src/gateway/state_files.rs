//! The files of the state as their readers see them, for whoever examines an installation. Changes none; what is not
//! there is not told. Blocks.

use std::path::{Path, PathBuf};

use super::agents::Roster;
use super::sessions::{Document, Stores};
use super::state_file;
use super::{cron, exec_approvals};
use crate::config::Config;
use crate::profile::ProfilePaths;

/// A file that is larger is not read: it may well be whole, and reading it takes seconds.
const LARGEST: u64 = 64 << 20;

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Sessions of an agent.
    Sessions,
    /// Paired devices, or requests for it.
    Devices,
    /// Paired nodes, or requests for it.
    Nodes,
    /// What agents may run without asking.
    Approvals,
    /// Speech and wake words.
    Settings,
    /// Jobs.
    Jobs,
}

/// One file that is there.
#[derive(Debug)]
pub(crate) struct Examined {
    /// Where.
    pub(crate) path: PathBuf,
    /// About what.
    pub(crate) subject: Subject,
    /// Why its reader cannot read it.
    pub(crate) problem: Option<String>,
}

/// Reads all of them.
pub(crate) fn examine(paths: &ProfilePaths, config: &Config) -> Vec<Examined> {
    let state = |name: &str| paths.state_dir.join(name);
    let small = [
        ("devices/paired.json", Subject::Devices),
        ("devices/pending.json", Subject::Devices),
        ("nodes/paired.json", Subject::Nodes),
        ("nodes/pending.json", Subject::Nodes),
        ("settings/tts.json", Subject::Settings),
        ("settings/voicewake.json", Subject::Settings),
    ];
    let mut found: Vec<Examined> = small
        .into_iter()
        .filter_map(|(name, subject)| one(state(name), subject, |path| state_file::read(path).map(drop)))
        .collect();
    found.extend(one(exec_approvals::path(&paths.state_dir), Subject::Approvals, |path| {
        exec_approvals::get(path).map(drop).map_err(|error| error.problem())
    }));
    found.extend(one(cron::store_path(config.cron.store.as_deref(), paths), Subject::Jobs, cron::check));
    let stores = Stores::new(&paths.state_dir, config.session.store.as_deref(), &paths.home);
    for agent in stores.agents(&Roster::of(config)) {
        found.extend(one(stores.path(&agent), Subject::Sessions, |path| {
            Document::read(path, &agent).map(drop).map_err(|error| error.problem())
        }));
    }
    found
}

fn one(path: PathBuf, subject: Subject, read: impl FnOnce(&Path) -> Result<(), String>) -> Option<Examined> {
    let metadata = path.symlink_metadata().ok()?;
    let is_huge = metadata.is_file() && metadata.len() > LARGEST;
    let problem = if is_huge { None } else { read(&path).err() };
    Some(Examined { path, subject, problem })
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;
    use crate::profile::{self, EnvMap, ProfileRequest};

    #[test]
    fn every_kind_of_file_is_read_by_its_reader() {
        let home = tempfile::tempdir().unwrap();
        let profile =
            profile::resolve(&ProfileRequest::default(), &EnvMap::default(), Some(home.path().into()));
        let paths = profile.unwrap().paths;
        assert!(examine(&paths, &Config::default()).is_empty());
        for (name, text) in [
            ("devices/paired.json", "{}"),
            ("nodes/pending.json", "[]"),
            ("exec-approvals.json", r#"{"version":2}"#),
            ("cron/jobs.json", r#"{"jobs":{}}"#),
            ("agents/main/sessions/sessions.json", "{ half"),
            ("agents/other/sessions/sessions.json", "{}"),
        ] {
            let path = paths.state_dir.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fs::create_dir_all(paths.state_dir.join("settings/tts.json")).unwrap();
        let found = examine(&paths, &Config::default());
        let bad: Vec<_> =
            found.iter().filter(|file| file.problem.is_some()).map(|file| file.subject).collect();
        assert_eq!(
            bad,
            [Subject::Nodes, Subject::Settings, Subject::Approvals, Subject::Jobs, Subject::Sessions]
        );
        assert_eq!(found.len(), 7);
    }
}
