//! Performs what [`super::step`] decides: starts and ends generations, reads plans, follows the watcher.

mod build;
mod command;
mod commands;
mod gateway;
mod input;
mod recording;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use self::commands::Commands;
use super::child::{GenerationHandle, Launcher, ProcessEvent};
use super::edits::Edits;
use super::notice::{Notice, Trigger};
use super::plan::{Plan, Plans};
use super::state::{Generation, Limits, Phase, PlanId, State};
use super::step::{Action, Applying, Event, Exit, step};
use crate::harness::exec::ExecSpec;
use crate::watch::{Boot, WatchEvent, WatchHandle};

/// Lines of a generation's standard error that are kept for the report of its end.
const TAIL_LINES: usize = 20;

/// How long the keepers of everything that was killed have to end.
const FINISH: Duration = Duration::from_secs(10);
/// How late a deadline may be noticed while generations flood the harness with output.
const LATE: Duration = Duration::from_millis(500);

/// What a person or a signal asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Read everything again and replace the generation, whether something changed or not.
    Reload(Trigger),
    /// Replace the generation with the plan it has.
    Restart(Trigger),
    /// Begin a recording, or end the one that is made.
    Record,
    /// Stop; a second time: at once.
    Stop {
        /// Exit code if something has to be killed.
        cut_code: u8,
    },
}

/// Where the driver's input comes from.
#[derive(Debug)]
pub struct Inputs {
    /// Requests. The driver goes on when the channel is closed.
    pub requests: mpsc::Receiver<Request>,
    /// Edits.
    pub edits: mpsc::Receiver<WatchEvent>,
}

/// Receives every [`Notice`], with the last lines of the generation that it is about, if it ended.
pub type Sink<'a> = &'a mut dyn FnMut(&Notice, &[String]);

/// What is supervised.
#[derive(Debug)]
pub enum Supervised {
    /// Our own gateway: the newest build of this program.
    Gateway(PathBuf),
    /// Any command.
    Command(Arc<ExecSpec>),
}

/// What is started.
#[derive(Debug)]
pub struct Executables {
    /// The generations.
    pub supervised: Supervised,
    /// Their keepers: the running one, because a newer build may not work.
    pub keeper: PathBuf,
}

/// The driver of one harness.
#[derive(Debug)]
pub struct Driver {
    state: State,
    plans: Plans,
    edits: Edits,
    kind: Kind,
    launcher: Launcher,
    watch: WatchHandle,
    children: BTreeMap<Generation, Child>,
    process_events: mpsc::Receiver<(u64, ProcessEvent)>,
    process_sender: mpsc::Sender<(u64, ProcessEvent)>,
    queue: VecDeque<Event>,
    /// The generation that loads right now: what appears in the workspace meanwhile may be its own writing.
    booting: Option<Generation>,
    /// A generation was told to begin a recording, and has not answered.
    is_recording_asked: bool,
}

/// What the generations are.
#[derive(Debug)]
enum Kind {
    Gateway(PathBuf),
    Command(Box<Commands>),
}

/// What is known of the process of one generation.
#[derive(Debug)]
struct Child {
    handle: GenerationHandle,
    tail: VecDeque<String>,
    refused: Option<(u8, String)>,
    /// Configurations that it was sent and has not taken over yet, oldest first.
    applying: VecDeque<Applying>,
}

impl Driver {
    /// Makes a driver; nothing runs before [`Driver::run`]. Must be called inside the runtime.
    pub fn new(
        first: Plan,
        edits: Edits,
        watch: WatchHandle,
        executables: Executables,
        limits: Limits,
    ) -> io::Result<Self> {
        let mut plans = Plans::default();
        let first = plans.add(first);
        let (process_sender, process_events) = mpsc::channel(256);
        let seed = u64::from(std::process::id());
        let mut driver = Self {
            state: State::new(first, limits, seed, Instant::now()),
            plans,
            edits,
            kind: match executables.supervised {
                Supervised::Gateway(program) => Kind::Gateway(program),
                Supervised::Command(spec) => Kind::Command(Box::new(Commands::new(spec))),
            },
            launcher: Launcher::new(executables.keeper)?,
            watch,
            children: BTreeMap::new(),
            process_events,
            process_sender,
            queue: VecDeque::new(),
            booting: None,
            is_recording_asked: false,
        };
        driver.edits.accept(driver.plans.get(first).cloned());
        driver.settle_succession();
        Ok(driver)
    }

