//! The canvas: the directory with its pages, and whether it is served.

use std::path::{Path, PathBuf};

use super::ledger::{Ledger, written};
use crate::config::Config;
use crate::profile::{EnvMap, ProfilePaths, is_within, normalise, vars};

/// The directory of a workspace with its pages.
const FOLDER: &str = "canvas";

/// The canvas as resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanvasSettings {
    /// The directory with the pages, absolute. It need not exist.
    pub root: PathBuf,
    /// What the root must not lead out of: in dev mode the workspace, so that nothing of another profile is shown.
    pub within: Option<PathBuf>,
    /// Whether pages are told about changes.
    pub live_reload: bool,
}

/// The settings of the canvas; `None` when it is off. `workspace` is that of the default agent. A relative root starts
/// at the configuration file.
pub(super) fn resolve(
    config: &Config,
    env: &EnvMap,
    paths: &ProfilePaths,
    workspace: &Path,
    ledger: &mut Ledger,
) -> Option<CanvasSettings> {
    let canvas = &config.canvas_host;
    let is_on = written("canvasHost.enabled", canvas.enabled).or_default(true);
    let is_on = ledger.note("canvasHost.enabled", is_on) && env.get(vars::SKIP_CANVAS) != Some("1");
    let configured = canvas.root.as_deref().map(str::trim).filter(|root| !root.is_empty());
    let configured = configured.and_then(|root| normalise(root, &paths.home, paths.config_path.parent()));
    let root = written("canvasHost.root", configured).or_derived("the workspace", workspace.join(FOLDER));
    let root = ledger.note("canvasHost.root", root);
    is_on.then(|| CanvasSettings {
        root,
        within: paths.dev_mode.then(|| workspace.to_owned()),
        live_reload: canvas.live_reload != Some(false),
    })
}

impl CanvasSettings {
    /// Whether the root is, by its name, where it must not be. Where links lead is for whoever opens it.
    pub fn is_outside(&self) -> bool {
        self.within.as_ref().is_some_and(|within| !is_within(&self.root, within))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::profile::{ProfileRequest, resolve as profile};

    fn run(canvas: &Value, env: &EnvMap, dev: bool) -> Option<CanvasSettings> {
        let request = ProfileRequest { dev_after_command: dev, ..ProfileRequest::default() };
        let paths = profile(&request, &EnvMap::default(), Some(PathBuf::from("/home/you"))).unwrap().paths;
        let config = Config::from_resolved(&json!({ "canvasHost": canvas }));
        resolve(&config, env, &paths, Path::new("/home/you/w"), &mut Ledger::default())
    }

    #[test]
    fn the_root_is_in_the_workspace_unless_configured() {
        for (canvas, expected) in [
            (json!({}), "/home/you/w/canvas"),
            (json!({ "root": " " }), "/home/you/w/canvas"),
            (json!({ "root": "~/pages" }), "/home/you/pages"),
            (json!({ "root": "pages/../p" }), "/home/you/.clawdbot/p"),
        ] {
            let found = run(&canvas, &EnvMap::default(), false).unwrap();
            assert_eq!((found.root.as_path(), found.is_outside()), (Path::new(expected), false), "{canvas}");
        }
    }

    #[test]
    fn dev_mode_stays_in_its_workspace() {
        for (root, outside) in
            [("/home/you/w/canvas", false), ("/home/you/w", false), ("/home/you/w2", true), ("~/clawd", true)]
        {
            let found = run(&json!({ "root": root }), &EnvMap::default(), true).unwrap();
            assert_eq!(found.is_outside(), outside, "{root}");
        }
    }

    #[test]
    fn it_can_be_switched_off() {
        assert_eq!(run(&json!({ "enabled": false }), &EnvMap::default(), false), None);
        assert_eq!(run(&json!({}), &EnvMap::from([(vars::SKIP_CANVAS, "1")]), false), None);
        let found =
            run(&json!({ "liveReload": false }), &EnvMap::from([(vars::SKIP_CANVAS, "0")]), false).unwrap();
        assert!(!found.live_reload);
    }
}
