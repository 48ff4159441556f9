//! Single keys on a real terminal (F21).

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use clawdbot::platform::terminal::Keys;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::support::generation::SOON;
use crate::support::own_process::{command, in_own_process};

/// A program in the foreground of a terminal, and the person in front of it.
struct Session {
    person: File,
    screen: BufReader<File>,
    program: Child,
}

impl Session {
    #[expect(clippy::disallowed_methods, reason = "a program in a terminal of its own")]
    fn start(test: &str, note: &Path) -> Self {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let name = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
        let terminal = OpenOptions::new().read(true).write(true).open(name).unwrap();
        let inner = command(test, note);
        let mut outer = Command::new("setsid");
        outer.arg("--ctty").arg(inner.get_program()).args(inner.get_args());
        outer.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        outer.stdin(terminal.try_clone().unwrap()).stdout(terminal).stderr(Stdio::inherit());
        let program = outer.spawn().unwrap();
        let person = File::from(person);
        Self { screen: BufReader::new(person.try_clone().unwrap()), person, program }
    }

    fn types(&mut self, keys: &str) {
        self.person.write_all(keys.as_bytes()).unwrap();
    }

    fn reads(&mut self, expected: &str) {
        let mut line = String::new();
        while !line.trim_end().ends_with(expected) {
            line.clear();
            // Lines arrive whole: the program writes them so.
            if self.screen.buffer().is_empty() {
                let mut readable = [PollFd::new(&self.person, PollFlags::IN)];
                let deadline = Timespec::try_from(SOON).unwrap();
                assert_eq!(poll(&mut readable, Some(&deadline)).unwrap(), 1, "no {expected}");
            }
            assert!(self.screen.read_line(&mut line).unwrap() > 0, "no {expected}");
        }
    }

    /// Whether the terminal is as it was.
    fn edits_lines(&self) -> bool {
        let modes = tcgetattr(&self.person).unwrap().local_modes;
        modes.contains(LocalModes::ICANON) && modes.contains(LocalModes::ECHO)
    }
}

/// The program in the terminal: says every key, ends at `q`.
#[test]
#[ignore = "run by the test below"]
fn program() {
    in_own_process("keys::program", async || {
        let mut keys = Keys::open().unwrap().unwrap();
        println!("listening");
        loop {
            match keys.next().await {
                'q' => break,
                key => println!("key {key}"),
            }
        }
    });
}

#[test]
fn are_read_one_by_one_and_the_terminal_is_itself_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut session = Session::start("keys::program", &directory.path().join("note"));
    session.reads("listening");
    assert!(!session.edits_lines());
    session.types("r");
    session.reads("key r");
    session.types("\u{1b}[Ac");
    session.types("?");
    session.reads("key ?");
    // Nobody could continue a program that leads its session, so the system must not stop it either.
    session.types("\u{1a}");
    session.types("x");
    session.reads("key x");
    session.types("q");
    assert!(session.program.wait().unwrap().success());
    assert!(session.edits_lines());
}

#[test]
fn are_not_read_without_a_terminal() {
    in_own_process("keys::are_not_read_without_a_terminal", async || {
        assert!(Keys::open().unwrap().is_none());
    });
}
