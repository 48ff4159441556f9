//! Every way of selecting a profile, against hostile environments.

use super::*;

const HOME: &str = "/home/you";

#[derive(Default, Clone, Copy)]
struct Case<'a> {
    before: bool,
    after: bool,
    name: Option<&'a str>,
    env: &'a [(&'a str, &'a str)],
}

impl Case<'_> {
    fn resolve(&self) -> Result<ResolvedProfile, ProfileError> {
        let request = ProfileRequest {
            dev_before_command: self.before,
            dev_after_command: self.after,
            name: self.name.map(|name| ProfileName::parse(name).unwrap()),
            working_dir: Some(PathBuf::from("/srv/project")),
        };
        let mut env = EnvMap::default();
        for (name, value) in self.env {
            env.set(name, value);
        }
        resolve(&request, &env, Some(PathBuf::from(HOME)))
    }
}

/// `expected`: name, dev mode, state directory, configuration file, workspace (all below home), port.
#[track_caller]
fn check(case: Case<'_>, expected: (Option<&str>, bool, &str, &str, &str, u16), warns_of: &[&str]) {
    let resolved = case.resolve().unwrap();
    let paths = &resolved.paths;
    let below_home = |path: &Path| shorten(path, Path::new(HOME));
    let found = (
        paths.name.as_ref().map(ProfileName::as_str),
        paths.dev_mode,
        below_home(&paths.state_dir),
        below_home(&paths.config_path),
        below_home(&paths.default_workspace),
        paths.default_port,
    );
    let (name, dev, state, config, workspace, port) = expected;
    assert_eq!(found, (name, dev, state.to_owned(), config.to_owned(), workspace.to_owned(), port));
    let warning = resolved.warning.clone().unwrap_or_default();
    assert_eq!(warning.lines().count(), usize::from(!warns_of.is_empty()), "{warning}");
    for variable in [vars::STATE_DIR, vars::CONFIG_PATH, vars::GATEWAY_PORT] {
        assert_eq!(warning.contains(variable), warns_of.contains(&variable), "{variable}: {warning}");
    }
    assert_eq!(paths.gateway_lock, paths.state_dir.join("gateway.lock"));
    assert_eq!(paths.log_file, paths.state_dir.join("logs/gateway.log"));
    assert_eq!(resolved.explicit, case.before || case.after || case.name.is_some());
}

const DEV: (Option<&str>, bool, &str, &str, &str, u16) =
    (Some("dev"), true, "~/.clawdbot-dev", "~/.clawdbot-dev/clawdbot.json", "~/clawd-dev", 19_001);
const DEV_AFTER: (Option<&str>, bool, &str, &str, &str, u16) =
    (Some("dev"), true, "~/.clawdbot-dev", "~/.clawdbot-dev/clawdbot.json", "~/clawd-dev", 18_789);
const DEFAULT: (Option<&str>, bool, &str, &str, &str, u16) =
    (None, false, "~/.clawdbot", "~/.clawdbot/clawdbot.json", "~/clawd", 18_789);
const WORK: (Option<&str>, bool, &str, &str, &str, u16) =
    (Some("work"), false, "~/.clawdbot-work", "~/.clawdbot-work/clawdbot.json", "~/clawd-work", 18_789);

fn before() -> Case<'static> {
    Case { before: true, ..Case::default() }
}

fn after() -> Case<'static> {
    Case { after: true, ..Case::default() }
}

fn named(name: &str) -> Case<'_> {
    Case { name: Some(name), ..Case::default() }
}

fn inherited<'a>(env: &'a [(&'a str, &'a str)]) -> Case<'a> {
    Case { env, ..Case::default() }
}

