//! `gateway probe`: what is found, who is told what, and that nothing holds it up or is left of it. With a stand-in for
//! `ssh`.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::own_process::{self, in_own_network};
use crate::support::pids::Alive;
use crate::support::program::{Finished, Run, inherited};
use crate::support::snapshot::Snapshot;
use crate::support::wait::{self, PATIENCE};

/// Far below what the probe would wait for by itself, far above what it needs.
const SOON: Duration = Duration::from_secs(5);

fn json(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", finished.stdout, finished.stderr))
}

/// One of the targets; the machine of the test may have gateways at the usual ports, which are none of its business.
#[track_caller]
fn target(report: &Value, id: &str) -> Value {
    let targets = report["targets"].as_array().unwrap();
    let found = targets.iter().find(|target| target["id"] == id);
    found.unwrap_or_else(|| panic!("no {id} in {report:#}")).clone()
}

fn has(report: &Value, id: &str) -> bool {
    report["targets"].as_array().unwrap().iter().any(|target| target["id"] == id)
}

fn gateway(home: &Home, before: &[&str]) -> Started {
    Started::new(home, &[before, &["gateway", "--allow-unconfigured", "--port", "0"]].concat())
}

#[test]
fn every_profile_is_seen_and_only_the_own_is_logged_in_to() {
    let home = Home::new();
    let (own, work) = (gateway(&home, &[]), gateway(&home, &["--profile", "work"]));
    // What an end leaves behind is no gateway.
    home.write(".clawdbot-gone/gateway.json", r#"{"pid":2147483632,"url":"ws://127.0.0.1:9"}"#);
    let theirs = home.path().join(".clawdbot-work");
    let before = Snapshot::of(&[theirs.join("devices"), theirs.join("identity")]);
    let finished = Run::new(&home, &["gateway", "probe", "--json"]).finish().expect_code(0);
    let report = json(&finished);
    assert_eq!(report["ok"], true);
    assert_eq!(report["primaryTargetId"], "localLoopback");
    let found = target(&report, "localLoopback");
    assert_eq!(found["url"], format!("ws://127.0.0.1:{}", own.port()));
    assert_eq!(found["pid"], own.pid());
    assert_eq!((&found["connect"]["ok"], &found["rpc"]["ok"]), (&true.into(), &true.into()), "{found:#}");
    assert_eq!(found["self"]["stateDir"], home.path().join(".clawdbot").display().to_string());
    assert!(found["summary"]["sessions"].is_object() && found["presence"].is_array(), "{found:#}");
    let found = target(&report, "profile:work");
    assert_eq!(found["pid"], work.pid());
    assert_eq!((&found["connect"]["ok"], &found["rpc"]), (&true.into(), &Value::Null), "{found:#}");
    assert!(!has(&report, "profile:gone"), "{report:#}");
    before.assert_same(&[theirs.join("devices"), theirs.join("identity")], "the probe");

    let text = Run::new(&home, &["--profile", "work", "gateway", "probe"]).finish().expect_code(0).stdout;
    assert!(text.starts_with("Gateway Status\nReachable: yes"), "{text}");
    let line = format!("Default profile ws://127.0.0.1:{}\n  Connect: ok (", own.port());
    assert!(text.contains(&line), "{text}");
    assert!(text.contains(&format!("PID {}", work.pid())), "{text}");
}

#[test]
fn dev_mode_does_not_look_into_the_default_profile() {
    let home = Home::new();
    let _default = gateway(&home, &[]);
    let work = gateway(&home, &["--profile", "work"]);
    let finished = Run::new(&home, &["gateway", "--dev", "probe", "--json"]).finish();
    let report = json(&finished);
    assert!(!has(&report, "profile:default"), "{report:#}");
    assert_eq!(target(&report, "profile:work")["pid"], work.pid());
    assert!(!home.state().exists(), "looking leaves nothing behind");
}

#[test]
fn nothing_is_there() {
    in_own_network("gateway_probe::nothing_is_there", || {
        let home = Home::new();
        let finished = Run::new(&home, &["gateway", "probe"]).finish().expect_code(3);
        assert_eq!(
            finished.stdout,
            "Gateway Status\nReachable: no\nProbe budget: 3000ms\n\n\
             Discovery (this machine)\nNot listened: switched off by CLAWDBOT_DISABLE_BONJOUR\n\nTargets\n\
             Local loopback ws://127.0.0.1:18789\n  Connect: failed - Connection refused (os error 111)\n"
        );
        let report = json(&Run::new(&home, &["gateway", "probe", "--json"]).finish().expect_code(3));
        assert_eq!((&report["ok"], &report["primaryTargetId"]), (&false.into(), &Value::Null));
        assert!(!home.path().join(".clawdbot").exists());
    });
}

#[test]
fn who_never_answers_holds_nobody_up() {
    let home = Home::new();
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("ws://{}", silent.local_addr().unwrap());
    // A pipe in place of a runtime file would be waited for as well.
    fs::create_dir(home.path().join(".clawdbot-pipe")).unwrap();
    let pipe = home.path().join(".clawdbot-pipe/gateway.json");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let arguments = ["gateway", "probe", "--json", "--url", &url, "--timeout", "300"];
    let finished = Run::new(&home, &arguments).finish();
    let found = target(&json(&finished), "explicit");
    assert_eq!(found["connect"]["error"], "no answer within 300ms", "{found:#}");
    assert!(finished.took < SOON, "{:?}", finished.took);
}

/// Puts an `ssh` first in `PATH` that notes its pid and arguments, then does `script`.
fn stand_in_for_ssh(home: &Home, script: &str) -> String {
    let text = format!("#!/bin/sh\necho \"$$ $*\" > '{}/asked'\n{script}\n", home.path().display());
    let path = home.write("bin/ssh", &text);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", home.path().join("bin").display(), inherited("PATH").unwrap_or_default())
}

/// Its pid and its arguments, once it has been started.
fn asked(home: &Home) -> (u32, String) {
    wait::until("ssh is started", PATIENCE, || {
        let text = fs::read_to_string(home.path().join("asked")).ok()?;
        let (pid, arguments) = text.trim_end().split_once(' ')?;
        Some((pid.parse().ok()?, arguments.to_owned()))
    })
}

/// What the stand-in becomes: it listens at the first port of `FORWARD` and connects to the second.
#[test]
#[ignore = "run by the test below"]
fn forward() {
    let Some(ports) = inherited("FORWARD") else { return };
    let ports: Vec<u16> = ports.split(':').filter_map(|part| part.parse().ok()).collect();
    let [local, remote] = ports[..] else { panic!("{ports:?}") };
    let pump = |mut from: TcpStream, mut to: TcpStream| {
        thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Write);
        })
    };
    for near in TcpListener::bind(("127.0.0.1", local)).unwrap().incoming() {
        let near = near.unwrap();
        let far = TcpStream::connect(("127.0.0.1", remote)).unwrap();
        pump(near.try_clone().unwrap(), far.try_clone().unwrap());
        pump(far, near);
    }
}

