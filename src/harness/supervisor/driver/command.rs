//! A command as a generation: what the driver's actions are for a program that knows nothing of the harness.

use std::future::pending;
use std::sync::Arc;

use tokio_util::task::AbortOnDropHandle;

use super::commands::{Commands, Running};
use super::{Driver, Kind, Sink};
use crate::harness::exec::{Offer, Sign, Tier};
use crate::harness::ipc::SupervisorCommand;
use crate::harness::supervisor::child::{GenerationHandle, LaunchSpec, Streams};
use crate::harness::supervisor::notice::{Notice, Service};
use crate::harness::supervisor::plan::Plan;
use crate::harness::supervisor::state::{Generation, Phase, Succession};
use crate::harness::supervisor::step::{Event, Exit, ExitKind};
use crate::platform::notify::{ENV_SOCKET, Notified};
use crate::platform::ports;
use crate::platform::process::{ExitReport, descendants_of};
use crate::platform::program::NoProgram;

/// How a shell ends when it could not execute the command, or did not find it.
const SHELL_FAILED: [u8; 2] = [NOT_EXECUTABLE, 127];
const NOT_EXECUTABLE: u8 = 126;

/// What is heard of a command besides its process.
#[derive(Debug)]
pub(super) enum News {
    /// A generation has shown something.
    Sign(Generation, Sign),
    /// A build has ended.
    Built(Result<(), String>),
}

impl Driver {
    /// A command has something to say.
    pub(super) fn hear(&mut self, news: News, sink: Sink<'_>) {
        match news {
            News::Sign(generation, sign) => self.seen(generation, sign, sink),
            News::Built(outcome) => self.built(outcome, sink),
        }
    }

    /// Tells the supervisor how generations follow each other.
    pub(super) fn settle_succession(&mut self) {
        if let Kind::Command(commands) = &self.kind {
            self.state.succession = commands.succession();
        }
    }

    pub(super) fn launch_command(
        &mut self,
        generation: Generation,
        plan: &Arc<Plan>,
    ) -> Result<GenerationHandle, Exit> {
        let failed =
            |what: &str, error: &dyn std::fmt::Display| Exit::died(format!("failed to {what}: {error}"));
        let Kind::Command(commands) = &mut self.kind else {
            return Err(Exit::died("it is no command".to_owned()));
        };
        let spec = Arc::clone(&commands.spec);
        let offered = commands.offer(plan).map_err(|error| failed("find a port for it", &error))?;
        let facts = Commands::facts(&self.edits.planner().paths, plan, offered.port);
        let words = spec.command.words(&facts);
        let name = words.first().map_or("", String::as_str);
        let program = spec.find(name, &plan.env).map_err(|error| not_found(&error))?;
        let notified = offered.sockets.then(Notified::bind).transpose();
        let notified = notified.map_err(|error| failed("listen for its readiness", &error))?;
        let mut env = facts.environment(plan.env.iter());
        env.extend(notified.iter().map(|notified| (ENV_SOCKET.to_owned(), notified.name().to_owned())));
        let streams = spec.streams().map_err(|error| failed("give it the streams", &error))?;
        if offered.sockets {
            commands.prepare(&plan.listeners);
        }
        commands.expect(&plan.listeners).map_err(|error| failed("forward connections", &error))?;
        let launch = LaunchSpec {
            program,
            args: words,
            env: env.into_iter().collect(),
            cwd: Some(spec.directory.clone()),
            listeners: if offered.sockets { Arc::clone(plan.listeners.sockets()) } else { [].into() },
            generation: generation.0,
            streams: Streams::Given(streams),
            stop: spec.stop_signal,
            remove: notified.as_ref().map(|notified| notified.directory().to_owned()),
        };
        let handle = self
            .launcher
            .launch(launch, self.process_sender.clone())
            .map_err(|error| failed("start it", &error))?;
        let offer = Offer {
            notified,
            port: offered.own_port,
            readiness: spec.readiness.clone(),
            undecided: commands.tier.is_none(),
        };
        let watch = tokio::spawn(offer.watch(generation, commands.sender.clone()));
        let running = Running {
            pid: None,
            plan: Arc::clone(plan),
            port: offered.port,
            address: None,
            left: 0,
            _watch: AbortOnDropHandle::new(watch),
        };
        commands.running.insert(generation, running);
        Ok(handle)
    }

