//! A generation whose child is a shell script, behind a real keeper.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use clawdbot::harness::supervisor::child::{GenerationHandle, LaunchSpec, Launcher, ProcessEvent, Streams};
use clawdbot::platform::net;
use clawdbot::platform::process::ExitReport;
use clawdbot::platform::signals::Passed;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longer than anything here takes on the slowest machine.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// The generation and what it says.
#[derive(Debug)]
pub(crate) struct Generation {
    pub(crate) handle: GenerationHandle,
    events: mpsc::Receiver<(u64, ProcessEvent)>,
    /// Lines on standard error so far.
    pub(crate) stderr: Vec<String>,
}

/// Everything after the last line that a test asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) exited: Option<ExitReport>,
    pub(crate) failures: Vec<String>,
}

pub(crate) fn launcher() -> Launcher {
    Launcher::new(PathBuf::from(env!("CARGO_BIN_EXE_clawdbot"))).unwrap()
}

pub(crate) fn listener() -> TcpListener {
    net::bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap()
}

/// A launch of `/bin/sh -c script`.
pub(crate) fn shell(script: &str) -> LaunchSpec {
    LaunchSpec {
        program: PathBuf::from("/bin/sh"),
        args: vec!["/bin/sh".to_owned(), "-c".to_owned(), script.to_owned()],
        env: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
        cwd: None,
        listeners: [].into(),
        generation: 7,
        streams: Streams::Events,
        stop: Passed::Terminate,
        remove: None,
    }
}

impl Generation {
    pub(crate) fn launch(launcher: &mut Launcher, spec: LaunchSpec) -> Self {
        let (sender, events) = mpsc::channel(16);
        Self { handle: launcher.launch(spec, sender).unwrap(), events, stderr: Vec::new() }
    }

    pub(crate) async fn next(&mut self) -> ProcessEvent {
        let (generation, event) = timeout(SOON, self.events.recv()).await.unwrap().unwrap();
        assert_eq!(generation, 7);
        event
    }

    /// The next line on standard output that is no message.
    pub(crate) async fn line(&mut self) -> String {
        loop {
            match self.next().await {
                ProcessEvent::IpcGarbage(line) => return line,
                ProcessEvent::Stderr(line) => self.stderr.push(line),
                ProcessEvent::Started { .. } => {}
                other => panic!("{other:?} instead of a line, after {:?}", self.stderr),
            }
        }
    }

    /// The next lines, `name value` each, in any order, up to one that says `ready`.
    pub(crate) async fn facts<const COUNT: usize>(&mut self) -> BTreeMap<String, String> {
        let mut facts = BTreeMap::new();
        while facts.len() < COUNT {
            let line = self.line().await;
            let (name, value) = line.split_once(' ').unwrap_or((&line, ""));
            facts.insert(name.to_owned(), value.to_owned());
        }
        facts
    }

    /// Waits until nothing is left, and for the task behind it.
    pub(crate) async fn end(&mut self) -> End {
        let mut end = End { exited: None, failures: Vec::new() };
        loop {
            match self.next().await {
                ProcessEvent::Exited(report) => {
                    assert_eq!(end.exited.replace(report), None, "two exits");
                }
                ProcessEvent::KeeperFailed(failure) => end.failures.push(failure),
                ProcessEvent::Stderr(line) => {
                    assert_eq!(end.exited, None, "{line} came after the exit");
                    self.stderr.push(line);
                }
                ProcessEvent::Gone => break,
                ProcessEvent::Started { .. }
                | ProcessEvent::Ipc(_)
                | ProcessEvent::IpcGarbage(_)
                | ProcessEvent::LeftBehind(_) => {}
            }
        }
        assert!(timeout(SOON, self.events.recv()).await.unwrap().is_none(), "something came after the end");
        end
    }
}

pub(crate) fn code(code: i32) -> End {
    End { exited: Some(ExitReport { code: Some(code), ..ExitReport::default() }), failures: Vec::new() }
}

pub(crate) fn killed() -> End {
    End { exited: Some(ExitReport { signal: Some(9), ..ExitReport::default() }), failures: Vec::new() }
}
