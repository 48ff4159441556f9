//! What the gateway records of itself: marks, and recordings that begin and end while it runs.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::context::Gateway;
use super::drain::Phase;
use super::requests::Request;
use super::shutdown::Running;
use super::start::Standby;
use crate::logging::subsystem;
use crate::recording::{Begun, Event, Facts, Failed, Recorder, Recording, Status};

impl Running {
    /// Where it records to.
    pub fn recording(&self) -> Recording {
        self.gateway.recording_now()
    }

    /// Records to the directory of this recording from now on, or not any more; where it has got to, when that is done.
    /// Whoever runs the gateway is not told again.
    pub fn record_to(&self, recording: Option<PathBuf>) -> impl Future<Output = Recording> + use<> {
        let gateway = Arc::clone(&self.gateway);
        async move {
            let _one = gateway.recording.lock().await;
            let theirs = Arc::clone(&gateway);
            let follow = move || theirs.record_to(recording.as_deref());
            if let Err(error) = tokio::task::spawn_blocking(follow).await {
                tracing::error!(target: subsystem::GATEWAY, %error, "does not record");
            }
            gateway.recording_now()
        }
    }

    /// Begins a recording, as a client may; where it is, or why there is none, when that is done.
    pub fn begin_recording(&self) -> impl Future<Output = Recording> + use<> {
        let gateway = Arc::clone(&self.gateway);
        async move {
            let begun = gateway.begin_recording().await;
            let problem = begun.err().map(|error| error.to_string());
            let now = gateway.recording_now();
            Recording { problem: problem.or(now.problem), ..now }
        }
    }
}

impl Standby {
    /// Records to the directory of this recording, or not any more. Blocks.
    pub fn record_to(&self, recording: Option<&Path>) {
        self.gateway.record_to(recording);
    }
}

impl Gateway {
    /// Records how far the gateway has come.
    pub(crate) fn mark(&self, name: &'static str) {
        self.recorder.mark(&Event::Mark(name));
    }

    /// Records which configuration counts.
    pub(crate) fn mark_config(&self) {
        if self.recorder.session().is_some() {
            self.recorder.mark(&Event::Config(&self.live().snapshot.hash));
        }
    }

    fn recording_now(&self) -> Recording {
        let Status { recording, last, problem, .. } = self.recorder.status();
        Recording { current: recording, last, problem }
    }

    /// Goes on with another recording than it makes, or with none. Blocks.
    fn record_to(&self, recording: Option<&Path>) {
        let current = self.recorder.status().recording;
        if current.as_deref() == recording {
            return;
        }
        if current.is_some() {
            self.mark("stopped");
            self.recorder.stop();
        }
        if let Some(recording) = recording {
            self.go_on_recording(recording);
            self.mark_config();
        }
    }

    /// Goes on with a recording that somebody else has begun. Blocks for a few small files. That it cannot is no reason
    /// not to serve.
    pub(crate) fn go_on_recording(&self, recording: &Path) {
        if let Err(error) = self.recorder.start(recording, self.generation, self.failed()) {
            tracing::error!(target: subsystem::GATEWAY, %error, path = %recording.display(), "does not record");
            self.requests.ask(Request::Recording);
        }
    }

    /// Begins a recording where they are kept, with a copy of the profile as it is now; the one that is made already
    /// is left alone. Says whether it has begun one.
    pub(crate) async fn begin_recording(self: &Arc<Self>) -> io::Result<bool> {
        let _one = self.recording.lock().await;
        if self.recorder.session().is_some() {
            return Ok(false);
        }
        if self.lifecycle.phase() >= Phase::Quiescing {
            return Err(io::Error::other("gateway restarting; try again"));
        }
        // What it knows and has not written is part of the profile.
        self.devices.flush().await;
        let live = self.live();
        let settings = &live.settings;
        let facts = Facts::of(&self.paths, settings, &live.snapshot, &live.env, &settings.recording.typed);
        let (directory, hash) = (settings.recording.directory.clone(), live.snapshot.hash.clone());
        let (recorder, generation, failed) = (Arc::clone(&self.recorder), self.generation, self.failed());
        let begin = move || begin(&recorder, &directory, &facts, &hash, generation, failed);
        let path = tokio::task::spawn_blocking(begin).await.map_err(io::Error::other).flatten()?;
        tracing::info!(target: subsystem::GATEWAY, path = %path.display(), "records every frame");
        self.requests.ask(Request::Recording);
        Ok(true)
    }

    /// Ends the recording that is made, and comes back when it is written; says whether there was one.
    pub(crate) async fn end_recording(self: &Arc<Self>) -> io::Result<bool> {
        let _one = self.recording.lock().await;
        self.mark("stopped");
        let recorder = Arc::clone(&self.recorder);
        let was_on = tokio::task::spawn_blocking(move || recorder.stop()).await.map_err(io::Error::other)?;
        if was_on {
            tracing::info!(target: subsystem::GATEWAY, "does not record any more");
            self.requests.ask(Request::Recording);
        }
        Ok(was_on)
    }

    /// Tells whoever runs the gateway that a recording is over.
    fn failed(&self) -> Failed {
        let requests = self.requests.clone();
        Box::new(move || requests.ask(Request::Recording))
    }
}

/// What is served meanwhile is recorded before the copy is whole, so that nothing is missing: the mark `base` tells when it
/// is. Blocks.
fn begin(
    recorder: &Recorder,
    directory: &Path,
    facts: &Facts,
    hash: &str,
    generation: u64,
    failed: Failed,
) -> io::Result<PathBuf> {
    let mut begun = Begun::open(directory, facts)?;
    let path = begun.path().to_owned();
    let all = || {
        recorder.start(&path, generation, failed)?;
        recorder.mark(&Event::Config(hash));
        begun.copy(facts)?;
        recorder.mark(&Event::Mark("base"));
        Ok(())
    };
    let result: io::Result<()> = all();
    if let Err(error) = result {
        recorder.stop();
        begun.discard();
        return Err(error);
    }
    Ok(path)
}