    /// Runs until everything ended; returns the exit code.
    pub async fn run(mut self, mut inputs: Inputs, sink: Sink<'_>) -> u8 {
        self.begin(sink);
        loop {
            self.settle(sink);
            let Some(deadline) = self.state.deadline() else { break };
            // Answers before deadlines: after a suspension both are due, and an answer that is there counts.
            if Instant::now() >= deadline + LATE {
                tokio::task::yield_now().await;
                self.queue.push_back(Event::Deadline);
            }
            tokio::select! {
                biased;
                Some(request) = inputs.requests.recv() => self.request(request, sink),
                Some((generation, event)) = self.process_events.recv() => {
                    self.process(Generation(generation), event, sink);
                }
                news = self.kind.news() => self.hear(news, sink),
                Some(event) = inputs.edits.recv() => self.watched(event, sink),
                () = tokio::time::sleep_until(deadline.into()) => self.queue.push_back(Event::Deadline),
            }
        }
        self.children.clear();
        // Nobody listens any more, so nothing waits for that.
        self.process_events.close();
        let finish = self.launcher.finish();
        if tokio::time::timeout(FINISH, finish).await.is_err() {
            tracing::warn!("a keeper did not end in time");
        }
        match self.state.phase {
            Phase::Stopped { code } => code,
            _ => 1,
        }
    }

    /// Steps through everything queued and performs what follows from it.
    fn settle(&mut self, sink: Sink<'_>) {
        while let Some(event) = self.queue.pop_front() {
            let (state, actions) = step(self.state.clone(), event, Instant::now());
            self.state = state;
            let failed = actions.iter().any(|action| {
                matches!(action, Action::Tell(Notice::Kept { .. } | Notice::Crashed { rollback: true, .. }))
            });
            for action in actions {
                self.perform(action, sink);
            }
            if failed {
                self.edits.fell_back(self.plans.get(self.state.plan).cloned());
                self.edits.follow(&self.watch);
            }
        }
        // Not before the queue is empty: an event in it may name a plan that nothing else names yet.
        let unbuilt = self.unbuilt_plan();
        self.plans.retain(&self.state, unbuilt);
    }

    fn perform(&mut self, action: Action, sink: Sink<'_>) {
        match action {
            Action::Spawn { generation, plan } => self.spawn(generation, plan),
            Action::Activate(generation) => self.activate(generation),
            Action::Apply { generation, plan, then } => self.apply(generation, plan, then),
            Action::Drain { generation, restart_expected_ms } => {
                self.drain(generation, restart_expected_ms);
            }
            Action::Ping(generation, nonce) => {
                // Nothing was reloaded for a while.
                self.launcher.rest();
                self.ping(generation, nonce);
            }
            Action::Terminate(generation) => {
                if let Some(child) = self.children.get(&generation) {
                    child.handle.terminate();
                }
            }
            Action::Kill(generation) => {
                self.booted(generation);
                if let Some(child) = self.children.get(&generation) {
                    child.handle.kill();
                }
            }
            Action::Abandon(generation) => _ = self.children.remove(&generation),
            Action::Tell(notice) => {
                // While one serves there is time to get the next keeper ready.
                if matches!(notice, Notice::Serving { .. })
                    && let Err(error) = self.launcher.prepare()
                {
                    tracing::debug!(%error, "no keeper ahead of time");
                }
                self.tell(&notice, sink);
            }
        }
    }

    fn tell(&mut self, notice: &Notice, sink: Sink<'_>) {
        let ended = match notice {
            Notice::Kept { candidate, .. } => Some(*candidate),
            Notice::Crashed { generation, .. } => Some(*generation),
            _ => None,
        };
        let tail = ended.and_then(|generation| self.children.get_mut(&generation)).map(|child| {
            child.tail.make_contiguous();
            child.tail.as_slices().0
        });
        sink(notice, tail.unwrap_or_default());
    }

    fn spawn(&mut self, generation: Generation, plan: PlanId) {
        self.watch.note_boot(Boot::Started);
        self.booting = Some(generation);
        let launched = match self.plans.get(plan).cloned() {
            Some(plan) => self.launch(generation, &plan),
            None => Err(Exit::died("its plan is gone".to_owned())),
        };
        if let Err(exit) = launched {
            self.booted(generation);
            self.queue.push_back(Event::Exited(generation, exit));
            self.queue.push_back(Event::Gone(generation));
        }
    }

    fn launch(&mut self, generation: Generation, plan: &Arc<Plan>) -> Result<(), Exit> {
        let handle = match &self.kind {
            Kind::Gateway(_) => self.launch_gateway(generation, plan)?,
            Kind::Command(_) => self.launch_command(generation, plan)?,
        };
        let child = Child { handle, tail: VecDeque::new(), refused: None, applying: VecDeque::new() };
        self.children.insert(generation, child);
        Ok(())
    }
}
