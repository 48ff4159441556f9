//! Decisions about invented facts.

use super::*;

const HOME: &str = "/home/you";

fn found(part: Part, path: &str) -> Found {
    let is_directory = part != Part::Config;
    let whole = matches!(part, Part::State | Part::Workspace);
    let content = whole.then_some(Content { recognised: true, unsaved: None });
    Found { part, path: path.into(), real: path.into(), is_link: false, is_directory, content }
}

fn facts(found: Vec<Found>) -> Facts {
    Facts {
        home: HOME.into(),
        real_home: HOME.into(),
        real_state_dir: "/home/you/.clawdbot-dev".into(),
        default_profile: vec!["/home/you/.clawdbot".into(), "/home/you/clawd".into()],
        found,
        discard_unsaved: false,
        discard_flag: "--yes",
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
            &format!("{shown} is not removed, because {why}. Set agents.defaults.workspace"),
        );
    }
    let mut elsewhere = facts(vec![found(Part::Workspace, "/srv/dev")]);
    elsewhere.real_state_dir = "/srv/dev/state".into();
    refused(&elsewhere, "/srv/dev is not removed, because it contains the profile's state directory.");
    elsewhere.default_profile[1] = "/srv/dev/clawd".into();
    refused(&elsewhere, "/srv/dev is not removed, because it overlaps with /srv/dev/clawd of");
    for state_dir in ["/", "/home", "/home/you"] {
        let mut facts = facts(Vec::new());
        facts.real_state_dir = state_dir.into();
        let shown = shorten(Path::new(state_dir), Path::new(HOME));
        refused(&facts, &format!("{shown} is not removed, because it is, or contains, your home"));
    }
}

#[test]
fn one_unsafe_part_saves_all() {
    let parts = vec![
        found(Part::Config, "/home/you/.clawdbot-dev/clawdbot.json"),
        found(Part::Workspace, "/home/you/clawd"),
    ];
    refused(&facts(parts), "~/clawd is not removed, because");
}

#[test]
fn links_are_not_followed() {
    for part in [Part::Config, Part::Credentials, Part::Sessions("a".to_owned()), Part::Workspace] {
        let mut link = found(part, "/home/you/.clawdbot-dev/x");
        link.real = "/home/you/projects/x".into();
        link.is_link = true;
        refused(
            &facts(vec![link]),
            "~/.clawdbot-dev/x is a symbolic link to ~/projects/x, which is not followed",
        );
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
    refused(&facts(vec![file]), "~/clawd-dev is not removed, because it is not a directory.");
    let mut directory = found(Part::Config, "/home/you/.clawdbot-dev/clawdbot.json");
    directory.is_directory = true;
    refused(&facts(vec![directory]), "~/.clawdbot-dev/clawdbot.json is not removed, because it is a dir");
}

#[test]
fn a_workspace_has_to_look_like_one() {
    let mut facts = facts(vec![found(Part::Workspace, "/home/you/Documents")]);
    facts.found[0].content = Some(Content::default());
    refused(&facts, "~/Documents is not removed, because it does not look like an agent's workspace");
    facts.discard_unsaved = true;
    refused(&facts, "~/Documents is not removed, because it does not look like an agent's workspace");
}

#[test]
fn unsaved_work_stays_unless_it_is_given_up() {
    let mut facts = facts(vec![found(Part::Workspace, "/home/you/clawd-dev")]);
    let checkout = PathBuf::from("/home/you/clawd-dev/projects/x");
    let unsaved = Some((checkout, "2 uncommitted changes".to_owned()));
    facts.found[0].content = Some(Content { recognised: true, unsaved });
    refused(
        &facts,
        "~/clawd-dev is not removed, because ~/clawd-dev/projects/x has 2 uncommitted changes. \
         Save them, or add --yes.",
    );
    facts.discard_unsaved = true;
    assert_eq!(plan(&facts).unwrap().len(), 1);
}

#[test]
fn what_goes_with_a_directory_is_not_listed_again() {
    let parts = vec![
        found(Part::State, "/home/you/.clawdbot-dev"),
        found(Part::Workspace, "/home/you/.clawdbot-dev/workspace"),
        found(Part::Workspace, "/home/you/clawd-dev"),
        found(Part::Workspace, "/home/you/clawd-dev"),
    ];
    let paths: Vec<_> = plan(&facts(parts)).unwrap().into_iter().map(|removal| removal.path).collect();
    assert_eq!(paths, [Path::new("/home/you/.clawdbot-dev"), Path::new("/home/you/clawd-dev")]);
}

#[test]
fn a_state_directory_has_to_look_like_one() {
    let mut facts = facts(vec![found(Part::State, "/srv/data")]);
    facts.real_state_dir = "/srv/data".into();
    facts.found[0].content = Some(Content::default());
    refused(
        &facts,
        "/srv/data is not removed, because it does not look like a state directory: it has none of clawdbot.json,",
    );
}

#[test]
fn the_default_profile_may_go_when_it_is_meant() {
    let mut facts =
        facts(vec![found(Part::State, "/home/you/.clawdbot"), found(Part::Workspace, "/home/you/clawd")]);
    facts.real_state_dir = "/home/you/.clawdbot".into();
    refused(
        &facts,
        "~/.clawdbot is not removed, because it overlaps with ~/.clawdbot of the default profile.",
    );
    facts.default_profile.clear();
    assert_eq!(plan(&facts).unwrap().len(), 2);
}
