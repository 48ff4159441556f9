//! Installations that are broken in every way, and what is found in each. For tests: of the checks, and of the
//! commands that findings name.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::judge;
use crate::config::Document;
use crate::doctor::facts::{
    Answer, Facts, InstanceFacts, LimitFacts, PortFacts, SecretFile, ServiceFacts, Standing, StateFacts,
    StateFile, Unwatchable,
};
use crate::doctor::finding::{Check, Finding, Repair};
use crate::doctor::gather::config::of;
use crate::doctor::report::{Done, Report};
use crate::platform::disk::Room;
use crate::platform::ports::{HolderProcess, Origin, PortHolder};
use crate::platform::tailscale::{Status, TailscaleError};
use crate::profile::{EnvMap, ProfileName, ProfileRequest, ResolvedProfile, resolve};
use crate::service::{Definition, Runtime, ServiceStatus};

type Change = fn(&mut Facts<'_>);

/// What is changed in an installation that is well, and the codes of what is found then.
pub(super) const CASES: &[(&[&str], Change)] = &[
    (&["config-missing"], |facts| configure(facts, None)),
    (&["env-file-invalid"], |facts| config(facts).dotenv = Some("line 3: expected NAME=value".to_owned())),
    (&["config-invalid"], |facts| configure(facts, Some("{ gateway: { prot: 1 } }"))),
    (&["config-invalid"], |facts| configure(facts, Some("{ gateway:"))),
    (&["key-misplaced"], |facts| configure(facts, Some("{ gateway: { mode: 'local', token: 'x' } }"))),
    (&["key-misplaced", "config-invalid"], |facts| {
        configure(facts, Some("{ gateway: { mode: 'local', token: 'x', foo: 1 } }"));
    }),
    (&["gateway-mode-unset", "auth-off"], |facts| configure(facts, Some("{}"))),
    (&["gateway-mode-remote"], |facts| say(facts, "mode: 'remote'", "")),
    (&["config-warning"], |facts| {
        let gateway = "mode: 'local', auth: { token: '0123456789abcdef' }";
        say(facts, gateway, "session: { mainKey: 'other' },");
    }),
    (&["secret-open"], |facts| secret(facts, 0o644, true, false)),
    (&["secret-open"], |facts| secret(facts, 0o660, true, false)),
    (&["secret-open-in-private"], |facts| secret(facts, 0o644, false, false)),
    (&["key-open"], |facts| secret(facts, 0o644, false, true)),
    (&[], |facts| secret(facts, 0o600, true, false)),
    (&["state-missing"], |facts| state(facts).standing = Standing::Missing),
    (&["state-broken-link"], |facts| state(facts).standing = Standing::BrokenLink),
    (&["state-no-directory"], |facts| state(facts).standing = Standing::NoDirectory),
    (&["state-foreign"], |facts| state(facts).owner = Some(0)),
    (&["state-unwritable"], |facts| state(facts).unwritable = Some("Permission denied".to_owned())),
    (&["state-open"], |facts| state(facts).mode = Some(0o755)),
    (&["state-entries-foreign"], |facts| {
        state(facts).foreign = vec![PathBuf::from("/home/you/.clawdbot/logs")];
    }),
    (&["state-synchronised"], |facts| state(facts).synchronised_by = Some("Dropbox")),
    (&["state-on-network"], |facts| state(facts).network = Some("nfs")),
    (&["state-file-damaged"], |facts| {
        let (holds, consequence) = ("devices", "They have to be approved again.");
        let path = PathBuf::from("/home/you/.clawdbot/devices/paired.json");
        facts.files =
            Some(vec![StateFile { path, holds, consequence, problem: Some("not a JSON object".to_owned()) }]);
    }),
    (&["state-file-set-aside"], |facts| {
        state(facts).set_aside = vec![PathBuf::from("/home/you/a b.corrupt-1")];
    }),
    (&["leftover"], |facts| {
        let name = |index| PathBuf::from(format!("/home/you/.clawdbot/.a.json.{index}.tmp"));
        state(facts).leftovers = (0..5).map(name).collect();
    }),
    (&["disk-full"], |facts| state(facts).room = Some(Room { bytes: 1 << 20, files: None })),
    (&["disk-full"], |facts| state(facts).room = Some(Room { bytes: 1 << 40, files: Some(0) })),
    (&["disk-nearly-full"], |facts| state(facts).room = Some(Room { bytes: 300 << 20, files: Some(9) })),
    (&["few-open-files"], |facts| limits(facts).open_files = 256),
    (&["no-watch-left"], |facts| limits(facts).unwatchable = Some(Unwatchable::Watches)),
    (&["no-watcher-left"], |facts| limits(facts).unwatchable = Some(Unwatchable::Instances)),
    (&["few-watches"], |facts| limits(facts).watches = Some(100)),
    (&["service-unreadable"], |facts| service(facts, |found| found.definition = Err("denied".to_owned()))),
    (&["service-published"], |facts| {
        define(facts, |definition| definition.argv[0] = "/usr/bin/node".to_owned());
    }),
    (&["service-foreign"], |facts| define(facts, |definition| definition.environment.clear())),
    (&["service-drift"], |facts| {
        service(facts, |found| found.drift = vec!["--port is 1 instead of 2".to_owned()]);
    }),
    (&["service-program-in-build"], |facts| {
        define(facts, |definition| definition.argv[0] = "/home/you/c/target/release/clawdbot".to_owned());
    }),
    (&["service-program-missing"], |facts| service(facts, |found| found.has_program = false)),
    (&["service-secret"], |facts| {
        define(facts, |definition| {
            let token = "hidden-secret".to_owned();
            definition.environment.insert("CLAWDBOT_GATEWAY_TOKEN".to_owned(), token);
        });
    }),
    (&["service-unavailable"], |facts| service(facts, |found| found.status = Some(Err("no bus".to_owned())))),
    (&["service-failing"], |facts| {
        manager(facts, |status| (status.runtime, status.last_exit) = (Runtime::Failed, Some(78)));
    }),
    (&["service-failing"], |facts| {
        manager(facts, |status| (status.runtime, status.restarts) = (Runtime::Starting, Some(9)));
    }),
    (&["service-restarted"], |facts| manager(facts, |status| status.restarts = Some(9))),
    (&["service-disabled"], |facts| manager(facts, |status| status.loaded = false)),
    (&["service-not-lingering"], |facts| service(facts, |found| found.lingers = Some(false))),
    (&["lock-unusable"], |facts| instance(facts).problem = Some("not a file".to_owned())),
    (&["runtime-file-stale", "gateway-not-running"], |facts| {
        stopped(facts);
        instance(facts).has_runtime_file = true;
    }),
    (&["runtime-file-missing"], |facts| instance(facts).running = None),
    (&["two-gateways"], |facts| instance(facts).published = Some(99)),
    (&["published-gateway"], |facts| {
        stopped(facts);
        instance(facts).published = Some(99);
    }),
    (&["gateway-not-running"], stopped),
    (&["port-taken", "gateway-not-running"], |facts| {
        stopped(facts);
        hold(facts, 77, 1000, None);
    }),
    (&["port-taken", "gateway-not-running"], |facts| {
        stopped(facts);
        hold(facts, 77, 0, None);
    }),
    (&["port-taken-by-other"], |facts| {
        hold(facts, 77, 1000, Some(Origin::Unit { name: "other.service".to_owned(), of_user: true }));
    }),
    (&["start-refused"], |facts| say(facts, "mode: 'local', bind: 'lan'", "")),
    (&["start-refused"], |facts| say(facts, "mode: 'local', auth: { mode: 'token' }", "")),
    (&["start-refused"], |facts| say(facts, "mode: 'local', auth: { mode: 'password' }", "")),
    (&["start-refused"], |facts| {
        say(facts, "mode: 'local', auth: { token: '0123456789abcdef' }, tailscale: { mode: 'funnel' }", "");
    }),
    (&["start-refused"], |facts| {
        say(
            facts,
            "mode: 'local', bind: 'lan', auth: { token: '0123456789abcdef' }, tailscale: { mode: 'serve' }",
            "",
        );
    }),
    (&["start-refused"], |facts| say(facts, "mode: 'local', auth: { token: 'two words here it is' }", "")),
    (&["auth-off"], |facts| say(facts, "mode: 'local'", "")),
    (&["weak-secret"], |facts| say(facts, "mode: 'local', auth: { password: 'short' }", "")),
    (&["weak-hook-token"], |facts| {
        let hooks = "hooks: { enabled: true, token: 'short' }";
        say(facts, "mode: 'local', auth: { token: '0123456789abcdef' }", hooks);
    }),
    (&["weak-secret", "plain-text"], |facts| {
        say(facts, "mode: 'local', bind: 'lan', auth: { token: 'secret' }", "");
    }),
    (&["plain-text"], |facts| {
        say(facts, "mode: 'local', bind: 'lan', auth: { token: '0123456789abcdef' }", "");
    }),
    (&["insecure-auth"], |facts| {
        say(
            facts,
            "mode: 'local', auth: { token: '0123456789abcdef' }, controlUi: { allowInsecureAuth: true }",
            "",
        );
    }),
    (&["control-ui-missing"], |facts| config(facts).empty_control_ui = Some(PathBuf::from("/home/you/ui"))),
    (&["secret-in-command-line"], |facts| {
        let holders = &mut facts.port.as_mut().unwrap().holders;
        holders[0].process.as_mut().unwrap().cmdline.push("--token=hidden-secret".to_owned());
    }),
    (&["token-overridden"], |facts| config(facts).other_token = true),
    (&["tailscale-not-installed"], |facts| facts.tailscale = Some(Err(TailscaleError::NotInstalled))),
    (&["tailscale-not-running"], |facts| facts.tailscale = Some(Err(TailscaleError::NotRunning))),
    (&["tailscale-logged-out"], |facts| {
        facts.tailscale = Some(Err(TailscaleError::LoggedOut { login_url: None }));
    }),
    (&["tailscale-stopped"], |facts| facts.tailscale = Some(Err(TailscaleError::Stopped))),
    (&["tailscale-unusable"], |facts| facts.tailscale = Some(Err(TailscaleError::Starting))),
    (&[], |facts| facts.tailscale = Some(Ok(Status { name: None, address: None }))),
    (&["gateway-silent"], |facts| {
        facts.answer = Some(Answer::Silent { url: url(), cause: "refused".to_owned() });
    }),
    (&["gateway-refuses"], |facts| {
        facts.answer = Some(Answer::Refuses { url: url(), reason: "no".to_owned() });
    }),
    (&["gateway-foreign"], |facts| {
        facts.answer = Some(hello(env!("CARGO_PKG_VERSION"), Some("/home/you/.clawdbot-x"), 0));
    }),
    (&["version-skew"], |facts| facts.answer = Some(hello("9.9.9", None, 0))),
    (&["clock-apart"], |facts| facts.answer = Some(hello(env!("CARGO_PKG_VERSION"), None, -60_000))),
    (&["clock-implausible"], |facts| facts.now_ms = 1_000),
    (&["clock-implausible"], |facts| facts.now_ms = u64::MAX),
    (&["clock-behind-files"], |facts| state(facts).newest_ms = Some(facts_now() + 3_600_000)),
    (&["not-examined"], |facts| facts.late = vec![Check::StateDirectory]),
];

/// Everything that can be found, in the default profile and in another.
pub(crate) fn findings() -> Vec<Finding> {
    let profiles = [profile(None), profile(Some("work"))];
    let all =
        profiles.iter().flat_map(|profile| CASES.iter().map(move |(_, change)| found_in(profile, *change)));
    all.flatten().collect()
}

/// What is found after a change.
pub(super) fn found(change: Change) -> Vec<Finding> {
    found_in(&profile(None), change)
}

/// Its codes.
pub(super) fn codes(change: Change) -> BTreeSet<&'static str> {
    found(change).iter().map(|finding| finding.code).collect()
}

