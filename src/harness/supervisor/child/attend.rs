//! The task behind one generation: carries commands in, events out, and ends when nothing is left of it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe;
use tokio::process::Child;
use tokio::sync::mpsc;

use super::event::{LaunchSpec, ProcessEvent};
use super::lines::Line;
use super::link::Link;
use super::stream::Stream;
use super::wishes::{Wanted, Wishes};
use crate::harness::keeper::{Order, Report, Start};
use crate::platform::process::{ExitReport, Known, end_strays};

/// How much of a line that is no event is reported, in bytes.
const GARBAGE_LIMIT: usize = 512;
/// How long what a dead keeper has left behind may take to die.
const STRAY_LIMIT: Duration = Duration::from_secs(5);

/// Everything that the task owns.
#[derive(Debug)]
pub(super) struct Attend {
    pub(super) generation: u64,
    pub(super) events: mpsc::Sender<(u64, ProcessEvent)>,
    pub(super) wishes: Wishes,
    pub(super) link: Link,
    pub(super) keeper: Child,
    pub(super) known: Known,
    pub(super) pid: Arc<OnceLock<u32>>,
    pub(super) output: Stream,
    pub(super) error: Stream,
}

/// What the child gets, to be closed here once it has it.
#[derive(Debug)]
pub(super) struct ChildEnds {
    pub(super) stdio: [OwnedFd; 3],
    pub(super) spec: LaunchSpec,
}

/// What the keeper has said.
#[derive(Debug, Default)]
struct Progress {
    /// The child has ended.
    exited: bool,
    /// Nothing is left.
    empty: bool,
    /// The child did not start, and why.
    failure: Option<String>,
}

impl Attend {
    /// Runs the generation to its end.
    pub(super) async fn run(mut self, ends: ChildEnds, input: pipe::Sender, queued: mpsc::Receiver<Vec<u8>>) {
        // Lives until the end: a child whose standard input closes ends by itself, and would do so before it is
        // killed when its keeper dies.
        let mut feeding = pin!(feed(input, queued));
        let progress = match start(&self.link, ends).await {
            Ok(()) => self.listen(feeding.as_mut()).await,
            Err(error) => Progress {
                failure: Some(format!("failed to order the start: {error}")),
                ..Progress::default()
            },
        };
        self.finish(progress).await;
    }

    /// Until the keeper closes its end.
    async fn listen(&mut self, mut feeding: Pin<&mut impl Future<Output = ()>>) -> Progress {
        let mut fed = false;
        let mut progress = Progress::default();
        loop {
            // The child may be faster with its first words than the keeper with the news.
            let started = self.pid.get().is_some();
            tokio::select! {
                () = &mut feeding, if !fed => fed = true,
                report = self.link.report() => match report {
                    Some(Report::Started { pid }) => {
                        // Nobody else sets it.
                        let _ = self.pid.set(pid);
                        self.emit(ProcessEvent::Started { pid }).await;
                    }
                    Some(Report::LeftBehind { count }) => self.emit(ProcessEvent::LeftBehind(count)).await,
                    Some(Report::Exited(report)) => {
                        self.emit_rest().await;
                        self.emit(ProcessEvent::Exited(report)).await;
                        progress.exited = true;
                    }
                    Some(Report::Empty) => progress.empty = true,
                    Some(Report::Failed { message }) => progress.failure = Some(message),
                    // Whoever is left comes to us when the keeper ends; what is left of its directory goes with the harness.
                    Some(Report::Left { .. } | Report::NotRemoved { .. }) => {}
                    None => return progress,
                },
                lines = self.output.read(), if started => self.emit_output(lines).await,
                lines = self.error.read(), if started => self.emit_error(lines).await,
                wanted = self.wishes.next() => match wanted {
                    Wanted::Order(order) => self.link.order(&order),
                    Wanted::Overdue => return progress,
                },
            }
        }
    }

