//! How the gateway of a capsule is called. A capsule may be a stranger's: nothing of it may run a program, open a port
//! to others, or end a process. Pure.

use std::collections::BTreeMap;

use crate::capsule::Manifest;
use crate::capsule::format::PLACEHOLDER;
use crate::capsule::replay::Places;
use crate::profile::vars;

/// Variables of the surroundings that a gateway of ours needs. The rest is not for a profile of somebody else, whose
/// configuration may name any.
#[cfg(unix)]
const SURROUNDINGS: [&str; 8] =
    [vars::PATH, "LANG", "LC_ALL", "LC_CTYPE", "TZ", "USER", "LOGNAME", "LLVM_PROFILE_FILE"];

/// How the names of the variables of this program begin.
const OURS: &str = "CLAWDBOT_";

/// Variables of this program that say where something is, or change what is answered by their machine.
const LEFT_OUT: [&str; 6] = [
    vars::STATE_DIR,
    vars::CONFIG_PATH,
    vars::PROFILE,
    vars::GATEWAY_PORT,
    vars::CONTROL_UI_DIR,
    "CLAWDBOT_DEV_FAULT_FILE",
];

/// The arguments: the profile, and of what was typed what decides who may connect.
pub(crate) fn arguments(manifest: &Manifest, exec: Option<&[String]>) -> Vec<String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut arguments = match (&manifest.profile, exec) {
        (_, Some(_)) => words(&["gateway", "--dev"]),
        (None, None) => words(&["gateway"]),
        (Some(name), None) if name.eq_ignore_ascii_case("dev") => words(&["gateway", "--dev"]),
        (Some(name), None) => words(&["--profile", name, "gateway"]),
    };
    arguments.extend(crate::cli::dispatch::access_of_run(&manifest.start.args));
    arguments.extend(words(&["--bind", "loopback", "--tailscale", "off"]));
    if let Some(exec) = exec {
        // It follows its configuration itself, as it did when it was recorded, or does not.
        arguments.push("--no-watch".to_owned());
        arguments.extend(exec.iter().cloned());
    }
    arguments
}

/// The environment: what a gateway of ours needs, or all of it for a command that somebody has typed, with the variables
/// of the capsule.
#[cfg(unix)]
pub(super) fn environment(
    manifest: &Manifest,
    places: &Places,
    surroundings: &BTreeMap<String, String>,
    is_typed: bool,
) -> BTreeMap<String, String> {
    let is_needed = |name: &str| {
        is_typed || SURROUNDINGS.contains(&name) || name == vars::HOME || name.starts_with("CLAWDBOT_TEST_")
    };
    let mut env: BTreeMap<String, String> = surroundings
        .iter()
        .filter(|(name, _)| is_needed(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for (name, value) in variables(manifest) {
        if name.starts_with(OURS) || !env.contains_key(&name) {
            env.insert(name, places.outwards(&value).into_owned());
        }
    }
    // Nothing is announced to others.
    env.insert(vars::DISABLE_BONJOUR.to_owned(), "1".to_owned());
    env
}

/// The variables of the capsule that are set again.
pub(crate) fn variables(manifest: &Manifest) -> BTreeMap<String, String> {
    let is_taken = |name: &str, value: &str| {
        // What a configuration puts in is a secret, and so a placeholder. Anything else might be a program to load.
        (name.starts_with(OURS) && !LEFT_OUT.contains(&name)) || value.starts_with(PLACEHOLDER)
    };
    let taken = manifest.start.env.iter().filter(|(name, value)| is_taken(name, value));
    taken.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(profile: Option<&str>, args: &[&str], env: &[(&str, &str)]) -> Manifest {
        let env: BTreeMap<&str, &str> = env.iter().copied().collect();
        let manifest = serde_json::json!({
            "format": 1, "program": "0", "platform": "p", "created": "", "profile": profile, "stateDir": "s",
            "workspace": null, "start": { "args": args, "env": env }, "taken": "recording", "recording": null,
            "secrets": 0, "devices": 0, "files": [], "leftOut": [],
        });
        Manifest::parse(manifest.to_string().as_bytes()).unwrap()
    }

    #[track_caller]
    fn check(profile: Option<&str>, args: &[&str], exec: Option<&[&str]>, expected: &str) {
        let exec: Option<Vec<String>> =
            exec.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
        let arguments = arguments(&manifest(profile, args, &[]), exec.as_deref());
        assert_eq!(arguments.join(" "), expected, "{args:?}");
    }

    #[test]
    fn only_what_is_harmless_is_typed_again() {
        let end = "--bind loopback --tailscale off";
        check(None, &[], None, &format!("gateway {end}"));
        check(None, &["gateway", "--bind", "lan", "--force"], None, &format!("gateway {end}"));
        check(
            Some("work"),
            &["--profile", "work", "gateway", "run", "--port", "1", "--token", "capsule-secret-1"],
            None,
            &format!("--profile work gateway --token capsule-secret-1 {end}"),
        );
        check(
            Some("dev"),
            &[
                "gateway", "--dev", "--record", "--exec", "rm -rf /", "--build", "x", "--watch", "/",
                "--reset",
            ],
            None,
            &format!("gateway --dev {end}"),
        );
        check(
            None,
            &[
                "gateway",
                "--auth",
                "password",
                "--password",
                "p",
                "--allow-unconfigured",
                "--tailscale",
                "funnel",
            ],
            None,
            &format!("gateway --auth password --password p --allow-unconfigured {end}"),
        );
        check(None, &["doctor", "--fix"], None, &format!("gateway {end}"));
        check(
            None,
            &["gateway"],
            Some(&["--exec", "x"]),
            &format!("gateway --dev {end} --no-watch --exec x"),
        );
    }

    #[test]
    fn only_variables_that_load_nothing_are_set() {
        let surroundings: BTreeMap<String, String> =
            [("PATH", "/bin"), ("HOME", "/tmp/home"), ("OPENAI_API_KEY", "mine")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into();
        let manifest = manifest(
            None,
            &[],
            &[
                ("CLAWDBOT_SKIP_CRON", "1"),
                ("CLAWDBOT_STATE_DIR", "/capsule/home/s"),
                ("CLAWDBOT_SOMETHING", "/capsule/home/clawd/x"),
                ("LD_PRELOAD", "/capsule/home/clawd/evil.so"),
                ("PATH", "capsule-secret-3"),
                ("MY_TOKEN", "capsule-secret-4"),
            ],
        );
        let shown = |is_typed| {
            environment(&manifest, &Places::of_home("/tmp/home"), &surroundings, is_typed)
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            shown(false),
            "CLAWDBOT_DISABLE_BONJOUR=1 CLAWDBOT_SKIP_CRON=1 CLAWDBOT_SOMETHING=/tmp/home/clawd/x HOME=/tmp/home \
             MY_TOKEN=capsule-secret-4 PATH=/bin"
        );
        assert!(shown(true).contains("OPENAI_API_KEY=mine"));
    }
}