fn found_in(profile: &ResolvedProfile, change: Change) -> Vec<Finding> {
    let mut facts = healthy(profile);
    change(&mut facts);
    judge(&facts).into_iter().map(|(_, finding)| finding).collect()
}

fn profile(name: Option<&str>) -> ResolvedProfile {
    let name = name.map(|name| ProfileName::parse(name).unwrap());
    let request = ProfileRequest { name, ..ProfileRequest::default() };
    resolve(&request, &EnvMap::default(), Some(PathBuf::from("/home/you"))).unwrap()
}

fn facts_now() -> u64 {
    1_800_000_000_000
}

fn url() -> String {
    "ws://127.0.0.1:18789".to_owned()
}

fn hello(version: &str, state: Option<&str>, skew_ms: i64) -> Answer {
    let other_state = state.map(PathBuf::from);
    Answer::Hello { url: url(), version: version.to_owned(), other_state, skew_ms: Some(skew_ms) }
}

/// An installation that is well: a gateway with a good token runs.
fn healthy(profile: &ResolvedProfile) -> Facts<'_> {
    let paths = &profile.paths;
    let mut facts = Facts {
        paths,
        now_ms: facts_now(),
        user: Some(1000),
        late: Vec::new(),
        config: None,
        state: Some(StateFacts {
            standing: Standing::Directory,
            real: paths.state_dir.clone(),
            mode: Some(0o700),
            owner: Some(1000),
            unwritable: None,
            foreign: Vec::new(),
            synchronised_by: None,
            network: None,
            leftovers: Vec::new(),
            set_aside: Vec::new(),
            newest_ms: Some(facts_now()),
            room: Some(Room { bytes: 1 << 40, files: Some(1 << 20) }),
        }),
        files: Some(Vec::new()),
        limits: Some(LimitFacts {
            open_files: 16_384,
            unwatchable: None,
            watches: Some(65_536),
            instances: Some(128),
        }),
        service: Some(installed()),
        instance: Some(InstanceFacts {
            is_locked: true,
            has_runtime_file: true,
            running: Some(12),
            ..InstanceFacts::default()
        }),
        port: None,
        tailscale: None,
        answer: Some(hello(env!("CARGO_PKG_VERSION"), None, 3)),
    };
    hold(&mut facts, 12, 1000, None);
    say(&mut facts, "mode: 'local', auth: { token: '0123456789abcdef' }", "");
    facts
}

