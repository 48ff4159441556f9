//! Installing the log for the process, and changing it while it runs.

use std::sync::Arc;

use tracing_subscriber::layer::SubscriberExt as _;

use super::layer::{InForce, LogLayer};
use super::plan::Plan;
use crate::platform::host;
use crate::redaction::BadPattern;
use crate::settings::LogSettings;

/// The installed log. Nothing is buffered, so dropping it loses nothing.
#[derive(Debug, Clone)]
pub struct Log {
    plan: Arc<InForce>,
}

/// Installs the log for the whole process. A second call (only tests make one) changes nothing. The file is opened
/// by the first line, with its directory.
pub fn init(settings: &LogSettings) -> Log {
    let (plan, bad) = Plan::new(settings, None);
    let plan = Arc::new(InForce::new(plan));
    let layer = LogLayer { plan: Arc::clone(&plan), hostname: host::facts().name.clone() };
    // Fails only when a subscriber is installed already.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer));
    report(&bad);
    Log { plan }
}

impl Log {
    /// Goes on with other settings: what is logged from now on follows them, whichever thread logs it.
    pub fn apply(&self, settings: &LogSettings) {
        let (plan, bad) = Plan::new(settings, Some(&self.plan.get()));
        self.plan.set(plan);
        // Every place that logs remembers whether anybody listens.
        tracing::callsite::rebuild_interest_cache();
        report(&bad);
    }

    /// How many lines could not be written to the file that is in use.
    pub fn lost_lines(&self) -> u64 {
        self.plan.get().file.lost()
    }
}

/// A pattern that is ignored silently would be taken for one that works.
fn report(bad: &[BadPattern]) {
    for BadPattern { index, problem } in bad {
        tracing::warn!("logging.redactPatterns[{index}] cannot be used and hides nothing: {problem}");
    }
}