    /// The process of a command exists. One that is no server has nothing more to show.
    pub(super) fn command_started(&mut self, generation: Generation, pid: u32) {
        let Kind::Command(commands) = &mut self.kind else { return };
        if let Some(running) = commands.running.get_mut(&generation) {
            running.pid = Some(pid);
        }
        if commands.tier == Some(Tier::Nothing) {
            self.ready(generation);
        }
    }

    /// A command has shown something.
    fn seen(&mut self, generation: Generation, sign: Sign, sink: Sink<'_>) {
        let Kind::Command(commands) = &mut self.kind else { return };
        match sign {
            Sign::Ready(tier, address) => {
                if let Some(running) = commands.running.get_mut(&generation) {
                    running.address = address;
                }
                // Nobody said that it is none; it was only slow.
                let taken_for_none = commands.tier == Some(Tier::Nothing) && commands.spec.tier.is_none();
                if commands.tier.is_none() || taken_for_none {
                    commands.tier = Some(tier);
                }
                if taken_for_none {
                    self.revealed(generation, sink);
                    return;
                }
            }
            Sign::Silent => _ = commands.tier.get_or_insert(Tier::Nothing),
            Sign::Waiting => {
                if let Some(message) = commands.no_answer(generation) {
                    self.tell(&Notice::Degraded { message }, sink);
                }
                return;
            }
            Sign::Blind(error) => {
                let reason = format!("failed to see whether it is ready: {error}");
                self.queue.push_back(Event::Exited(generation, Exit::died(reason)));
                return;
            }
        }
        self.ready(generation);
    }

    fn ready(&mut self, generation: Generation) {
        self.settle_succession();
        self.booted(generation);
        self.queue.push_back(Event::Ready(generation));
    }

    /// What was taken for no server turns out to be one.
    fn revealed(&mut self, generation: Generation, sink: Sink<'_>) {
        self.settle_succession();
        let serves =
            matches!(&self.state.phase, Phase::Serving { live, .. } if live.generation == generation);
        let Kind::Command(commands) = &mut self.kind else { return };
        if !serves {
            return;
        }
        if let Err(error) = commands.direct(generation) {
            let message = format!("failed to forward connections to the command: {error}");
            self.tell(&Notice::Degraded { message }, sink);
        } else if let Some(summary) = commands.summary(generation) {
            self.tell(&Notice::Revealed { generation, summary }, sink);
        }
    }

    /// How the end of a process is to be understood.
    pub(super) fn command_ended(
        &mut self,
        generation: Generation,
        report: ExitReport,
        sink: Sink<'_>,
    ) -> Exit {
        let Kind::Command(commands) = &mut self.kind else { return Exit::died(report.to_string()) };
        commands.leave(generation);
        let left = commands.running.get(&generation).map_or(0, |running| running.left);
        if left > 0 && report.code == Some(0) {
            let processes = if left == 1 { "a process" } else { "processes" };
            return Exit::died(format!(
                "it went into the background: it ended with exit code 0 and left {processes} behind, now ended; run \
                 it in the foreground"
            ));
        }
        let tier = commands.tier;
        let by_shell = commands.spec.command.needs_shell();
        match report.shell_code() {
            Some(0) if tier.is_none_or(|tier| tier == Tier::Nothing) => {
                commands.tier = Some(Tier::Nothing);
                if tier.is_none() {
                    // It ended before it was known for what it is.
                    self.ready(generation);
                    self.settle(sink);
                }
                Exit { reason: report.to_string(), kind: ExitKind::Done }
            }
            Some(code) if by_shell && SHELL_FAILED.contains(&code) => {
                Exit { reason: report.to_string(), kind: ExitKind::Refused(code) }
            }
            _ => Exit::died(report.to_string()),
        }
    }

