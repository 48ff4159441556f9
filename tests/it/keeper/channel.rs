//! What goes in and out of a child, and how failures are told.

use std::path::PathBuf;

use clawdbot::harness::ipc::{ChildEvent, SupervisorCommand};
use clawdbot::harness::supervisor::child::{LaunchSpec, ProcessEvent, SendError};

use crate::support::generation::{Generation, code, killed, launcher, shell};
use crate::support::own_process::in_own_process;

#[test]
fn commands_go_in_and_events_come_out() {
    in_own_process("keeper::channel::commands_go_in_and_events_come_out", async || {
        let script = r#"read -r command; echo "$command"; echo '{"event":"pong","nonce":5}'; exit 0"#;
        let mut generation = Generation::launch(&mut launcher(), shell(script));
        generation.handle.send(&SupervisorCommand::Ping { nonce: 5 }).unwrap();
        let ProcessEvent::Started { pid } = generation.next().await else { panic!("not started first") };
        assert_eq!(generation.handle.pid(), Some(pid));
        assert_eq!(generation.line().await, r#"{"command":"ping","nonce":5}"#);
        let event = generation.next().await;
        assert!(matches!(event, ProcessEvent::Ipc(ChildEvent::Pong { nonce: 5 })), "{event:?}");
        assert_eq!(generation.end().await, code(0));
    });
}

#[test]
fn the_last_words_come_before_the_exit() {
    in_own_process("keeper::channel::the_last_words_come_before_the_exit", async || {
        let script = r"printf '\033[31mred\033[0m\n' >&2; seq 1000 >&2; printf 'no end' >&2; exit 9";
        let mut generation = Generation::launch(&mut launcher(), shell(script));
        assert_eq!(generation.end().await, code(9));
        assert_eq!(generation.stderr.len(), 1002);
        assert_eq!(generation.stderr.first().unwrap(), "\u{1b}[31mred\u{1b}[0m");
        assert_eq!(generation.stderr.last().unwrap(), "no end");
    });
}

#[test]
fn a_child_that_does_not_read_fills_its_queue() {
    in_own_process("keeper::channel::a_child_that_does_not_read_fills_its_queue", async || {
        let mut generation = Generation::launch(&mut launcher(), shell("exec sleep 1000"));
        let refused =
            (0..1000).find_map(|nonce| generation.handle.send(&SupervisorCommand::Ping { nonce }).err());
        assert!(matches!(refused, Some(SendError::Full)), "{refused:?}");
        generation.handle.kill();
        assert_eq!(generation.end().await, killed());
        assert!(matches!(generation.handle.send(&SupervisorCommand::Activate), Err(SendError::Gone)));
    });
}

#[test]
fn a_program_that_does_not_start_is_named() {
    in_own_process("keeper::channel::a_program_that_does_not_start_is_named", async || {
        let missing = PathBuf::from("/nonexistent/gateway");
        let mut launcher = launcher();
        let spec = LaunchSpec { program: missing.clone(), ..shell("") };
        let end = Generation::launch(&mut launcher, spec).end().await;
        assert_eq!(end.exited, None);
        assert_eq!(
            end.failures,
            ["failed to execute /nonexistent/gateway: No such file or directory (os error 2)"]
        );

        let spec = LaunchSpec { cwd: Some(missing), ..shell("") };
        let end = Generation::launch(&mut launcher, spec).end().await;
        assert_eq!(
            end.failures,
            ["failed to enter /nonexistent/gateway: No such file or directory (os error 2)"]
        );
    });
}

#[test]
fn a_keeper_may_wait_for_its_order() {
    in_own_process("keeper::channel::a_keeper_may_wait_for_its_order", async || {
        let mut launcher = launcher();
        launcher.prepare().unwrap();
        for expected in [0, 1] {
            let mut generation = Generation::launch(&mut launcher, shell(&format!("exit {expected}")));
            launcher.prepare().unwrap();
            assert_eq!(generation.end().await, code(expected));
        }
        launcher.finish().await;
    });
}
