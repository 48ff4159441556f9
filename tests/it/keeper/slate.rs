//! The child starts with a clean slate: descriptors, signals, environment, session (F35).

use clawdbot::harness::supervisor::child::LaunchSpec;

use crate::support::generation::{Generation, code, killed, launcher, listener, shell};
use crate::support::own_process::in_own_process;

#[test]
fn descriptors_are_the_three_and_the_sockets() {
    in_own_process("keeper::slate::descriptors_are_the_three_and_the_sockets", async || {
        let script = "
            ls -v /proc/$$/fd
            readlink /proc/$$/fd/0
            readlink /proc/$$/fd/3
            echo $LISTEN_FDS $LISTEN_FDNAMES
            echo meant $((LISTEN_PID == $$))
            exit 0";
        let spec = LaunchSpec { listeners: [listener(), listener()].into(), ..shell(script) };
        let mut generation = Generation::launch(&mut launcher(), spec);
        for expected in ["0", "1", "2", "3", "4", "pipe:", "socket:", "2 gateway:gateway", "meant 1"] {
            let line = generation.line().await;
            // Pipes and sockets have a number in brackets behind their kind.
            assert_eq!(line.split('[').next(), Some(expected));
        }
        assert_eq!(generation.end().await, code(0));
    });
}

#[test]
fn signals_are_back_to_normal() {
    in_own_process("keeper::slate::signals_are_back_to_normal", async || {
        // Read by a program that the child starts, because a shell has handlers of its own. The last eight
        // digits are the classic signals and one more.
        let script = "sed -nE 's/^Sig(Blk|Ign):.*(.{8})$/\\1 \\2/p' /proc/self/status; exit 0";
        let mut generation = Generation::launch(&mut launcher(), shell(script));
        let facts = generation.facts::<2>().await;
        assert_eq!(facts["Blk"], "00000000");
        assert_eq!(u32::from_str_radix(&facts["Ign"], 16).unwrap() & (u32::MAX >> 1), 0, "{facts:?}");
    });
}

#[test]
fn the_environment_is_the_one_that_was_asked_for() {
    in_own_process("keeper::slate::the_environment_is_the_one_that_was_asked_for", async || {
        // Together larger than a socket takes at once.
        let large = (0..8).map(|number| (format!("LARGE_{number}"), "x".repeat(100_000)));
        let mut spec = shell("echo size $(env | wc -c); echo pid [$LISTEN_PID]; echo cwd $(pwd)");
        spec.env.extend(large);
        spec.env.push(("LISTEN_PID".to_owned(), "1".to_owned()));
        spec.cwd = Some("/usr".into());
        let mut generation = Generation::launch(&mut launcher(), spec);
        let facts = generation.facts::<3>().await;
        assert!((800_000..810_000).contains(&facts["size"].parse().unwrap()), "{facts:?}");
        assert_eq!(facts["pid"], "[]");
        assert_eq!(facts["cwd"], "/usr");
        assert_eq!(generation.end().await, code(0));
    });
}

#[test]
fn it_leads_its_own_session_and_group() {
    in_own_process("keeper::slate::it_leads_its_own_session_and_group", async || {
        let mut generation =
            Generation::launch(&mut launcher(), shell("cut -d' ' -f5,6 /proc/$$/stat; read x"));
        let line = generation.line().await;
        let pid = generation.handle.pid().unwrap();
        assert_eq!(line, format!("{pid} {pid}"));
        generation.handle.kill();
        assert_eq!(generation.end().await, killed());
    });
}