fn configure(facts: &mut Facts<'_>, text: Option<&str>) {
    let (path, env) = (&facts.paths.config_path, EnvMap::default());
    let document = match text {
        Some(text) => Document::of_text(path, text.to_owned(), &env),
        None => Document::load(Path::new("/nowhere/clawdbot.json"), &env),
    };
    facts.config = Some(Arc::new(of(document, &env, facts.paths)));
}

fn say(facts: &mut Facts<'_>, gateway: &str, more: &str) {
    configure(facts, Some(&format!("{{ gateway: {{ {gateway} }}, {more} }}")));
}

fn config<'f>(facts: &'f mut Facts<'_>) -> &'f mut crate::doctor::facts::ConfigFacts {
    Arc::get_mut(facts.config.as_mut().unwrap()).unwrap()
}

fn state<'f>(facts: &'f mut Facts<'_>) -> &'f mut StateFacts {
    facts.state.as_mut().unwrap()
}

fn limits<'f>(facts: &'f mut Facts<'_>) -> &'f mut LimitFacts {
    facts.limits.as_mut().unwrap()
}

fn instance<'f>(facts: &'f mut Facts<'_>) -> &'f mut InstanceFacts {
    facts.instance.as_mut().unwrap()
}

fn service(facts: &mut Facts<'_>, change: fn(&mut ServiceFacts)) {
    change(facts.service.as_mut().unwrap());
}

