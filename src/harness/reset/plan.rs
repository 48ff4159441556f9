//! Facts about what is there → what is removed, or why nothing is. Pure.

use std::path::{Path, PathBuf};

use super::ResetError;
use crate::harness::isolation::overlap;
use crate::profile::shorten;

/// A part of a profile that a reset removes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The configuration file.
    Config,
    /// `<STATE>/credentials`.
    Credentials,
    /// `<STATE>/agents/<ID>/sessions`, with the agent's id.
    Sessions(String),
    /// The workspace.
    Workspace,
}

/// One path to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// What it is.
    pub part: Part,
    /// Where it is.
    pub path: PathBuf,
}

/// What is known about one part that exists.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) part: Part,
    /// As configured.
    pub(super) path: PathBuf,
    /// Without symbolic links.
    pub(super) real: PathBuf,
    /// Whether the path itself is a symbolic link.
    pub(super) is_link: bool,
    /// Whether it is a directory.
    pub(super) is_directory: bool,
}

/// What is known about the workspace besides.
#[derive(Debug, Clone, Default)]
pub(super) struct WorkspaceFacts {
    /// It is empty, or holds one of the files that seeding writes.
    pub(super) recognised: bool,
    /// A checkout with work that is nowhere else, and what that is.
    pub(super) unsaved: Option<(PathBuf, String)>,
}

/// Everything that the decision depends on. The paths without symbolic links, except `home` for display.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) home: PathBuf,
    pub(super) real_home: PathBuf,
    pub(super) real_state_dir: PathBuf,
    /// State directory and workspace of the default profile.
    pub(super) default_profile: [PathBuf; 2],
    pub(super) found: Vec<Found>,
    pub(super) workspace: WorkspaceFacts,
    /// `--yes`: unsaved work may go.
    pub(super) discard_unsaved: bool,
}

/// Decides. The order of the removals is the order of `found`.
pub(super) fn plan(facts: &Facts) -> Result<Vec<Removal>, ResetError> {
    state_directory(facts)?;
    for found in &facts.found {
        links(facts, found)?;
        protected(facts, found)?;
        if found.part == Part::Workspace {
            workspace(facts, found)?;
        }
    }
    Ok(facts
        .found
        .iter()
        .map(|found| Removal { part: found.part.clone(), path: found.path.clone() })
        .collect())
}

/// A state directory that is a home or a root holds things that only look like a profile's.
fn state_directory(facts: &Facts) -> Result<(), ResetError> {
    let state_dir = &facts.real_state_dir;
    if facts.real_home.starts_with(state_dir) {
        return Err(ResetError::Protected {
            path: shorten(state_dir, &facts.real_home),
            why: "it is, or contains, your home directory".to_owned(),
            fix: "Give the profile a state directory of its own".to_owned(),
        });
    }
    Ok(())
}

/// No part is a link, and what lies in the state directory really lies there.
fn links(facts: &Facts, found: &Found) -> Result<(), ResetError> {
    let leads_out = match found.part {
        Part::Credentials | Part::Sessions(_) => !found.real.starts_with(&facts.real_state_dir),
        Part::Config | Part::Workspace => false,
    };
    if found.is_link || leads_out {
        return Err(ResetError::Link {
            path: shorten(&found.path, &facts.home),
            real: shorten(&found.real, &facts.real_home),
        });
    }
    Ok(())
}

fn protected(facts: &Facts, found: &Found) -> Result<(), ResetError> {
    let real = &found.real;
    let within = |inner: &Path| inner.starts_with(real);
    let why = if real.parent().is_none() {
        "it is a file system's root".to_owned()
    } else if facts.real_home == *real {
        "it is your home directory".to_owned()
    } else if within(&facts.real_home) {
        "it contains your home directory".to_owned()
    } else if let Some(owner) = facts.default_profile.iter().find(|owner| overlap(real, owner)) {
        format!("it overlaps with {} of the default profile", shorten(owner, &facts.real_home))
    } else if within(&facts.real_state_dir) {
        "it contains the profile's state directory".to_owned()
    } else if found.part == Part::Workspace && !found.is_directory {
        "it is not a directory".to_owned()
    } else if matches!(found.part, Part::Config) && found.is_directory {
        "it is a directory where the configuration file should be".to_owned()
    } else {
        return Ok(());
    };
    let fix = match found.part {
        Part::Workspace => "Set agents.defaults.workspace to a directory of its own",
        _ => "Remove it yourself if that is what you want",
    };
    Err(ResetError::Protected { path: shorten(&found.path, &facts.home), why, fix: fix.to_owned() })
}

