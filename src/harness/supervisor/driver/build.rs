//! What runs before a command is started again: a compiler, for example. The command that serves stays until it has
//! succeeded.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;

use super::commands::Commands;
use super::{Driver, Kind, Sink};
use crate::harness::exec::ExecSpec;
use crate::harness::supervisor::child::{GenerationHandle, LaunchSpec, ProcessEvent, Streams};
use crate::harness::supervisor::notice::{Notice, Trigger};
use crate::harness::supervisor::state::{Phase, PlanId};
use crate::harness::supervisor::step::Event;
use crate::platform::signals::Passed;

/// What changed and is not built yet.
#[derive(Debug)]
pub(super) struct Unbuilt {
    triggers: Vec<Trigger>,
    plan: Option<PlanId>,
    /// When the last of it was asked for.
    at: Instant,
}

/// A build that runs. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Build {
    _handle: GenerationHandle,
    events: mpsc::Receiver<(u64, ProcessEvent)>,
    begun: Instant,
    /// How it ended, once it has; an error is for people.
    outcome: Option<Result<(), String>>,
    /// Whether something changed since it began, so that its result is old.
    again: bool,
}

impl Build {
    /// Waits for its end; how it ended. Cancel-safe.
    pub(super) async fn ended(&mut self) -> Result<(), String> {
        while let Some((_, event)) = self.events.recv().await {
            match event {
                ProcessEvent::Exited(report) if report.code == Some(0) => self.outcome = Some(Ok(())),
                ProcessEvent::Exited(report) => self.outcome = Some(Err(report.to_string())),
                ProcessEvent::KeeperFailed(reason) => self.outcome = Some(Err(reason)),
                ProcessEvent::Gone => break,
                _ => {}
            }
        }
        self.outcome.take().unwrap_or_else(|| Err("it did not start".to_owned()))
    }
}

impl Driver {
    /// The first thing that happens: the build, if there is one, and otherwise the first generation.
    pub(super) fn begin(&mut self, sink: Sink<'_>) {
        let builds = matches!(&self.kind, Kind::Command(commands) if commands.spec.build.is_some());
        if !builds {
            self.queue.push_back(Event::Deadline);
            return;
        }
        let now = Instant::now();
        self.state.phase = Phase::Idle { deadline: now + self.state.limits.heartbeat };
        self.changed(vec![Trigger::Start], None, now, sink);
    }

    /// Something effective changed. It counts once it is built.
    pub(super) fn changed(
        &mut self,
        mut triggers: Vec<Trigger>,
        plan: Option<PlanId>,
        at: Instant,
        sink: Sink<'_>,
    ) {
        let Kind::Command(commands) = &mut self.kind else {
            self.queue.push_back(Event::Changed { triggers, plan, at });
            return;
        };
        if commands.spec.build.is_none() {
            self.queue.push_back(Event::Changed { triggers, plan, at });
            return;
        }
        let unbuilt = commands.unbuilt.get_or_insert(Unbuilt { triggers: Vec::new(), plan: None, at });
        triggers.retain(|trigger| !unbuilt.triggers.contains(trigger));
        unbuilt.triggers.append(&mut triggers);
        unbuilt.plan = plan.or(unbuilt.plan);
        unbuilt.at = at;
        match &mut commands.build {
            // What a build writes itself may be watched; ending it for that would never end.
            Some(build) => build.again = true,
            None => self.build(sink),
        }
    }

    /// A build has ended.
    pub(super) fn built(&mut self, outcome: Result<(), String>, sink: Sink<'_>) {
        let Kind::Command(commands) = &mut self.kind else { return };
        let Some(build) = commands.build.take() else { return };
        if build.again {
            return self.build(sink);
        }
        match outcome {
            Ok(()) => {
                let unbuilt = commands.unbuilt.take();
                self.tell(&Notice::Built { took: build.begun.elapsed() }, sink);
                if let Some(Unbuilt { triggers, plan, at }) = unbuilt {
                    self.queue.push_back(Event::Changed { triggers, plan, at });
                }
            }
            Err(reason) => self.not_built(reason, sink),
        }
    }

    /// The plan that waits for a build.
    pub(super) fn unbuilt_plan(&self) -> Option<PlanId> {
        match &self.kind {
            Kind::Command(commands) => commands.unbuilt.as_ref().and_then(|unbuilt| unbuilt.plan),
            Kind::Gateway(_) => None,
        }
    }

    /// Nothing is built any more.
    pub(super) fn stop_building(&mut self) {
        if let Kind::Command(commands) = &mut self.kind {
            commands.build = None;
            commands.unbuilt = None;
        }
    }

    fn build(&mut self, sink: Sink<'_>) {
        match self.launch_build() {
            Ok(build) => {
                if let Kind::Command(commands) = &mut self.kind {
                    commands.build = Some(build);
                }
            }
            Err(reason) => self.not_built(reason, sink),
        }
    }

    fn not_built(&mut self, reason: String, sink: Sink<'_>) {
        let Kind::Command(commands) = &self.kind else { return };
        let triggers = commands.unbuilt.as_ref().map(|unbuilt| unbuilt.triggers.clone()).unwrap_or_default();
        self.tell(&Notice::BuildFailed { triggers, reason }, sink);
    }

    fn launch_build(&mut self) -> Result<Build, String> {
        let Kind::Command(commands) = &self.kind else { return Err("it is no command".to_owned()) };
        let spec: Arc<ExecSpec> = Arc::clone(&commands.spec);
        let plan = commands.unbuilt.as_ref().and_then(|unbuilt| unbuilt.plan).unwrap_or(self.state.plan);
        let (Some(line), Some(plan)) = (&spec.build, self.plans.get(plan).cloned()) else {
            return Err("its plan is gone".to_owned());
        };
        let port = plan.listeners.bound_port().unwrap_or(0);
        let facts = Commands::facts(&self.edits.planner().paths, &plan, port);
        let words = line.words(&facts);
        let name = words.first().map_or("", String::as_str);
        let program = spec.find(name, &plan.env).map_err(|error| error.to_string())?;
        let streams = spec.streams().map_err(|error| format!("failed to give it the streams: {error}"))?;
        let launch = LaunchSpec {
            program,
            args: words,
            env: facts.environment(plan.env.iter()).into_iter().collect(),
            cwd: Some(spec.directory.clone()),
            listeners: [].into(),
            generation: 0,
            streams: Streams::Given(streams),
            stop: Passed::Terminate,
            remove: None,
        };
        let (sender, events) = mpsc::channel(16);
        let handle =
            self.launcher.launch(launch, sender).map_err(|error| format!("failed to start it: {error}"))?;
        Ok(Build { _handle: handle, events, begun: Instant::now(), outcome: None, again: false })
    }
}
