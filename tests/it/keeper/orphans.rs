//! Nothing is left of a generation, however it ends (F17, F19, F20, T9).

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use clawdbot::harness::ipc::SupervisorCommand;

use crate::support::generation::{Generation, SOON, code, killed, launcher, shell};
use crate::support::own_process::{command, in_own_process};
use crate::support::pids::{Alive, assert_all_end, parent};

/// A child with a descendant of every kind, each of which says who it is. Ends with code 3 on any command.
const TREE: &str = "
    sleep 1000 & echo group $!
    (trap '' TERM HUP INT; sleep 1000 & echo stubborn $!)
    (setsid sh -c 'echo session $$; exec sleep 1000' &)
    ( ( sleep 1000 & echo double $! ) & )
    (setsid sh -c '(setsid sh -c \"echo deep \\$\\$; exec sleep 1000\" &)' &)
    echo child $$
    read command
    exit 3";

async fn tree(generation: &mut Generation) -> Vec<Alive> {
    let facts = generation.facts::<6>().await;
    facts.values().map(|pid| Alive::new(pid.parse().unwrap())).collect()
}

#[test]
fn after_the_child_has_ended() {
    in_own_process("keeper::orphans::after_the_child_has_ended", async || {
        let mut generation = Generation::launch(&mut launcher(), shell(TREE));
        let tree = tree(&mut generation).await;
        generation.handle.send(&SupervisorCommand::Activate).unwrap();
        assert_eq!(generation.end().await, code(3));
        assert_all_end(&tree, Duration::ZERO);
    });
}

#[test]
fn after_an_order_to_kill() {
    in_own_process("keeper::orphans::after_an_order_to_kill", async || {
        let mut generation = Generation::launch(&mut launcher(), shell(TREE));
        let tree = tree(&mut generation).await;
        generation.handle.kill();
        assert_eq!(generation.end().await, killed());
        assert_all_end(&tree, Duration::ZERO);
    });
}

#[test]
fn after_the_handle_is_dropped() {
    in_own_process("keeper::orphans::after_the_handle_is_dropped", async || {
        let mut launcher = launcher();
        let mut generation = Generation::launch(&mut launcher, shell(TREE));
        let tree = tree(&mut generation).await;
        drop(generation);
        tokio::time::timeout(SOON, launcher.finish()).await.unwrap();
        assert_all_end(&tree, Duration::ZERO);
    });
}

#[test]
fn of_one_generation_while_the_other_lives_on() {
    in_own_process("keeper::orphans::of_one_generation_while_the_other_lives_on", async || {
        let mut launcher = launcher();
        let mut old = Generation::launch(&mut launcher, shell(TREE));
        let mut new = Generation::launch(&mut launcher, shell(TREE));
        let (old_tree, new_tree) = (tree(&mut old).await, tree(&mut new).await);
        old.handle.kill();
        old.end().await;
        assert_all_end(&old_tree, Duration::ZERO);
        new_tree.iter().for_each(Alive::assert_alive);
        new.handle.kill();
        new.end().await;
        assert_all_end(&new_tree, Duration::ZERO);
    });
}

#[test]
fn after_the_keeper_was_killed() {
    in_own_process("keeper::orphans::after_the_keeper_was_killed", async || {
        let mut launcher = launcher();
        let mut bystander = Generation::launch(&mut launcher, shell("echo pid $$; read command; exit 4"));
        let other = Alive::new(bystander.facts::<1>().await["pid"].parse().unwrap());
        let mut generation = Generation::launch(&mut launcher, shell(TREE));
        let tree = tree(&mut generation).await;

        Alive::new(parent(generation.handle.pid().unwrap())).kill();
        let end = generation.end().await;
        assert_eq!(end.exited, killed().exited);
        assert_eq!(end.failures, ["the keeper ended with signal 9 (SIGKILL)"]);
        assert_all_end(&tree, Duration::ZERO);

        other.assert_alive();
        bystander.handle.send(&SupervisorCommand::Activate).unwrap();
        assert_eq!(bystander.end().await, code(4));
    });
}

/// Every copy starts the next one, in a session of its own, and ends.
#[test]
fn even_if_it_keeps_running_away() {
    in_own_process("keeper::orphans::even_if_it_keeps_running_away", async || {
        let script = "echo child $$; export run='setsid sh -c \"$run\" &'; eval \"$run\"; read command";
        let mut generation = Generation::launch(&mut launcher(), shell(script));
        generation.facts::<1>().await;
        generation.handle.kill();
        assert_eq!(generation.end().await, killed());
    });
}

#[test]
fn a_polite_request_ends_the_group() {
    in_own_process("keeper::orphans::a_polite_request_ends_the_group", async || {
        let script = "trap 'exit 7' TERM; sleep 1000 & echo sleep $!; wait";
        let mut generation = Generation::launch(&mut launcher(), shell(script));
        let sleep = Alive::new(generation.facts::<1>().await["sleep"].parse().unwrap());
        generation.handle.terminate();
        assert_eq!(generation.end().await, code(7));
        assert_all_end(&[sleep], Duration::ZERO);
    });
}

#[test]
fn a_polite_request_may_be_ignored_and_an_order_may_not() {
    in_own_process("keeper::orphans::a_polite_request_may_be_ignored_and_an_order_may_not", async || {
        let script = "trap 'echo no thanks' TERM; echo ready; while :; do read command; done";
        let mut generation = Generation::launch(&mut launcher(), shell(script));
        assert_eq!(generation.line().await, "ready");
        generation.handle.terminate();
        assert_eq!(generation.line().await, "no thanks");
        generation.handle.kill();
        assert_eq!(generation.end().await, killed());
    });
}

/// The stand-in for the supervisor, to be killed: prints the pids of a tree and waits for its end.
#[test]
#[ignore = "run by the test below"]
fn supervisor() {
    in_own_process("keeper::orphans::supervisor", async || {
        let mut generation = Generation::launch(&mut launcher(), shell(TREE));
        let tree = tree(&mut generation).await;
        eprintln!("pid {}", parent(generation.handle.pid().unwrap()));
        for process in &tree {
            eprintln!("pid {}", process.pid);
        }
        eprintln!("supervisor {}", std::process::id());
        generation.end().await;
    });
}

#[test]
fn after_the_supervisor_was_killed() {
    let directory = tempfile::tempdir().unwrap();
    let mut stand_in = command("keeper::orphans::supervisor", &directory.path().join("note"));
    let mut stand_in = stand_in.stderr(Stdio::piped()).spawn().unwrap();
    let mut processes = Vec::new();
    for line in BufReader::new(stand_in.stderr.take().unwrap()).lines() {
        match line.unwrap().split_once(' ') {
            Some(("pid", pid)) => processes.push(Alive::new(pid.parse().unwrap())),
            Some(("supervisor", pid)) => {
                Alive::new(pid.parse().unwrap()).kill();
                break;
            }
            _ => {}
        }
    }
    assert_eq!(processes.len(), 7, "the keeper and its tree");
    assert_all_end(&processes, Duration::from_secs(1));
    stand_in.wait().unwrap();
}