fn define(facts: &mut Facts<'_>, change: fn(&mut Definition)) {
    change(facts.service.as_mut().unwrap().definition.as_mut().unwrap().as_mut().unwrap());
}

fn manager(facts: &mut Facts<'_>, change: fn(&mut ServiceStatus)) {
    change(facts.service.as_mut().unwrap().status.as_mut().unwrap().as_mut().unwrap());
}

fn installed() -> ServiceFacts {
    let argv = ["/usr/local/bin/clawdbot", "gateway", "--port", "18789"];
    let definition = Definition {
        path: PathBuf::from("/home/you/.config/systemd/user/clawdbot-gateway.service"),
        text: String::new(),
        argv: argv.map(str::to_owned).to_vec(),
        environment: [("CLAWDBOT_SERVICE_MARKER".to_owned(), "clawdbot".to_owned())].into(),
        working_directory: None,
    };
    let status = ServiceStatus {
        loaded: true,
        runtime: Runtime::Running,
        state: None,
        sub_state: None,
        pid: Some(12),
        last_exit: None,
        last_reason: None,
        restarts: Some(0),
        last_run: None,
        detail: None,
    };
    ServiceFacts {
        definition: Ok(Some(definition)),
        drift: Vec::new(),
        has_program: true,
        status: Some(Ok(status)),
        lingers: Some(true),
        log: "journalctl --user -u clawdbot-gateway.service".to_owned(),
    }
}