#[test]
fn every_way_of_selecting_a_profile() {
    check(Case::default(), DEFAULT, &[]);
    check(before(), DEV, &[]);
    check(after(), DEV_AFTER, &[]);
    check(Case { before: true, ..after() }, DEV_AFTER, &[]);
    check(named("dev"), DEV, &[]);
    check(named("DEV"), DEV, &[]);
    check(Case { after: true, ..named("dev") }, DEV_AFTER, &[]);
    check(Case { before: true, ..named("Dev") }, DEV, &[]);
    check(named("work"), WORK, &[]);
    check(named("Default"), DEFAULT, &[]);
    check(inherited(&[(vars::PROFILE, "dev")]), DEV, &[]);
    check(inherited(&[(vars::PROFILE, " Dev ")]), DEV, &[]);
    check(inherited(&[(vars::PROFILE, "work")]), WORK, &[]);
    check(inherited(&[(vars::PROFILE, "default")]), DEFAULT, &[]);
    check(inherited(&[(vars::PROFILE, "  ")]), DEFAULT, &[]);
}

#[test]
fn a_flag_beats_the_inherited_name() {
    check(Case { env: &[(vars::PROFILE, "work")], ..after() }, DEV_AFTER, &[]);
    check(Case { env: &[(vars::PROFILE, "not a name")], ..before() }, DEV, &[]);
    check(Case { env: &[(vars::PROFILE, "dev")], ..named("work") }, WORK, &[]);
    check(Case { env: &[(vars::PROFILE, "dev")], ..named("default") }, DEFAULT, &[]);
    check(Case { env: &[(vars::PROFILE, "dev")], ..after() }, DEV_AFTER, &[]);
}

const PRODUCTION: &[(&str, &str)] = &[
    (vars::PROFILE, "default"),
    (vars::STATE_DIR, "/home/you/.clawdbot"),
    (vars::CONFIG_PATH, "/home/you/.clawdbot/clawdbot.json"),
    (vars::GATEWAY_PORT, "18790"),
];

#[test]
fn a_flag_beats_inherited_paths_with_one_warning() {
    let all = [vars::STATE_DIR, vars::CONFIG_PATH, vars::GATEWAY_PORT];
    check(Case { env: PRODUCTION, ..before() }, DEV, &all);
    check(Case { env: PRODUCTION, ..after() }, DEV_AFTER, &all);
    check(Case { env: PRODUCTION, ..named("work") }, WORK, &all);
    check(Case { env: PRODUCTION, ..named("default") }, DEFAULT, &[vars::GATEWAY_PORT]);
    check(Case { env: &[(vars::STATE_DIR, "/elsewhere")], ..after() }, DEV_AFTER, &[vars::STATE_DIR]);
    check(Case { env: &[(vars::CONFIG_PATH, "x.json")], ..after() }, DEV_AFTER, &[vars::CONFIG_PATH]);
}

#[test]
fn inherited_values_that_agree_are_not_worth_a_word() {
    let same = [
        (vars::STATE_DIR, "~/.clawdbot-work/../.clawdbot-dev/"),
        (vars::CONFIG_PATH, "/home/you/.clawdbot-dev/clawdbot.json"),
        (vars::GATEWAY_PORT, "19001"),
    ];
    check(Case { env: &same, ..before() }, DEV, &[]);
    check(Case { env: &[(vars::GATEWAY_PORT, "none")], ..before() }, DEV, &[]);
    check(Case { env: &[(vars::GATEWAY_PORT, "18789")], ..after() }, DEV_AFTER, &[]);
}

#[test]
fn without_a_flag_the_environment_decides() {
    let moved = (None, false, "/srv/state", "/srv/state/clawdbot.json", "~/clawd", 18_789);
    check(inherited(&[(vars::STATE_DIR, "/srv/state")]), moved, &[]);
    check(inherited(&[(vars::STATE_DIR, "../state")]), moved, &[]);
    let work = (Some("work"), false, "/srv/state", "/etc/claw.json", "~/clawd-work", 18_789);
    let env =
        [(vars::PROFILE, "work"), (vars::STATE_DIR, "/srv/state"), (vars::CONFIG_PATH, "/etc/claw.json")];
    check(inherited(&env), work, &[]);
    check(inherited(PRODUCTION), DEFAULT, &[]);
}

