//! Puts the directories of a capsule where a gateway looks for them, and their places into the files.

use std::fs;
use std::io;
use std::path::Path;

use crate::capsule::replay::{HOME, Places};
use crate::capsule::{Manifest, settle};
use crate::profile::ProfilePaths;

/// Settles the home directory of a capsule for the profile that the gateway will have; says what lies where.
pub(super) fn move_in(home: &Path, manifest: &Manifest, paths: &ProfilePaths) -> Result<Places, String> {
    let mut places = Places::of_home(&text(home));
    let moves = [
        (Some(manifest.state_dir.as_str()), paths.state_dir.as_path()),
        (manifest.workspace.as_deref(), paths.default_workspace.as_path()),
    ];
    for (name, wanted) in moves {
        let Some(name) = name else { continue };
        let from = home.join(name);
        if from == wanted || wanted.exists() || !from.exists() {
            continue;
        }
        let failed =
            |error: io::Error| format!("Cannot move {} to {}: {error}.", from.display(), wanted.display());
        fs::rename(&from, wanted).map_err(failed)?;
        places.add(&format!("{HOME}/{name}"), &text(wanted));
    }
    settle(home, &places).map_err(|error| format!("{error}."))?;
    Ok(places)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{EnvMap, ProfileRequest, resolve};

    #[test]
    fn a_profile_is_put_where_it_is_looked_for() {
        let directory = tempfile::tempdir().unwrap();
        let home = directory.path().canonicalize().unwrap();
        let write = |path: &str, content: &[u8]| {
            let path = home.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        write(
            ".clawdbot/clawdbot.json",
            b"{ workspace: '/capsule/home/clawd', state: '/capsule/home/.clawdbot/x' }",
        );
        write(".clawdbot/picture", b"\xff/capsule/home");
        write("clawd/AGENTS.md", b"nothing");
        let manifest = Manifest::parse(
            br#"{"format":1,"program":"0","platform":"p","created":"","profile":null,"stateDir":".clawdbot",
                "workspace":"clawd","start":{"args":[],"env":{}},"taken":"capture","recording":null,"secrets":0,
                "devices":0,"files":[],"leftOut":[]}"#,
        )
        .unwrap();
        let request = ProfileRequest { dev_after_command: true, ..ProfileRequest::default() };
        let paths = resolve(&request, &EnvMap::default(), Some(home.clone())).unwrap().paths;
        let places = move_in(&home, &manifest, &paths).unwrap();
        let shown = home.display();
        assert_eq!(
            fs::read_to_string(home.join(".clawdbot-dev/clawdbot.json")).unwrap(),
            format!("{{ workspace: '{shown}/clawd-dev', state: '{shown}/.clawdbot-dev/x' }}")
        );
        assert_eq!(fs::read(home.join(".clawdbot-dev/picture")).unwrap(), b"\xff/capsule/home");
        assert!(home.join("clawd-dev/AGENTS.md").is_file());
        assert_eq!(places.inwards(&format!("{shown}/.clawdbot-dev")), "/capsule/home/.clawdbot");
    }
}
