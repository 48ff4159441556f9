//! `--force` against processes that end when asked, that do not, and that are none of its business.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use clawdbot::platform::env as environment;

use crate::support::foreground::Started;
use crate::support::harness;
use crate::support::home::Home;
use crate::support::process;
use crate::support::program::{Finished, Run, not_run};
use crate::support::wait::{self, PATIENCE};
use crate::support::{own_process, wire};

const REFUSED: i32 = 78;

/// User id of `nobody`.
const NOBODY: u32 = 65_534;

/// What the process below is to be like.
const KIND: &str = "CLAWDBOT_TEST_HOLDER";

/// A process that listens on two addresses, and does as `KIND` says.
struct Holder {
    child: Child,
    port: u16,
    _directory: tempfile::TempDir,
}

impl Holder {
    fn start(kind: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let note = directory.path().join("note");
        let mut command = own_process::command("force::a_process_that_listens", &note);
        let child = command.env(KIND, kind).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let port =
            wait::until("the holder listens", PATIENCE, || fs::read_to_string(&note).ok()?.parse().ok());
        Self { child, port, _directory: directory }
    }

    fn alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    fn gateway(&self, home: &Home, arguments: &[&str]) -> Started {
        let port = self.port.to_string();
        Started::new(home, &[&["gateway", "--allow-unconfigured", "--port", &port], arguments].concat())
    }

    /// A start that must not end this process.
    #[track_caller]
    fn spared(&mut self, home: &Home, arguments: &[&str]) -> Finished {
        let port = self.port.to_string();
        let arguments = [&["gateway", "--force", "--port", &port], arguments].concat();
        let finished = Run::new(home, &arguments).finish().expect_code(REFUSED);
        assert!(self.alive(), "ended by a start that was refused:\n{}", finished.stderr);
        assert!(!finished.stdout.contains("killed"), "{}", finished.stdout);
        finished
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "run by the test below"]
fn a_process_that_listens() {
    let environment = environment::read();
    let Some(kind) = environment.get(KIND) else { return };
    let four = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = four.local_addr().unwrap().port();
    let six = TcpListener::bind(("::1", port));
    if kind == "stubborn" {
        ignore_signals();
    }
    let note = PathBuf::from(&environment["CLAWDBOT_TEST_NOTE"]);
    fs::write(note.with_extension("new"), port.to_string()).unwrap();
    fs::rename(note.with_extension("new"), &note).unwrap();
    if kind == "foreign" {
        nix::unistd::setuid(nix::unistd::Uid::from_raw(NOBODY)).unwrap();
    }
    wait::pass(Duration::from_mins(1));
    drop((four, six));
}

#[expect(unsafe_code, reason = "signal dispositions")]
fn ignore_signals() {
    use nix::sys::signal::{SigHandler, Signal, signal};

    // SAFETY: ignoring a signal runs no code.
    unsafe { signal(Signal::SIGTERM, SigHandler::SigIgn) }.unwrap();
}

#[test]
fn nobody_holds_the_port() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    for arguments in
        [&["gateway", "--force"][..], &["gateway", "run", "--force"], &["gateway", "--force", "run"]]
    {
        let port = port.to_string();
        let all = [arguments, &["--allow-unconfigured", "--port", &port]].concat();
        let gateway = Started::new(&Home::new(), &all);
        assert_eq!(gateway.force_lines(), [format!("no listeners on port {port}")], "{arguments:?}");
        assert!(gateway.stop().success());
    }
}

#[test]
fn whoever_ends_when_asked_is_only_asked() {
    let home = Home::new();
    let mut holder = Holder::start("cooperative");
    let gateway = holder.gateway(&home, &["--force"]);
    assert_eq!(holder.child.wait().unwrap().signal(), Some(15));
    let (pid, port) = (holder.child.id(), holder.port);
    let [killed, waited] = gateway.force_lines()[..] else { panic!("{:?}", gateway.lines) };
    assert!(killed.starts_with(&format!("killed pid {pid} (")), "{killed}");
    assert!(killed.ends_with(&format!(" on port {port}")), "{killed}");
    assert!(
        waited.starts_with("waited ") && waited.ends_with(&format!("ms for port {port} to free")),
        "{waited}"
    );
    assert_eq!(gateway.port(), port);
}

#[test]
fn whoever_ignores_that_is_killed_after_700_ms() {
    let home = Home::new();
    let mut holder = Holder::start("stubborn");
    let begin = Instant::now();
    let gateway = holder.gateway(&home, &["--force"]);
    assert!(begin.elapsed() >= Duration::from_millis(700), "{:?}", begin.elapsed());
    assert_eq!(holder.child.wait().unwrap().signal(), Some(9));
    let port = holder.port;
    let [_, escalated, waited] = gateway.force_lines()[..] else { panic!("{:?}", gateway.lines) };
    assert_eq!(escalated, format!("escalated to SIGKILL while freeing port {port}"));
    let waited: u64 = waited.trim_start_matches("waited ").split("ms").next().unwrap().parse().unwrap();
    assert!((700..=2_000).contains(&waited), "{waited}");
}

#[test]
fn every_other_refusal_comes_first() {
    let home = Home::new();
    let mut holder = Holder::start("cooperative");
    holder.spared(&home, &[]).expect_stderr("Gateway start blocked: ");
    let unconfigured = "--allow-unconfigured";
    holder.spared(&home, &[unconfigured, "--auth", "token"]).expect_stderr("no token is configured");
    holder.spared(&home, &[unconfigured, "--bind", "lan"]).expect_stderr("Refusing to bind gateway to lan");
    holder.spared(&home, &[unconfigured, "--bind", "custom", "--token", "t"]).expect_stderr("customBindHost");
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local', prot: 1 } }");
    holder.spared(&home, &[]).expect_stderr("prot");
    home.write(".clawdbot-dev/clawdbot.json", "{ gateway: { mode: 'local', prot: 1 } }");
    holder.spared(&home, &["--dev"]).expect_stderr("prot");
}

