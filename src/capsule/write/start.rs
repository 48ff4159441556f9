//! How a gateway is started again where a capsule is replayed. Pure.

use std::collections::BTreeMap;

use crate::profile::vars;

/// Options that say what a gateway is, not where it runs or what it shows; whether each has a value.
const KEPT: [(&str, bool); 6] = [
    ("--dev", false),
    ("--profile", true),
    ("--auth", true),
    ("--token", true),
    ("--password", true),
    ("--allow-unconfigured", false),
];

/// Variables that say where it runs.
const PLACES: [&str; 10] = [
    vars::STATE_DIR,
    vars::CONFIG_PATH,
    vars::PROFILE,
    vars::GATEWAY_PORT,
    vars::SSH_PORT,
    vars::SYSTEMD_UNIT,
    vars::LAUNCHD_LABEL,
    vars::WINDOWS_TASK,
    vars::CONTROL_UI_DIR,
    vars::NIX_MODE,
];

/// The arguments of a gateway of this profile.
pub(super) fn usual_args(profile: Option<&str>) -> Vec<String> {
    let args: &[&str] = match profile {
        None => &["gateway"],
        Some("dev") => &["gateway", "--dev"],
        Some(name) => &["--profile", name, "gateway"],
    };
    args.iter().map(|&word| word.to_owned()).collect()
}

/// What of a command line is kept.
pub(super) fn kept_args(args: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut rest = args.iter();
    while let Some(argument) = rest.next() {
        let name = argument.split_once('=').map_or(argument.as_str(), |(name, _)| name);
        match KEPT.iter().find(|(known, _)| *known == name) {
            Some((_, has_value)) => {
                kept.push(argument.clone());
                if *has_value && name == argument {
                    kept.extend(rest.next().cloned());
                }
            }
            None if ["gateway", "run"].contains(&argument.as_str()) => kept.push(argument.clone()),
            None => {}
        }
    }
    kept
}

/// The secrets of a command line.
pub(super) fn secret_args(args: &[String]) -> Vec<&str> {
    let mut secrets = Vec::new();
    for (index, argument) in args.iter().enumerate() {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (argument.as_str(), args.get(index + 1).map(String::as_str)),
        };
        if ["--token", "--password"].contains(&name) {
            secrets.extend(value);
        }
    }
    secrets
}

/// What of the variables is kept.
pub(super) fn kept_env(env: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let is_kept = |name: &str| !PLACES.contains(&name);
    env.iter().filter(|(name, _)| is_kept(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_where_and_how_loud_goes() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (typed, kept, secrets) in [
            ("gateway --dev --record --port 19001 --force", "gateway --dev", ""),
            (
                "--profile work gateway run --bind lan --token=abc --verbose",
                "--profile work gateway run --token=abc",
                "abc",
            ),
            (
                "gateway --password x --tailscale serve --auth password",
                "gateway --password x --auth password",
                "x",
            ),
        ] {
            assert_eq!(kept_args(&words(typed)).join(" "), kept);
            assert_eq!(secret_args(&words(typed)).join(" "), secrets);
        }
        assert_eq!(usual_args(Some("work")).join(" "), "--profile work gateway");
        let env = [("CLAWDBOT_STATE_DIR", "/x"), ("CLAWDBOT_SKIP_CRON", "1")];
        let env: BTreeMap<String, String> =
            env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(kept_env(&env).into_keys().collect::<Vec<_>>(), ["CLAWDBOT_SKIP_CRON"]);
    }
}
