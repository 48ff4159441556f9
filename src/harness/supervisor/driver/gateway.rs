//! Our own gateway as a generation: what the driver's actions are in the messages of [`ipc`](crate::harness::ipc).

use std::fmt::Display;
use std::sync::Arc;

use super::{Driver, Kind};
use crate::harness::ipc::{Apply, Prepare, SupervisorCommand};
use crate::harness::supervisor::child::{GenerationHandle, LaunchSpec, Streams};
use crate::harness::supervisor::plan::Plan;
use crate::harness::supervisor::state::{Generation, PlanId};
use crate::harness::supervisor::step::{Applying, Exit};
use crate::platform::signals::Passed;

impl Driver {
    pub(super) fn launch_gateway(
        &mut self,
        generation: Generation,
        plan: &Plan,
    ) -> Result<GenerationHandle, Exit> {
        let Kind::Gateway(program) = &self.kind else {
            return Err(Exit::died("it is no gateway".to_owned()));
        };
        let failed =
            |error: &dyn Display| Exit::died(format!("failed to start {}: {error}", program.display()));
        let spec = LaunchSpec {
            program: program.clone(),
            args: vec![program.to_string_lossy().into_owned(), "__dev-child".to_owned()],
            env: plan.env.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            cwd: None,
            listeners: Arc::clone(plan.listeners.sockets()),
            generation: generation.0,
            streams: Streams::Events,
            stop: Passed::Terminate,
            remove: None,
        };
        let handle =
            self.launcher.launch(spec, self.process_sender.clone()).map_err(|error| failed(&error))?;
        let prepare = SupervisorCommand::Prepare(Box::new(Prepare {
            generation: generation.0,
            paths: self.edits.planner().paths.clone(),
            env: plan.env.clone(),
            flags: self.edits.planner().flags.clone(),
            snapshot: plan.snapshot.clone(),
        }));
        handle.send(&prepare).map_err(|error| failed(&error))?;
        Ok(handle)
    }

    pub(super) fn apply(&mut self, generation: Generation, plan: PlanId, then: Applying) {
        if let Some(plan) = self.plans.get(plan) {
            let (env, snapshot) = (plan.env.clone(), plan.snapshot.clone());
            self.send(generation, &SupervisorCommand::Apply(Box::new(Apply { env, snapshot })));
        }
        if let Some(child) = self.children.get_mut(&generation) {
            child.applying.push_back(then);
        }
    }

    /// A command that cannot be delivered goes to a process that is ending; its exit is on its way.
    pub(super) fn send(&self, generation: Generation, command: &SupervisorCommand) {
        if let Some(child) = self.children.get(&generation)
            && let Err(error) = child.handle.send(command)
        {
            tracing::debug!(%error, generation = generation.0, "command not delivered");
        }
    }
}