fn workspace(facts: &Facts, found: &Found) -> Result<(), ResetError> {
    let path = shorten(&found.path, &facts.home);
    if !facts.workspace.recognised {
        return Err(ResetError::Unrecognised(path));
    }
    match &facts.workspace.unsaved {
        Some((checkout, what)) if !facts.discard_unsaved => Err(ResetError::UnsavedWork {
            path,
            checkout: shorten(checkout, &facts.real_home),
            what: what.clone(),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "/home/you";

    fn found(part: Part, path: &str) -> Found {
        let is_directory = part != Part::Config;
        Found { part, path: path.into(), real: path.into(), is_link: false, is_directory }
    }

    fn facts(found: Vec<Found>) -> Facts {
        Facts {
            home: HOME.into(),
            real_home: HOME.into(),
            real_state_dir: "/home/you/.clawdbot-dev".into(),
            default_profile: ["/home/you/.clawdbot".into(), "/home/you/clawd".into()],
            found,
            workspace: WorkspaceFacts { recognised: true, unsaved: None },
            discard_unsaved: false,
        }
    }

    #[track_caller]
    fn refused(facts: &Facts, beginning: &str) {
        let text = plan(facts).unwrap_err().to_string();
        assert!(text.starts_with(beginning), "{text}");
        assert!(text.ends_with("Nothing was removed"), "{text}");
    }

    #[test]
    fn what_is_there_and_safe_is_removed_in_order() {
        let all = vec![
            found(Part::Config, "/home/you/.clawdbot-dev/clawdbot.json"),
            found(Part::Credentials, "/home/you/.clawdbot-dev/credentials"),
            found(Part::Sessions("dev".to_owned()), "/home/you/.clawdbot-dev/agents/dev/sessions"),
            found(Part::Workspace, "/home/you/clawd-dev"),
        ];
        let removals = plan(&facts(all.clone())).unwrap();
        let expected: Vec<_> =
            all.into_iter().map(|found| Removal { part: found.part, path: found.path }).collect();
        assert_eq!(removals, expected);
        assert_eq!(plan(&facts(Vec::new())).unwrap(), []);
    }

    #[test]
    fn some_directories_are_never_removed() {
        for (workspace, why) in [
            ("/", "it is a file system's root"),
            ("/home/you", "it is your home directory"),
            ("/home", "it contains your home directory"),
            ("/home/you/clawd", "it overlaps with ~/clawd of the default profile"),
            ("/home/you/clawd/dev", "it overlaps with ~/clawd of the default profile"),
            ("/home/you/.clawdbot", "it overlaps with ~/.clawdbot of the default profile"),
            ("/home/you/.clawdbot-dev", "it contains the profile's state directory"),
        ] {
            let shown = shorten(Path::new(workspace), Path::new(HOME));
            refused(
                &facts(vec![found(Part::Workspace, workspace)]),
                &format!("--reset does not remove {shown}, because {why}. Set agents.defaults.workspace"),
            );
        }
        let mut elsewhere = facts(vec![found(Part::Workspace, "/srv/dev")]);
        elsewhere.real_state_dir = "/srv/dev/state".into();
        refused(
            &elsewhere,
            "--reset does not remove /srv/dev, because it contains the profile's state directory.",
        );
        elsewhere.default_profile[1] = "/srv/dev/clawd".into();
        refused(&elsewhere, "--reset does not remove /srv/dev, because it overlaps with /srv/dev/clawd of");
        for state_dir in ["/", "/home", "/home/you"] {
            let mut facts = facts(Vec::new());
            facts.real_state_dir = state_dir.into();
            let shown = shorten(Path::new(state_dir), Path::new(HOME));
            refused(
                &facts,
                &format!("--reset does not remove {shown}, because it is, or contains, your home"),
            );
        }
    }

    #[test]
    fn one_unsafe_part_saves_all() {
        let parts = vec![
            found(Part::Config, "/home/you/.clawdbot-dev/clawdbot.json"),
            found(Part::Workspace, "/home/you/clawd"),
        ];
        refused(&facts(parts), "--reset does not remove ~/clawd,");
    }

    #[test]
    fn links_are_not_followed() {
        for part in [Part::Config, Part::Credentials, Part::Sessions("a".to_owned()), Part::Workspace] {
            let mut link = found(part, "/home/you/.clawdbot-dev/x");
            link.real = "/home/you/projects/x".into();
            link.is_link = true;
            refused(&facts(vec![link]), "~/.clawdbot-dev/x is a symbolic link to ~/projects/x.");
        }
        // A link further up: agents/a leads out, sessions itself is a directory.
        let mut behind = found(Part::Sessions("a".to_owned()), "/home/you/.clawdbot-dev/agents/a/sessions");
        behind.real = "/home/you/.clawdbot/agents/a/sessions".into();
        refused(&facts(vec![behind]), "~/.clawdbot-dev/agents/a/sessions is a symbolic link to ~/.clawdbot/");
    }

    #[test]
    fn the_wrong_kind_of_thing_is_left_alone() {
        let mut file = found(Part::Workspace, "/home/you/clawd-dev");
        file.is_directory = false;
        refused(&facts(vec![file]), "--reset does not remove ~/clawd-dev, because it is not a directory.");
        let mut directory = found(Part::Config, "/home/you/.clawdbot-dev/clawdbot.json");
        directory.is_directory = true;
        refused(
            &facts(vec![directory]),
            "--reset does not remove ~/.clawdbot-dev/clawdbot.json, because it is a dir",
        );
    }

    #[test]
    fn a_workspace_has_to_look_like_one() {
        let mut facts = facts(vec![found(Part::Workspace, "/home/you/Documents")]);
        facts.workspace.recognised = false;
        refused(
            &facts,
            "--reset does not remove ~/Documents, because it does not look like an agent's workspace",
        );
        facts.discard_unsaved = true;
        refused(
            &facts,
            "--reset does not remove ~/Documents, because it does not look like an agent's workspace",
        );
    }

    #[test]
    fn unsaved_work_stays_unless_it_is_given_up() {
        let mut facts = facts(vec![found(Part::Workspace, "/home/you/clawd-dev")]);
        let checkout = PathBuf::from("/home/you/clawd-dev/projects/x");
        facts.workspace.unsaved = Some((checkout, "2 uncommitted changes".to_owned()));
        refused(
            &facts,
            "--reset does not remove ~/clawd-dev, because ~/clawd-dev/projects/x has 2 uncommitted changes. \
             Save them, or add --yes.",
        );
        facts.discard_unsaved = true;
        assert_eq!(plan(&facts).unwrap().len(), 1);
    }
}
