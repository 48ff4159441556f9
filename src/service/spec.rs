//! What is to run as a service. Pure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ServiceNames;
use crate::profile::{ProfileName, ProfilePaths, vars};
use crate::settings::BindMode;

/// One gateway as a service, before a manager writes it in its own words. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSpec {
    /// The names.
    pub names: ServiceNames,
    /// For people: `Clawdbot Gateway (profile: NAME, vVERSION)`.
    pub description: String,
    /// Absolute path of the program, then its arguments.
    pub argv: Vec<String>,
    /// Variables, as few as will do.
    pub environment: BTreeMap<String, String>,
    /// Where the manager puts what the program prints, where it has no journal.
    pub stdout_log: PathBuf,
    /// Likewise for standard error.
    pub stderr_log: PathBuf,
}

/// The systems that have a manager which is understood here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// systemd.
    Linux,
    /// launchd.
    Mac,
    /// The Task Scheduler.
    Windows,
}

/// What a spec is made from.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The system that it is for.
    pub system: System,
    /// The profile whose gateway it is.
    pub profile: &'a ProfilePaths,
    /// Its names.
    pub names: &'a ServiceNames,
    /// Absolute path of the program.
    pub program: &'a Path,
    /// The port that it listens on.
    pub port: u16,
    /// The addresses.
    pub bind: BindMode,
    /// Whether it starts without `gateway.mode=local`.
    pub allow_unconfigured: bool,
}

/// Variables that lead a gateway to its files and its port. What a service is not given of them, it does not inherit
/// either: a manager often has those of whatever shell came first.
pub const PLACES: [&str; 4] = [vars::PROFILE, vars::STATE_DIR, vars::CONFIG_PATH, vars::GATEWAY_PORT];

/// This program's version, which a definition names.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Marks the definition of a gateway for whoever looks for one.
pub(super) const MARKER: (&str, &str) = ("CLAWDBOT_SERVICE_MARKER", "clawdbot");
const KIND: (&str, &str) = ("CLAWDBOT_SERVICE_KIND", "gateway");
/// The version that wrote it.
pub(super) const VERSION_MARKER: &str = "CLAWDBOT_SERVICE_VERSION";

/// Where people install programs for themselves; agents and skills look there. Below the home directory.
const OWN_PROGRAMS: [&str; 6] =
    [".local/bin", "bin", ".npm-global/bin", ".local/share/pnpm", ".bun/bin", ".cargo/bin"];

/// What a manager has to be told.
pub fn build(facts: &Facts<'_>) -> ServiceSpec {
    let profile = facts.profile;
    let name = profile.name.as_ref().map(ProfileName::as_str);
    let usual = profile.has_usual_paths();
    let mut argv = vec![text(facts.program)];
    // Together with paths of its own a name works only from the environment: typed, it would beat them.
    if let Some(name) = name.filter(|_| usual) {
        argv.extend(["--profile", name].map(str::to_owned));
    }
    argv.extend(
        ["gateway", "--port", &facts.port.to_string(), "--bind", facts.bind.as_str()].map(str::to_owned),
    );
    if facts.allow_unconfigured {
        argv.push("--allow-unconfigured".to_owned());
    }

    let description = match name {
        Some(name) => format!("Clawdbot Gateway (profile: {name}, v{VERSION})"),
        None => format!("Clawdbot Gateway (v{VERSION})"),
    };
    let [stdout_log, stderr_log] = output_logs(profile);
    ServiceSpec {
        names: facts.names.clone(),
        description,
        argv,
        environment: environment(facts.system, profile),
        stdout_log,
        stderr_log,
    }
}

/// Where a manager without a journal puts what the gateway of a profile prints, on standard output and standard error.
pub fn output_logs(profile: &ProfilePaths) -> [PathBuf; 2] {
    ["gateway.out.log", "gateway.err.log"].map(|name| profile.state_dir.join("logs").join(name))
}

/// The variables of a profile's service, in place of whatever the manager gives it under these names.
pub fn environment(system: System, profile: &ProfilePaths) -> BTreeMap<String, String> {
    let mut environment = BTreeMap::new();
    let mut set = |name: &str, value: String| environment.insert(name.to_owned(), value);
    set(KIND.0, KIND.1.to_owned());
    set(MARKER.0, MARKER.1.to_owned());
    set(VERSION_MARKER, VERSION.to_owned());
    if let Some(name) = &profile.name {
        set(vars::PROFILE, name.as_str().to_owned());
    }
    if !profile.has_usual_paths() {
        set(vars::STATE_DIR, text(&profile.state_dir));
        set(vars::CONFIG_PATH, text(&profile.config_path));
    }
    if let Some(path) = path(system, &profile.home) {
        set(vars::HOME, text(&profile.home));
        set(vars::PATH, path);
    }
    environment
}