fn secret(facts: &mut Facts<'_>, mode: u32, reachable: bool, is_key: bool) {
    let path = facts.paths.config_path.clone();
    config(facts).secrets = vec![SecretFile { path, mode, reachable, is_key }];
}

fn stopped(facts: &mut Facts<'_>) {
    *instance(facts) = InstanceFacts::default();
    facts.port = Some(PortFacts { port: 18_789, holders: Vec::new() });
    facts.answer = None;
}

fn hold(facts: &mut Facts<'_>, pid: u32, uid: u32, origin: Option<Origin>) {
    let address: SocketAddr = "127.0.0.1:18789".parse().unwrap();
    let process = HolderProcess {
        pid,
        command: "clawdbot".to_owned(),
        cmdline: vec!["clawdbot".to_owned(), "gateway".to_owned()],
        age: None,
        started: None,
        origin,
    };
    let holder = PortHolder { addresses: vec![address], uid: Some(uid), user: None, process: Some(process) };
    facts.port = Some(PortFacts { port: 18_789, holders: vec![holder] });
}

/// A report with findings of every kind, after a treatment that did not help everywhere.
pub(crate) fn report() -> Report {
    let profile = profile(None);
    let mut facts = healthy(&profile);
    configure(&mut facts, Some("{\n  gateway: { token: 'x', prot: 18789 },\n}"));
    state(&mut facts).mode = Some(0o755);
    state(&mut facts).set_aside = vec![PathBuf::from("/home/you/.clawdbot/devices/paired.json.corrupt-1")];
    state(&mut facts).room = Some(Room { bytes: 300 << 20, files: None });
    facts.answer =
        Some(Answer::Refuses { url: url(), reason: "unauthorized: gateway token mismatch".to_owned() });
    let mut report = Report::of(judge(&facts));
    let repair = Repair::RemoveRuntimeFile;
    report.done = vec![
        Done { repair: repair.clone(), result: Ok("removed ~/.clawdbot/gateway.json".to_owned()) },
        Done { repair, result: Err("failed to make ~/.clawdbot/logs: Permission denied".to_owned()) },
    ];
    report
}