#[test]
fn dev_mode_from_the_environment_may_be_moved_but_not_onto_the_default_profile() {
    let moved = (Some("dev"), true, "/srv/state", "/srv/state/clawdbot.json", "~/clawd-dev", 19_001);
    check(inherited(&[(vars::PROFILE, "dev"), (vars::STATE_DIR, "/srv/state")]), moved, &[]);
    for hostile in [
        "/home/you/.clawdbot",
        "~/.clawdbot",
        "~/.clawdbot/",
        "/home/you/.clawdbot/agents",
        "/home/you/.clawdbot-dev/../.clawdbot",
        "/home/./you//.clawdbot",
        "../../home/you/.clawdbot",
        "~/clawd",
        "~/clawd/state",
    ] {
        check(inherited(&[(vars::PROFILE, "dev"), (vars::STATE_DIR, hostile)]), DEV, &[vars::STATE_DIR]);
        check(inherited(&[(vars::PROFILE, "dev"), (vars::CONFIG_PATH, hostile)]), DEV, &[vars::CONFIG_PATH]);
    }
}

#[test]
fn what_follows_sees_the_resolved_environment() {
    let env = Case { env: PRODUCTION, ..after() }.resolve().unwrap().env;
    assert_eq!(env.get(vars::PROFILE), Some("dev"));
    assert_eq!(env.get(vars::STATE_DIR), Some("/home/you/.clawdbot-dev"));
    assert_eq!(env.get(vars::CONFIG_PATH), Some("/home/you/.clawdbot-dev/clawdbot.json"));
    assert_eq!(env.get(vars::GATEWAY_PORT), None);

    let untouched = inherited(&[(vars::GATEWAY_PORT, "18790"), ("OTHER", "x")]).resolve().unwrap().env;
    assert_eq!(untouched, EnvMap::from([(vars::GATEWAY_PORT, "18790"), ("OTHER", "x")]));
}

#[test]
fn resolving_the_resolved_environment_again_changes_nothing() {
    for case in [before(), named("work"), Case { env: PRODUCTION, ..before() }] {
        let first = case.resolve().unwrap();
        let pairs: Vec<_> = first.env.iter().collect();
        let second = Case { env: &pairs, ..case }.resolve().unwrap();
        assert_eq!(second.paths, first.paths);
        assert_eq!(second.warning, None);
        let inherited = inherited(&pairs).resolve().unwrap();
        assert_eq!(inherited.paths, first.paths);
    }
}

#[test]
fn warnings_say_what_is_used_instead() {
    let text = |case: Case<'_>| case.resolve().unwrap().warning.unwrap();
    assert_eq!(
        text(Case { env: PRODUCTION, ..after() }),
        "Ignoring CLAWDBOT_STATE_DIR, CLAWDBOT_CONFIG_PATH, CLAWDBOT_GATEWAY_PORT from the environment: \
         the command line selects profile dev (~/.clawdbot-dev)."
    );
    assert_eq!(
        text(inherited(&[(vars::PROFILE, "dev"), (vars::STATE_DIR, "~/.clawdbot")])),
        "Ignoring CLAWDBOT_STATE_DIR from the environment: \
         dev mode keeps away from the default profile and uses ~/.clawdbot-dev."
    );
}

#[test]
fn refusals() {
    for case in [Case { before: true, ..named("work") }, Case { after: true, ..named("default") }] {
        assert_eq!(case.resolve(), Err(ProfileError::Contradiction));
    }
    let invalid = inherited(&[(vars::PROFILE, "a/b")]).resolve();
    assert_eq!(invalid, Err(ProfileError::InvalidEnvironmentName("a/b".to_owned())));

    let with_home =
        |home: Option<&str>| resolve(&ProfileRequest::default(), &EnvMap::default(), home.map(Into::into));
    assert_eq!(with_home(None), Err(ProfileError::HomeUnset));
    assert_eq!(with_home(Some("")), Err(ProfileError::HomeUnset));
    assert_eq!(with_home(Some("you")), Err(ProfileError::HomeRelative("you".into())));
    assert_eq!(with_home(Some("/a/../home/you")).unwrap().paths.home, Path::new(HOME));

    let relative = EnvMap::from([(vars::STATE_DIR, "state")]);
    assert_eq!(
        resolve(&ProfileRequest::default(), &relative, Some(HOME.into())),
        Err(ProfileError::RelativePath { name: vars::STATE_DIR, value: "state".to_owned() })
    );
}
