//! Launching generations, each behind a keeper of its own.

use std::ffi::OsStr;
use std::io;
use std::os::unix::net::UnixStream as StdStream;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use tokio::net::UnixStream;
use tokio::net::unix::pipe;
use tokio::process::Child;
use tokio::sync::{mpsc, watch};
use tokio_util::task::TaskTracker;

use super::attend::{Attend, ChildEnds};
use super::event::{LaunchSpec, ProcessEvent, Streams};
use super::gateway::{COMMAND_QUEUE, GenerationHandle, Wish};
use super::link::Link;
use super::stream::Stream;
use super::wishes::Wishes;
use crate::platform::process::{Known, adopt_orphans, spawn_in_background};

/// Longest event of a child, in bytes.
const IPC_LIMIT: usize = 1024 * 1024;
/// Longest line of its standard error, in bytes.
const STDERR_LIMIT: usize = 64 * 1024;

/// How a keeper is called.
const KEEPER_NAME: &str = "clawdbot";
const KEEPER_ARGUMENT: &str = "__dev-keeper";

/// Launches generations and owns the tasks that attend to them. One per process, because a process is the
/// adopter of its orphans only once.
#[derive(Debug)]
pub struct Launcher {
    image: PathBuf,
    known: Known,
    tasks: TaskTracker,
    ready: Option<IdleKeeper>,
}

/// A keeper that waits for its order.
#[derive(Debug)]
struct IdleKeeper {
    process: Child,
    lifeline: UnixStream,
}

impl Launcher {
    /// Prepares this process to launch. `image` is this executable, for the keepers: the running one and not a
    /// newer build, which may not work. Must run inside a runtime, like everything here.
    pub fn new(image: PathBuf) -> io::Result<Self> {
        // Where orphans cannot be adopted, a keeper still ends the process group.
        adopt_orphans()?;
        Ok(Self { image, known: Known::default(), tasks: TaskTracker::new(), ready: None })
    }

    /// Starts a keeper ahead of the next launch, unless one waits already. Saves that launch 0.7 ms
    /// of 1.7; best called when a generation serves and nobody waits.
    pub fn prepare(&mut self) -> io::Result<()> {
        if self.ready.is_none() {
            self.ready = Some(self.spawn_keeper()?);
        }
        Ok(())
    }

    /// Launches a generation. Its events go to `events`, which holds them back while it is full; when nobody
    /// receives them any more, the generation is killed.
    pub fn launch(
        &mut self,
        mut spec: LaunchSpec,
        events: mpsc::Sender<(u64, ProcessEvent)>,
    ) -> io::Result<GenerationHandle> {
        let keeper = match self.take_ready() {
            Some(keeper) => keeper,
            None => self.spawn_keeper()?,
        };
        let (input, our_input) = io::pipe()?;
        let LaunchSpec { streams, .. } = &mut spec;
        let ([our_output, our_error], [output, error]) = match std::mem::replace(streams, Streams::Events) {
            Streams::Events => {
                let ((our_output, output), (our_error, error)) = (io::pipe()?, io::pipe()?);
                let ours = [our_output, our_error].map(|end| pipe::Receiver::from_owned_fd(end.into()));
                let [our_output, our_error] = ours;
                ([Some(our_output?), Some(our_error?)], [output.into(), error.into()])
            }
            Streams::Given(given) => ([None, None], given),
        };
        let (commands, queued) = mpsc::channel(COMMAND_QUEUE);
        let (wish, wishes) = watch::channel(Wish::Live);
        let pid = Arc::new(OnceLock::new());
        let attend = Attend {
            generation: spec.generation,
            events,
            wishes: Wishes::new(wishes),
            link: Link::new(keeper.lifeline),
            keeper: keeper.process,
            known: self.known.clone(),
            pid: Arc::clone(&pid),
            output: Stream::new(our_output, IPC_LIMIT),
            error: Stream::new(our_error, STDERR_LIMIT),
        };
        let input_end = pipe::Sender::from_owned_fd(our_input.into())?;
        let ends = ChildEnds { stdio: [input.into(), output, error], spec };
        self.tasks.spawn(attend.run(ends, input_end, queued));
        Ok(GenerationHandle { commands, wish, pid })
    }

    /// Ends the keeper that waits: nothing has been launched for a while, and it takes 2 MiB.
    pub fn rest(&mut self) {
        let Some(IdleKeeper { mut process, lifeline }) = self.ready.take() else { return };
        let (pid, known) = (process.id(), self.known.clone());
        drop(lifeline);
        self.tasks.spawn(async move {
            // It ends because nobody can give it an order any more; killed, it does so even when it was stopped.
            let _ = process.start_kill();
            let _ = process.wait().await;
            pid.map(|pid| known.lock().remove(&pid));
        });
    }

    /// Waits until every generation is gone. Their handles must be killed or dropped first.
    pub async fn finish(mut self) {
        self.rest();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// The keeper that waits, unless somebody has killed it.
    fn take_ready(&mut self) -> Option<IdleKeeper> {
        let mut keeper = self.ready.take()?;
        let pid = keeper.process.id();
        if let Ok(None) = keeper.process.try_wait() {
            return Some(keeper);
        }
        let mut known = self.known.lock();
        pid.map(|pid| known.remove(&pid));
        None
    }

    fn spawn_keeper(&self) -> io::Result<IdleKeeper> {
        let (ours, theirs) = StdStream::pair()?;
        ours.set_nonblocking(true)?;
        let lifeline = UnixStream::from_std(ours)?;
        let mut known = self.known.lock();
        let process =
            spawn_in_background(&self.image, OsStr::new(KEEPER_NAME), &[KEEPER_ARGUMENT], theirs.into())?;
        known.extend(process.id());
        drop(known);
        Ok(IdleKeeper { process, lifeline })
    }
}
