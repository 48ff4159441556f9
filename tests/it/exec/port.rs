//! Commands that bind a port of their own: connections are forwarded, held during a swap, and never lost.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::child::{self, Answer, Scene, version};
use crate::support::edits::Save;
use crate::support::harness::Harness;
use crate::support::process;
use crate::support::program::{Run, inherited, not_run};
use crate::support::wait::{self, PATIENCE};

/// Opens a connection every millisecond, each on a thread of its own, while `swaps` run.
fn under_fire(harness: &Harness, swaps: impl FnOnce()) -> Vec<Result<Answer, String>> {
    let address = harness.address();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let clients = scope.spawn(|| {
            let mut open = Vec::new();
            while !done.load(Ordering::Relaxed) {
                open.push(scope.spawn(move || child::ask(address)));
                wait::pass(Duration::from_millis(1));
            }
            open.into_iter().map(|client| client.join().unwrap()).collect()
        });
        swaps();
        done.store(true, Ordering::Relaxed);
        clients.join().unwrap()
    })
}

#[track_caller]
fn assert_none_lost(answers: &[Result<Answer, String>]) {
    let lost: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert!(lost.is_empty(), "{} of {}: {:?}", lost.len(), answers.len(), &lost[..lost.len().min(5)]);
}

#[track_caller]
fn swap(harness: &Harness, scene: &Scene, text: &str) {
    let mark = harness.mark();
    Save::Plain.write(&scene.file, text);
    harness.reloaded(mark);
    assert_eq!(version(harness), text);
}

#[test]
fn one_after_another_and_no_connection_is_lost() {
    let scene = Scene::new();
    let harness = scene.server("--skip {port}").start().armed();
    let ready = harness.wait_from(0, "ready", |event| event.is("ready"));
    assert_eq!(ready.value["tier"], "port");
    assert_ne!(ready.value["ownPort"].as_u64(), Some(u64::from(harness.address().port())));
    let answers = under_fire(&harness, || {
        for text in ["two", "three", "four"] {
            swap(&harness, &scene, text);
        }
    });
    assert_none_lost(&answers);
    assert_eq!(harness.stop().code(), Some(0));
}

#[test]
fn one_beside_another_where_that_is_allowed() {
    let scene = Scene::new();
    let harness = scene.server("--skip {port}").arg("--overlap").arg("--ready-timeout=1").start().armed();
    let first = child::ask(harness.address()).unwrap();
    let mark = harness.mark();
    Save::Plain.write(&scene.file, "mute");
    assert_eq!(harness.kept(mark).message(), "it was not ready within 1000 ms");
    assert_eq!(child::ask(harness.address()).unwrap(), first, "it never went away");
    let answers = under_fire(&harness, || swap(&harness, &scene, "two"));
    assert_none_lost(&answers);
    wait::until("the first one is gone", PATIENCE, || process::one(first.pid).is_none().then_some(()));
}

#[test]
fn a_server_that_takes_its_port_from_the_environment_is_found_out() {
    let scene = Scene::new();
    // Without the sockets that it would take.
    let program = clawdbot::platform::exe::current().unwrap();
    let script =
        format!("unset LISTEN_FDS NOTIFY_SOCKET; exec {} exec::child::serve --exact", program.display());
    let harness = scene
        .command(&format!("sh -c '{script}'"))
        .env(child::VERSION_FILE, scene.file.display().to_string())
        .start();
    assert_eq!(harness.wait_from(0, "ready", |event| event.is("ready")).value["tier"], "port");
    assert_eq!(version(&harness), "one");
}

#[test]
fn connections_wait_for_a_command_that_has_to_be_mended() {
    let scene = Scene::new();
    Save::Plain.write(&scene.file, "bad");
    let port = free_port();
    let harness = scene.server("{port}").port(port).spawn().armed();
    harness.wait_from(0, "crashed", |event| event.is("crashed"));
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let client = thread::spawn(move || child::ask(address));
    Save::Plain.write(&scene.file, "two");
    assert_eq!(client.join().unwrap().unwrap().version, "two");
}

