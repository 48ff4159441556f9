//! The timer: one sleep until the next job is due, and nothing in between.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::run::{recover, run_due};
use super::scheduler::{RETRY, Scheduler};
use crate::gateway::context::Gateway;
use crate::platform::alarm::Alarm;

/// How far the wall clock may fall behind the time that passes before it counts as set back; less is drift.
const DRIFT: Duration = Duration::from_millis(500);

/// Reads the jobs and runs each when it is due, until the scheduler is closed.
pub(crate) async fn keep_time(gateway: &Arc<Gateway>) {
    let cron = &gateway.cron;
    let mut alarm = None;
    let mut seen = Seen::now(cron);
    // A run that has begun is not cut off: whoever closes waits for its end.
    while !cron.closing.is_cancelled() {
        if let Err(problem) = step(gateway, &mut alarm, &mut seen).await {
            tracing::error!(problem, "jobs cannot be run; trying again");
            cron.closing.run_until_cancelled(tokio::time::sleep(RETRY)).await;
        }
    }
}

/// Does what is to be done now, then waits for the next moment at which something may be.
async fn step(gateway: &Arc<Gateway>, alarm: &mut Option<Alarm>, seen: &mut Seen) -> Result<(), String> {
    let cron = &gateway.cron;
    if cron.open().await? {
        recover(gateway).await;
    }
    if seen.was_set_back(cron) {
        tracing::info!("the clock was set back; all jobs are planned anew");
        let now_ms = cron.now_ms();
        cron.book().replan(now_ms);
    }
    let Some(next_ms) = cron.next_ms() else {
        cron.closing.run_until_cancelled(cron.changed.notified()).await;
        return Ok(());
    };
    let from_now = next_ms.saturating_sub(cron.now_ms());
    if from_now == 0 {
        return run_due(gateway).await.map_err(|error| error.to_string());
    }
    let alarm = match alarm {
        Some(alarm) => alarm,
        none => none.insert(Alarm::new().map_err(|error| format!("failed to make a timer: {error}"))?),
    };
    tokio::select! {
        () = cron.closing.cancelled() => Ok(()),
        () = cron.changed.notified() => Ok(()),
        rung = alarm.rings(Duration::from_millis(from_now)) => rung.map_err(|error| error.to_string()),
    }
}

/// Where both clocks stood when they were last looked at.
#[derive(Debug)]
struct Seen {
    wall_ms: u64,
    at: Instant,
}

impl Seen {
    fn now(cron: &Scheduler) -> Self {
        Self { wall_ms: cron.now_ms(), at: Instant::now() }
    }

    /// Whether somebody has set the clock back since the last look.
    fn was_set_back(&mut self, cron: &Scheduler) -> bool {
        let now = Self::now(cron);
        let passed = now.at.saturating_duration_since(self.at);
        let expected = Duration::from_millis(self.wall_ms) + passed;
        let is_back = Duration::from_millis(now.wall_ms) + DRIFT < expected;
        *self = now;
        is_back
    }
}