#[test]
fn a_tunnel_is_used_and_ended() {
    let home = Home::new();
    let elsewhere = Home::new();
    let far = Started::new(
        &elsewhere,
        &["gateway", "--allow-unconfigured", "--port", "0", "--auth", "token", "--token", "far-token"],
    );
    let this = own_process::command("gateway_probe::forward", home.path());
    let path = stand_in_for_ssh(
        &home,
        &format!(
            "while [ \"$1\" != -L ]; do shift; done\nFORWARD=$2\nexport FORWARD\n\
             exec '{}' gateway_probe::forward --exact --include-ignored --nocapture",
            this.get_program().display()
        ),
    );
    let port = far.port().to_string();
    let probe = |more: &[&str]| {
        let arguments = [&["gateway", "probe", "--json", "--ssh", "you@far:2222"], more].concat();
        let run = Run::new(&home, &arguments).env("PATH", &path).env("CLAWDBOT_GATEWAY_PORT", &port);
        run.env("CLAWDBOT_GATEWAY_TOKEN", "own-token").finish().expect_code(0)
    };
    let report = json(&probe(&[]));
    let (_, arguments) = asked(&home);
    assert!(
        arguments.starts_with("-N -T -o BatchMode=yes -o ExitOnForwardFailure=yes -L 127.0.0.1:"),
        "{arguments}"
    );
    assert!(arguments.ends_with(&format!(":127.0.0.1:{port} -p 2222 -- you@far")), "{arguments}");
    let found = target(&report, "sshTunnel");
    assert_eq!(found["tunnel"]["target"], "you@far:2222");
    assert_eq!(found["connect"]["ok"], true, "{found:#}");
    assert_eq!(found["rpc"], Value::Null, "this machine's token is not for the other one: {found:#}");

    let report = json(&probe(&["--token", "far-token"]));
    let found = target(&report, "sshTunnel");
    assert_eq!(found["rpc"]["ok"], true, "{found:#}");
    assert_eq!(report["primaryTargetId"], "sshTunnel");
    let (pid, _) = asked(&home);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "ssh is still there");
}

#[test]
fn a_tunnel_that_fails_says_why() {
    let home = Home::new();
    let probe = |path: &str, timeout: &str| {
        let arguments = ["gateway", "probe", "--json", "--ssh", "you@far", "--timeout", timeout];
        Run::new(&home, &arguments).env("PATH", path).finish()
    };
    let path = stand_in_for_ssh(&home, "echo 'you@far: Permission denied (publickey).' >&2; exit 255");
    let report = json(&probe(&path, "3000"));
    assert_eq!(report["warnings"][0]["code"], "ssh_tunnel_failed");
    assert_eq!(report["warnings"][0]["message"], "ssh: you@far: Permission denied (publickey).");
    let path = stand_in_for_ssh(&home, "exec sleep 60");
    let finished = probe(&path, "300");
    let found = target(&json(&finished), "sshTunnel");
    assert_eq!(found["connect"]["error"], "ssh: no connection within 300 ms");
    assert!(finished.took < SOON, "{:?}", finished.took);
    let (pid, _) = asked(&home);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "ssh is still there");
    let found = target(&json(&probe("/nonexistent", "3000")), "sshTunnel");
    assert_eq!(found["connect"]["error"], "there is no ssh in PATH");
    Run::new(&home, &["gateway", "probe", "--ssh", "-oProxyCommand=true"]).finish().expect_code(2);
}

#[test]
fn a_probe_that_is_killed_leaves_no_ssh() {
    let home = Home::new();
    let path = stand_in_for_ssh(&home, "exec sleep 60");
    let arguments = ["gateway", "probe", "--ssh", "you@far", "--timeout", "60000"];
    let mut command = Run::new(&home, &arguments).env("PATH", path).into_command();
    let mut probe = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let ssh = Alive::new(asked(&home).0);
    probe.kill().unwrap();
    probe.wait().unwrap();
    ssh.assert_ends_within(PATIENCE);
}