#[test]
fn readiness_can_be_an_answer_over_http() {
    if !has_python() {
        return;
    }
    let scene = Scene::new();
    let script = "import http.server, sys\n\
        class H(http.server.BaseHTTPRequestHandler):\n \
        def do_GET(self):\n  self.send_response(200 if self.path == \"/ok\" else 500)\n  self.end_headers()\n\
        http.server.HTTPServer((\"127.0.0.1\", int(sys.argv[1])), H).serve_forever()\n";
    let script = scene.home.write("server.py", script);
    let command = format!("python3 {} {{port}}", script.display());
    let harness = scene.command(&command).arg("--ready=/no").arg("--ready-timeout=1").spawn();
    let crashed = harness.wait_from(0, "crashed", |event| event.is("crashed"));
    assert_eq!(crashed.message(), "it was not ready within 1000 ms");
    drop(harness);
    scene.command(&command).arg("--ready=/ok").start();
}

#[test]
fn a_command_that_binds_another_port_is_told_so() {
    if !has_python() {
        return;
    }
    let scene = Scene::new();
    let script = "import socket, time; s = socket.create_server((\"127.0.0.1\", 0)); print(s.getsockname()[1], \
                  flush=True); time.sleep(1000)";
    let harness = scene.command(&format!("python3 -c '{script}' {{port}}")).spawn();
    let told = harness.wait_from(0, "degraded", |event| event.is("degraded"));
    let bound = harness.stderr().lines().find_map(|line| line.parse::<u16>().ok()).unwrap();
    assert!(told.message().contains(&format!("it listens on {bound} instead")), "{}", told.message());
}

#[test]
fn bytes_pass_both_ways_unchanged() {
    if !has_python() {
        return;
    }
    let scene = Scene::new();
    let script = "import socket, sys\n\
        s = socket.create_server((\"127.0.0.1\", int(sys.argv[1])))\n\
        while True:\n c, _ = s.accept()\n while True:\n  b = c.recv(65536)\n  if not b: break\n  c.sendall(b)\n c.close()\n";
    let script = scene.home.write("echo.py", script);
    let harness = scene.command(&format!("python3 {} {{port}}", script.display())).start();
    let mut stream = TcpStream::connect(harness.address()).unwrap();
    let sent: Vec<u8> = (0..4_000_000_u32).map(|index| (index % 251) as u8).collect();
    let mut writer = stream.try_clone().unwrap();
    let bytes = sent.clone();
    let writing = thread::spawn(move || {
        writer.write_all(&bytes).unwrap();
        writer.shutdown(std::net::Shutdown::Write).unwrap();
    });
    let mut received = Vec::new();
    stream.read_to_end(&mut received).unwrap();
    writing.join().unwrap();
    assert!(received == sent, "{} of {} bytes", received.len(), sent.len());
}

#[test]
fn a_connection_is_not_held_for_ever() {
    let scene = Scene::new();
    Save::Plain.write(&scene.file, "bad");
    let port = free_port();
    let harness = scene.server("{port}").port(port).arg("--ready-timeout=0.5").spawn();
    harness.wait_from(0, "crashed", |event| event.is("crashed"));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.ends_with("see its terminal.\n"), "{answer}");
    let mut other = TcpStream::connect(("127.0.0.1", port)).unwrap();
    assert_eq!(other.read(&mut [0; 1]).unwrap(), 0, "what does not speak HTTP is told nothing");
}

#[test]
fn clients_from_elsewhere_are_not_made_local() {
    let scene = Scene::new();
    Run::new(
        &scene.home,
        &["gateway", "--dev", "--port", "0", "--bind", "lan", "--token", "t", "--exec", "server {port}"],
    )
    .finish()
    .expect_code(78)
    .expect_stderr("would look local to it");
}

/// Whether there is a Python for a server that is not our own.
fn has_python() -> bool {
    let path = inherited("PATH").unwrap_or_default();
    let found = path.split(':').any(|folder| Path::new(folder).join("python3").is_file());
    if !found {
        not_run("python3 is not installed");
    }
    found
}

fn free_port() -> u16 {
    clawdbot::platform::net::free_port().unwrap()
}
