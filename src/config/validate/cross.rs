//! Checks that look at more than one key.

use super::super::problem::Problem;
use super::super::tree::{Content, Member, Members, Node};
use super::check::Findings;

/// The mappings that come with the program.
const PRESETS: [&str; 1] = ["gmail"];

/// Adds what is wrong between keys that are each right by themselves.
pub(super) fn check(root: &Node, findings: &mut Findings) {
    let Some(root) = members(root) else { return };
    if let Some(broadcast) = root.get("broadcast") {
        check_broadcast(root, broadcast, &mut findings.problems);
    }
    if let Some(browser) = root.get("browser") {
        check_profiles(browser, &mut findings.problems);
    }
    if let Some(session) = root.get("session") {
        check_main_key(session, &mut findings.warnings);
    }
    if let Some(hooks) = root.get("hooks").and_then(|hooks| members(&hooks.value)) {
        check_hooks(hooks, &mut findings.warnings);
    }
}

fn members(node: &Node) -> Option<&Members> {
    if let Content::Object(members) = &node.content { Some(members) } else { None }
}

fn text(node: &Node) -> Option<&str> {
    if let Content::Text(text) = &node.content { Some(text) } else { None }
}

/// The agents of a broadcast group must exist, unless there is no list of agents at all.
fn check_broadcast(root: &Members, broadcast: &Member, problems: &mut Vec<Problem>) {
    let agents = root.get("agents").and_then(|agents| members(&agents.value));
    let Some(Content::List(agents)) =
        agents.and_then(|agents| agents.get("list")).map(|list| &list.value.content)
    else {
        return;
    };
    let ids: Vec<_> =
        agents.iter().map(|agent| members(agent)?.get("id").and_then(|id| text(&id.value))).collect();
    // An agent without a readable id is a problem of its own, and could be the one that is meant.
    let Some(ids) = ids.into_iter().collect::<Option<Vec<_>>>() else { return };
    if ids.is_empty() {
        return;
    }
    let Some(groups) = members(&broadcast.value) else { return };
    for group in groups.list.iter().filter(|group| group.key != "strategy") {
        let Content::List(names) = &group.value.content else { continue };
        for (index, name) in names.iter().enumerate() {
            let Some(id) = text(name).filter(|id| !ids.iter().any(|known| known.eq_ignore_ascii_case(id)))
            else {
                continue;
            };
            problems.push(Problem {
                path: format!("broadcast.{}[{index}]", group.key),
                message: format!("Unknown agent id \"{id}\" (not in agents.list)."),
                suggestion: super::nearest::nearest(id, ids.iter().copied())
                    .map(|near| format!("did you mean \"{near}\"?")),
                span: Some(name.span),
            });
        }
    }
}

fn check_profiles(browser: &Member, problems: &mut Vec<Problem>) {
    let profiles = members(&browser.value).and_then(|browser| browser.get("profiles"));
    let Some(profiles) = profiles.and_then(|profiles| members(&profiles.value)) else { return };
    for profile in &profiles.list {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if profile.key.is_empty() || !profile.key.bytes().all(allowed) {
            problems.push(Problem {
                path: format!("browser.profiles.{}", profile.key),
                message: "Invalid key in record".to_owned(),
                suggestion: Some("use lower-case letters, digits, and hyphens".to_owned()),
                span: Some(profile.key_span),
            });
        }
        let Some(keys) = members(&profile.value) else { continue };
        if !keys.partial && keys.get("cdpPort").is_none() && keys.get("cdpUrl").is_none() {
            problems.push(Problem {
                path: format!("browser.profiles.{}", profile.key),
                message: "Profile must set cdpPort or cdpUrl".to_owned(),
                suggestion: None,
                span: Some(profile.key_span),
            });
        }
    }
}

/// What of the hooks is valid and does not work here: code of the published program, and presets that nobody knows.
fn check_hooks(hooks: &Members, warnings: &mut Vec<Problem>) {
    let list = |key: &str| match hooks.get(key).map(|member| &member.value.content) {
        Some(Content::List(items)) => items.as_slice(),
        _ => &[],
    };
    for (index, mapping) in list("mappings").iter().enumerate() {
        let Some(transform) = members(mapping).and_then(|mapping| mapping.get("transform")) else { continue };
        warnings.push(Problem {
            path: format!("hooks.mappings[{index}].transform"),
            message: "transform.module needs JavaScript, which this gateway does not run; \
                      requests that match this mapping are answered with 500."
                .to_owned(),
            suggestion: Some("use textTemplate or messageTemplate".to_owned()),
            span: Some(transform.key_span),
        });
    }
    for (index, preset) in list("presets").iter().enumerate() {
        let Some(name) = text(preset).filter(|name| !PRESETS.contains(name)) else { continue };
        warnings.push(Problem {
            path: format!("hooks.presets[{index}]"),
            message: format!("Unknown preset \"{name}\"."),
            suggestion: Some(format!("the presets are {}", PRESETS.join(", "))),
            span: Some(preset.span),
        });
    }
}

fn check_main_key(session: &Member, warnings: &mut Vec<Problem>) {
    let main_key = members(&session.value).and_then(|session| session.get("mainKey"));
    if let Some(main_key) = main_key.filter(|key| text(&key.value).is_some_and(|name| name.trim() != "main"))
    {
        warnings.push(Problem {
            path: "session.mainKey".to_owned(),
            message: "session.mainKey is ignored; main session is always \"main\".".to_owned(),
            suggestion: None,
            span: Some(main_key.value.span),
        });
    }
}
