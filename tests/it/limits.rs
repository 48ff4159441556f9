//! The limits of the system: full queues, few watches, a full disk.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::edits::Save;
use crate::support::faults::{FAULT_FILE, Stages};
use crate::support::hammer::{Hammer, Traffic};
use crate::support::harness;
use crate::support::home::{Home, config_text};
use crate::support::http;
use crate::support::program::{Run, not_run};
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::agent_name;

#[test]
fn a_flood_of_connections_while_nobody_accepts_is_served() {
    let home = Home::new();
    let stages = Stages::new(&home);
    let harness = harness::in_home(&home).env(FAULT_FILE, stages.path()).start().armed();
    let address = harness.address();
    // The old generation has stopped accepting and does not release, which makes a gap of about a second.
    stages.set("drain", "hang", 0);
    let mark = harness.mark();
    Save::Plain.write(&home.workspace().join("AGENTS.md"), "# Gap\n");
    harness.wait_from(mark, "reloading", |event| event.is("reloading"));
    let request = http::request_text(address, "/health", &[]);
    let begin = Instant::now();
    let mut waiting: Vec<TcpStream> = (0..2000)
        .map(|number| {
            let mut stream = TcpStream::connect_timeout(&address, PATIENCE)
                .unwrap_or_else(|error| panic!("connection {number} after {:?}: {error}", begin.elapsed()));
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    stages.clear();
    for (number, stream) in waiting.iter_mut().enumerate() {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap_or_else(|error| panic!("connection {number}: {error}"));
        assert_eq!(&answer, b"HTTP/1.1 200");
    }
    assert!(begin.elapsed() < Duration::from_secs(8), "{:?}", begin.elapsed());
    harness.reloaded(mark);
}

#[test]
fn an_overflowing_event_queue_loses_nothing() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let mark = harness.mark();
    harness.signal(Signal::STOP);
    // Far more events than the kernel keeps (16,384), then the edit that counts.
    for turn in 0..12_000 {
        fs::write(home.workspace().join(format!("flood-{:03}.md", turn % 400)), format!("{turn}\n")).unwrap();
    }
    fs::write(home.config(), config_text(&home, "After the flood", "")).unwrap();
    harness.signal(Signal::CONT);
    harness.reloaded(mark);
    wait::until("the last edit is served", PATIENCE, || {
        (agent_name(harness.address()).as_deref() == Ok("After the flood")).then_some(())
    });
    // And the watch is alive.
    wait::pass(wait::VIGIL);
    let mark = harness.mark();
    Save::Rename.write(&home.workspace().join("AGENTS.md"), "# After the flood\n");
    harness.reloaded(mark);
}

#[test]
fn too_few_watches_are_told_and_edits_are_still_found() {
    let home = Home::new();
    for folder in 0..40 {
        home.write(&format!("clawd-dev/d{folder:02}/file.md"), "text\n");
    }
    // A user namespace has limits of its own.
    let limited = "echo 8 > /proc/sys/user/max_inotify_watches && exec \"$@\"";
    let possible = Run::of("unshare".as_ref(), &home, &["-Ur", "sh", "-c", limited, "sh", "true"]).finish();
    if possible.code() != Some(0) {
        not_run(&format!("this machine allows no user namespaces: {}", possible.stderr));
        return;
    }
    let harness = harness::in_home(&home).through("unshare", &["-Ur", "sh", "-c", limited, "sh"]).start();
    let degraded = harness.wait_from(0, "degraded", |event| event.is("degraded"));
    assert!(degraded.message().contains("sysctl"), "the way out is told: {}", degraded.value);
    wait::pass(wait::VIGIL);
    let mark = harness.mark();
    home.write("clawd-dev/d39/file.md", "edited\n");
    harness.reloaded(mark);
    let mark = harness.mark();
    fs::write(home.config(), config_text(&home, "Few watches", "")).unwrap();
    harness.reloaded(mark);
}

#[test]
fn a_full_disk_below_the_log_does_not_stop_the_service() {
    let home = Home::new();
    fs::create_dir_all(home.state().join("logs")).unwrap();
    std::os::unix::fs::symlink("/dev/full", home.state().join("logs/gateway.log")).unwrap();
    let harness = harness::in_home(&home).start().armed();
    let hammer = Hammer::paced(harness.address(), Traffic::Hello, Duration::from_millis(10));
    let mark = harness.mark();
    Save::Plain.write(&home.workspace().join("AGENTS.md"), "# On a full disk\n");
    harness.reloaded(mark);
    hammer.stop().assert_served(Duration::from_secs(2));
}

#[test]
fn a_port_is_free_again_at_once_after_a_stop_under_load() {
    let home = Home::new();
    let port = {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.local_addr().unwrap().port()
    };
    for _ in 0..5 {
        let harness = harness::in_home(&home).port(port).start();
        assert_eq!(harness.address().port(), port);
        // Connections that the server closes first stay in TIME_WAIT on its side.
        for _ in 0..50 {
            let mut stream = TcpStream::connect(harness.address()).unwrap();
            stream.write_all(http::request_text(harness.address(), "/health", &[]).as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
        assert!(harness.stop().success());
    }
}