    /// A keeper could do nothing for a generation. What cannot be executed is no better the next time.
    pub(super) fn not_kept(&self, generation: Generation, reason: String) -> Exit {
        let kind = match &self.kind {
            Kind::Command(commands)
                if commands.running.get(&generation).is_some_and(|it| it.pid.is_none()) =>
            {
                ExitKind::Refused(NOT_EXECUTABLE)
            }
            Kind::Command(_) | Kind::Gateway(_) => ExitKind::Died,
        };
        Exit { reason, kind }
    }

    pub(super) fn command_left_behind(&mut self, generation: Generation, count: usize) {
        if let Kind::Command(commands) = &mut self.kind
            && let Some(running) = commands.running.get_mut(&generation)
        {
            running.left = count;
        }
    }

    pub(super) fn command_gone(&mut self, generation: Generation) {
        if let Kind::Command(commands) = &mut self.kind {
            commands.leave(generation);
            commands.running.remove(&generation);
        }
    }

    // What the supervisor wants of a generation, whichever kind it is.

    pub(super) fn activate(&mut self, generation: Generation) {
        let Kind::Command(commands) = &mut self.kind else {
            return self.send(generation, &SupervisorCommand::Activate);
        };
        if let Err(error) = commands.direct(generation) {
            let reason = format!("failed to forward connections to it: {error}");
            self.queue.push_front(Event::Exited(generation, Exit::died(reason)));
        } else if let Some(summary) = commands.summary(generation) {
            // It serves since it is ready.
            self.queue.push_front(Event::Serving(generation, Service::Command(summary)));
        }
    }

    pub(super) fn drain(&mut self, generation: Generation, restart_expected_ms: Option<u64>) {
        let Kind::Command(commands) = &mut self.kind else {
            return self.send(generation, &SupervisorCommand::Drain { restart_expected_ms });
        };
        commands.leave(generation);
        if let Some(child) = self.children.get(&generation) {
            child.handle.terminate();
        }
        // It holds nothing that the next one waits for.
        if self.state.succession == Succession::Beside {
            self.queue.push_front(Event::Released(generation));
        }
    }

    pub(super) fn ping(&mut self, generation: Generation, nonce: u64) {
        match &self.kind {
            Kind::Gateway(_) => self.send(generation, &SupervisorCommand::Ping { nonce }),
            // Nobody knows how to ask it.
            Kind::Command(_) => self.queue.push_front(Event::Pong(generation, nonce)),
        }
    }
}

// === impl Kind ===

impl Kind {
    /// The next news of a command. Cancel-safe.
    pub(super) async fn news(&mut self) -> News {
        let Self::Command(commands) = self else { return pending().await };
        let Commands { signs, build, .. } = commands.as_mut();
        let built = async {
            match build {
                Some(build) => build.ended().await,
                None => pending().await,
            }
        };
        tokio::select! {
            // The sender is never dropped.
            Some((generation, sign)) = signs.recv() => News::Sign(generation, sign),
            outcome = built => News::Built(outcome),
        }
    }
}

// === impl Commands ===

impl Commands {
    /// What to say about a generation that should have shown something.
    fn no_answer(&self, generation: Generation) -> Option<String> {
        let running = self.running.get(&generation)?;
        if self.tier == Some(Tier::Nothing) {
            return None;
        }
        if self.tier == Some(Tier::Sockets) {
            return Some("the command has not said READY=1 to NOTIFY_SOCKET yet".to_owned());
        }
        let (port, readiness) = (running.port, &self.spec.readiness);
        let pid = running.pid?;
        let others: Vec<String> = ports::listened(descendants_of(pid).into_iter().chain([pid]))
            .into_iter()
            .filter(|other| *other != port)
            .map(|other| other.to_string())
            .collect();
        let instead = if others.is_empty() {
            String::new()
        } else {
            format!("; it listens on {} instead", others.join(" and "))
        };
        Some(format!(
            "the command does not answer ({readiness}) at port {port} yet, which it is told as {{port}} and PORT{instead}"
        ))
    }
}

/// Trying again does not help before somebody changes something.
fn not_found(error: &NoProgram) -> Exit {
    Exit { reason: error.to_string(), kind: ExitKind::Refused(error.exit_code()) }
}
