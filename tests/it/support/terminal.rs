//! A harness on a terminal of its own, as a person has it in front of them.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};

use super::home::Home;
use super::process::{self, Process};
use super::program::{self, BINARY};
use super::wait::PATIENCE;

/// A running `gateway --dev` on a pseudo-terminal.
#[derive(Debug)]
pub(crate) struct Terminal {
    child: Child,
    /// The person's side; `None` once the terminal is closed.
    keyboard: Option<File>,
    /// Keeps the settings of the terminal readable.
    screen_side: OwnedFd,
    shown: Arc<(Mutex<String>, Condvar)>,
    reader: Option<JoinHandle<()>>,
    closing: Arc<AtomicBool>,
    mark: String,
}

impl Terminal {
    /// Starts `gateway --dev --port 0` in `home`, in a session whose terminal it is.
    pub(crate) fn start(home: &Home) -> Self {
        Self::of(home, &["gateway", "--dev", "--port", "0"], &[])
    }

    /// Starts the program with other arguments, and with `variables` in its environment.
    pub(crate) fn of(home: &Home, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::open(home, arguments, variables, None)
    }

    /// The same in a terminal of so many columns.
    pub(crate) fn sized(home: &Home, arguments: &[&str], variables: &[(&str, &str)], columns: u16) -> Self {
        Self::open(home, arguments, variables, Some(columns))
    }

    fn open(home: &Home, arguments: &[&str], variables: &[(&str, &str)], columns: Option<u16>) -> Self {
        let keyboard =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("pseudo-terminal");
        grantpt(&keyboard).expect("grantpt");
        unlockpt(&keyboard).expect("unlockpt");
        let name = ptsname(&keyboard, Vec::new()).expect("ptsname").into_string().expect("a path");
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
        let screen_side = rustix::fs::open(&name, flags, rustix::fs::Mode::empty()).expect("terminal");
        if let Some(columns) = columns {
            let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
            tcsetwinsize(&screen_side, size).expect("size of the terminal");
        }
        let mark = program::fresh_mark();
        let mut command = program::command(Path::new("setsid"), home.path(), &mark);
        command.env("TERM", "xterm").args(["--ctty", BINARY]).args(arguments);
        command.envs(variables.iter().copied());
        let copy = || screen_side.try_clone().expect("descriptor");
        command.stdin(copy()).stdout(copy()).stderr(copy());
        let child = command.spawn().expect("the harness starts");
        drop(command);
        let keyboard = File::from(keyboard);
        let shown = Arc::new((Mutex::new(String::new()), Condvar::new()));
        let closing = Arc::new(AtomicBool::new(false));
        let eyes = keyboard.try_clone().expect("descriptor");
        let reader = read(eyes, Arc::clone(&closing), Arc::clone(&shown));
        Self { child, keyboard: Some(keyboard), screen_side, shown, reader: Some(reader), closing, mark }
    }

    /// Process id of the harness.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Types `text`.
    pub(crate) fn press(&mut self, text: &str) {
        self.keyboard.as_mut().expect("open").write_all(text.as_bytes()).expect("keyboard");
    }

    /// How much was shown so far; a position for [`Terminal::expect`].
    pub(crate) fn position(&self) -> usize {
        self.shown.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Waits until `text` is shown after position `from`; returns everything after it.
    #[track_caller]
    pub(crate) fn expect(&self, from: usize, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        let (shown, grown) = &*self.shown;
        let mut screen = shown.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if screen[from..].contains(text) {
                return screen[from..].to_owned();
            }
            let rest = deadline.saturating_duration_since(Instant::now());
            assert!(!rest.is_zero(), "{text:?} was not shown, but:\n{}", &screen[from..]);
            screen = grown.wait_timeout(screen, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Settings of the terminal.
    pub(crate) fn settings(&self) -> Termios {
        tcgetattr(self.screen_side.as_fd()).expect("terminal settings")
    }

    /// Closes the terminal, as closing its window does: the system hangs up on the session.
    pub(crate) fn close(&mut self) {
        self.keyboard = None;
        self.closing.store(true, Ordering::Relaxed);
        if let Some(reader) = self.reader.take() {
            reader.join().expect("reader");
        }
    }

    /// The harness and everything that descends from it.
    pub(crate) fn processes(&self) -> Vec<Process> {
        let mut all = process::tree(self.pid());
        all.extend(process::marked(&self.mark));
        all.sort();
        all.dedup();
        all
    }

    /// Waits for the end of the harness.
    #[track_caller]
    pub(crate) fn ended(&mut self, patience: Duration) -> ExitStatus {
        program::end_within(&mut self.child, patience)
            .unwrap_or_else(|| panic!("still running after {patience:?}:\n{}", self.expect(0, "")))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let started = self.processes();
        let _ = self.child.kill();
        let _ = self.child.wait();
        process::end(started.iter().chain(&process::marked(&self.mark)));
        self.close();
    }
}

/// Collects what is shown, until the terminal is closed from either side.
fn read(
    mut keyboard: File,
    closing: Arc<AtomicBool>,
    shown: Arc<(Mutex<String>, Condvar)>,
) -> JoinHandle<()> {
    let turn = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
    thread::spawn(move || {
        let mut chunk = [0; 4096];
        while !closing.load(Ordering::Relaxed) {
            let mut waiting = [PollFd::new(&keyboard, PollFlags::IN)];
            if poll(&mut waiting, Some(&turn)).is_ok_and(|ready| ready == 0) {
                continue;
            }
            let Ok(count @ 1..) = keyboard.read(&mut chunk) else { return };
            let text = String::from_utf8_lossy(&chunk[..count]).into_owned();
            shown.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
            shown.1.notify_all();
        }
    })
}