impl System {
    /// The system by its published name: `linux`, `darwin`, `win32`.
    pub fn named(os: &str) -> Option<Self> {
        match os {
            "linux" => Some(Self::Linux),
            "darwin" => Some(Self::Mac),
            "win32" => Some(Self::Windows),
            _ => None,
        }
    }
}

/// A `PATH` that is the same wherever `install` was typed. On Windows the user's own counts.
fn path(system: System, home: &Path) -> Option<String> {
    let own = OWN_PROGRAMS.map(|below| text(&home.join(below)));
    let shared: &[&str] = match system {
        System::Linux => &["/usr/local/bin", "/usr/bin", "/bin"],
        System::Mac => &["/opt/homebrew/bin", "/usr/local/bin", "/usr/bin", "/bin"],
        System::Windows => return None,
    };
    // A home that cannot stand in a list of directories has none of these.
    let own = own.iter().map(String::as_str).filter(|directory| !directory.contains(':'));
    Some(own.chain(shared.iter().copied()).collect::<Vec<_>>().join(":"))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{EnvMap, ProfileRequest, ResolvedProfile, resolve};
    use crate::service::names;

    fn profile(name: Option<&str>, env: &EnvMap) -> ResolvedProfile {
        let name = name.map(|name| ProfileName::parse(name).unwrap());
        let request = ProfileRequest { name, ..ProfileRequest::default() };
        resolve(&request, env, Some(PathBuf::from("/home/you"))).unwrap()
    }

    fn spec(profile: &ResolvedProfile, system: System) -> ServiceSpec {
        build(&Facts {
            system,
            profile: &profile.paths,
            names: &names(profile).unwrap(),
            program: Path::new("/usr/local/bin/clawdbot"),
            port: 18_789,
            bind: BindMode::Loopback,
            allow_unconfigured: false,
        })
    }

    #[track_caller]
    fn check(name: Option<&str>, env: &EnvMap, argv: &str, variables: &[(&str, &str)]) {
        let spec = spec(&profile(name, env), System::Linux);
        assert_eq!(spec.argv.join(" "), argv);
        let places: Vec<_> = spec
            .environment
            .iter()
            .filter(|(name, _)| [vars::PROFILE, vars::STATE_DIR, vars::CONFIG_PATH].contains(&name.as_str()))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(places, variables);
    }

    #[test]
    fn a_service_finds_the_profile_it_was_installed_for() {
        let none = EnvMap::default();
        check(None, &none, "/usr/local/bin/clawdbot gateway --port 18789 --bind loopback", &[]);
        check(
            Some("work"),
            &none,
            "/usr/local/bin/clawdbot --profile work gateway --port 18789 --bind loopback",
            &[(vars::PROFILE, "work")],
        );
        let elsewhere = [(vars::CONFIG_PATH, "/srv/state/clawdbot.json"), (vars::STATE_DIR, "/srv/state")];
        let env = EnvMap::from([(vars::STATE_DIR, "/srv/state")]);
        let plain = "/usr/local/bin/clawdbot gateway --port 18789 --bind loopback";
        check(None, &env, plain, &elsewhere);
        let env = EnvMap::from([(vars::STATE_DIR, "/srv/state"), (vars::PROFILE, "work")]);
        check(None, &env, plain, &[elsewhere[0], (vars::PROFILE, "work"), elsewhere[1]]);
    }

    #[test]
    fn nothing_else_of_the_environment_is_taken_along() {
        let env = EnvMap::from([
            (vars::GATEWAY_TOKEN, "secret"),
            (vars::GATEWAY_PASSWORD, "secret"),
            ("ANTHROPIC_API_KEY", "secret"),
            (vars::PATH, "/somewhere"),
        ]);
        let spec = spec(&profile(None, &env), System::Linux);
        assert!(!format!("{spec:?}").contains("secret"));
        let names: Vec<_> = spec.environment.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["CLAWDBOT_SERVICE_KIND", "CLAWDBOT_SERVICE_MARKER", "CLAWDBOT_SERVICE_VERSION", "HOME", "PATH"]
        );
        assert!(spec.environment["PATH"].starts_with("/home/you/.local/bin:"));
        assert!(spec.environment["PATH"].ends_with(":/usr/local/bin:/usr/bin:/bin"));
    }

    #[test]
    fn every_system_has_its_own_path() {
        let profile = profile(None, &EnvMap::default());
        assert!(spec(&profile, System::Mac).environment["PATH"].contains(":/opt/homebrew/bin:"));
        assert!(!spec(&profile, System::Windows).environment.contains_key("PATH"));
        assert_eq!(System::named("darwin"), Some(System::Mac));
        assert_eq!(System::named("freebsd"), None);
    }
}