    /// After the keeper: collects it, cleans up what it could not, and says the last words.
    async fn finish(mut self, progress: Progress) {
        let Progress { mut exited, empty, failure } = progress;
        let status = self.collect_keeper().await;
        if let Some(failure) = failure {
            self.emit(ProcessEvent::KeeperFailed(failure)).await;
        } else if !empty {
            let end = end_strays(&self.known, STRAY_LIMIT).await.unwrap_or_default();
            if let Some((_, report)) = end.ended.iter().find(|(pid, _)| self.pid.get() == Some(pid)) {
                self.emit_rest().await;
                self.emit(ProcessEvent::Exited(*report)).await;
                exited = true;
            }
            if !end.left.is_empty() {
                let failure = format!("failed to end processes {:?}: they survive SIGKILL", end.left);
                self.emit(ProcessEvent::KeeperFailed(failure)).await;
            } else if status.code != Some(0) {
                self.emit(ProcessEvent::KeeperFailed(format!("the keeper ended with {status}"))).await;
            }
        }
        self.emit_rest().await;
        if self.pid.get().is_some() && !exited {
            self.emit(ProcessEvent::Exited(ExitReport::default())).await;
        }
        self.emit(ProcessEvent::Gone).await;
    }

    async fn collect_keeper(&mut self) -> ExitReport {
        // Without the lifeline a keeper ends by itself, unless somebody has stopped it.
        self.link.close();
        self.wishes.kill();
        let keeper = self.keeper.id();
        let status = tokio::select! {
            status = self.keeper.wait() => status,
            () = self.wishes.overdue() => match self.keeper.start_kill() {
                Ok(()) => self.keeper.wait().await,
                Err(error) => Err(error),
            },
        };
        if let Some(keeper) = keeper {
            self.known.lock().remove(&keeper);
        }
        status.map(ExitReport::from).unwrap_or_default()
    }

    async fn emit_rest(&mut self) {
        let lines = self.error.drain();
        self.emit_error(lines).await;
        let lines = self.output.drain();
        self.emit_output(lines).await;
    }

    async fn emit_output(&mut self, lines: Vec<Line>) {
        for line in lines {
            let event =
                serde_json::from_slice(&line.bytes).map_or_else(|_| garbage(&line), ProcessEvent::Ipc);
            self.emit(event).await;
        }
    }

    async fn emit_error(&mut self, lines: Vec<Line>) {
        for line in lines {
            let mut text = String::from_utf8_lossy(&line.bytes).into_owned();
            text.extend(line.cut.then_some('…'));
            self.emit(ProcessEvent::Stderr(text)).await;
        }
    }

    /// Hands an event over; meanwhile, wishes are still obeyed.
    async fn emit(&mut self, event: ProcessEvent) {
        loop {
            tokio::select! {
                permit = self.events.reserve() => {
                    match permit {
                        Ok(permit) => permit.send((self.generation, event)),
                        // Nobody supervises any more.
                        Err(_) => self.link.order(&self.wishes.kill()),
                    }
                    return;
                }
                order = self.wishes.next_order() => self.link.order(&order),
            }
        }
    }
}

/// Orders the start, and closes here what the child has got.
async fn start(link: &Link, ends: ChildEnds) -> io::Result<()> {
    let ChildEnds { stdio, spec } = ends;
    let start = Start {
        arguments: spec.args,
        program: spec.program,
        env: spec.env,
        directory: spec.cwd,
        sockets: spec.listeners.len(),
        remove: spec.remove,
        stop: spec.stop,
    };
    let sockets = spec.listeners.iter().map(AsFd::as_fd);
    let descriptors: Vec<BorrowedFd<'_>> = stdio.iter().map(AsFd::as_fd).chain(sockets).collect();
    link.order_with(&Order::Start(Box::new(start)), &descriptors).await
}

/// Writes commands to the child's standard input, and closes it when there will be no more.
async fn feed(mut input: pipe::Sender, mut queued: mpsc::Receiver<Vec<u8>>) {
    while let Some(line) = queued.recv().await {
        if input.write_all(&line).await.is_err() {
            // The child has closed it. That is its right; it is told to end by other means.
            return;
        }
    }
}

fn garbage(line: &Line) -> ProcessEvent {
    let start = &line.bytes[..line.bytes.len().min(GARBAGE_LIMIT)];
    ProcessEvent::IpcGarbage(String::from_utf8_lossy(start).into_owned())
}