#[test]
fn a_start_that_another_gateway_blocks_ends_nobody() {
    let home = Home::new();
    let mut holder = Holder::start("cooperative");
    let other = Started::new(&home, &["gateway", "--allow-unconfigured", "--port", "0"]);
    let finished = holder.spared(&home, &["--allow-unconfigured"]);
    let expected = format!("Gateway already running locally (pid {}, port {}, ", other.pid(), other.port());
    finished.expect_stderr(&expected);

    let other = harness::in_home(&home).start();
    let finished = holder.spared(&home, &["--dev"]);
    finished
        .expect_stderr(&format!("A development harness already runs on profile dev (pid {}", other.pid()));
}

#[test]
fn whoever_started_this_command_is_spared() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let arguments = ["gateway", "--allow-unconfigured", "--force", "--port", &port];
    let finished = Run::new(&Home::new(), &arguments).finish().expect_code(REFUSED);
    let own = std::process::id();
    let first = format!("Error: --force cannot free port {port}: pid {own} (");
    assert!(finished.stderr.starts_with(&first), "{}", finished.stderr);
    let finished = finished.expect_stderr(") holds it, and this very command was started by it.\n");
    finished.expect_stderr("Nothing was killed. Listen on another port: --port N\n");
}

#[test]
fn the_process_of_another_user_is_spared_and_said_whose_it_is() {
    if !nix::unistd::geteuid().is_root() {
        not_run("only the superuser can start a process of another user");
        return;
    }
    let mut holder = Holder::start("foreign");
    let pid = holder.child.id();
    wait::until("the holder is another user's", PATIENCE, || {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        status.contains(&format!("Uid:\t{NOBODY}")).then_some(())
    });
    let finished = holder.spared(&Home::new(), &["--allow-unconfigured"]);
    let finished =
        finished.expect_stderr(" belongs to user nobody, and --force ends only processes of your own.");
    finished.expect_stderr(&format!(
        "Nothing was killed. Stop it with `sudo kill {pid}`, or listen on another port"
    ));
}

#[test]
fn a_port_whose_holder_is_just_ending_is_waited_for() {
    // A process that ends shows no descriptors any more, and its sockets are there for a moment still.
    let home = Home::new();
    let mut port = 0;
    for turn in 0..20 {
        let mut holder =
            Started::new(&home, &["gateway", "--allow-unconfigured", "--port", &port.to_string()]);
        port = holder.port();
        process::signal(holder.pid(), rustix::process::Signal::KILL);
        let next =
            Started::new(&home, &["gateway", "--allow-unconfigured", "--force", "--port", &port.to_string()]);
        assert!(!next.force_lines().is_empty(), "{turn}: {:?}", next.lines);
        holder.ended();
        assert!(next.stop().success());
    }
}

#[test]
fn a_harness_is_ended_with_everything_that_it_keeps() {
    let (home, other) = (Home::new(), Home::new());
    let mut old = harness::in_home(&home).start();
    let port = old.address().port();
    let family = old.processes();
    let new =
        Started::new(&other, &["gateway", "--allow-unconfigured", "--force", "--port", &port.to_string()]);
    let killed = format!("killed pid {} (clawdbot) on port {port}", old.pid());
    assert_eq!(new.force_lines().first(), Some(&killed.as_str()), "{:?}", new.lines);
    assert_eq!(old.ended(PATIENCE).code(), Some(0), "it had the time to drain");
    wait::until("nothing of it is left", PATIENCE, || (!family.iter().any(process::runs)).then_some(()));
    assert_eq!(new.port(), port);
}

#[test]
fn a_gateway_of_the_same_profile_is_replaced() {
    let home = Home::new();
    let start = |port: u16| {
        Started::new(&home, &["gateway", "--allow-unconfigured", "--force", "--port", &port.to_string()])
    };
    let mut old = start(0);
    let (pid, port) = (old.pid(), old.port());
    // A client that has not answered the goodbye yet must not hold the next gateway up.
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let (_client, _) = wire::Wire::hello(address, &wire::Credentials::Device([7; 32])).unwrap();
    let new = start(port);
    assert!(new.force_lines()[0].starts_with(&format!("killed pid {pid} (")), "{:?}", new.lines);
    assert_eq!(new.port(), port);
    assert_eq!(old.ended().code(), Some(0));
}

#[test]
fn a_harness_of_the_same_profile_is_replaced() {
    let home = Home::new();
    let mut old = harness::in_home(&home).start();
    let port = old.address().port();
    let new = harness::in_home(&home).port(port).arg("--force").start();
    assert_eq!(old.ended(PATIENCE).code(), Some(0));
    assert_eq!(new.address().port(), port);
    assert!(
        new.stderr().contains(&format!("force: killed pid {} (clawdbot)", old.pid())),
        "{}",
        new.stderr()
    );
    assert!(new.stop().success());
    let alone = harness::in_home(&home).port(port).arg("--force").start();
    let expected = format!("force: no listeners on port {port}");
    wait::until("it says that nobody was there", PATIENCE, || {
        alone.stderr().contains(&expected).then_some(())
    });
}
