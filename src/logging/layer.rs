//! The `tracing` layer: events → lines → file and standard error.

use std::io::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::event::{Reader, SpanFields};
use super::file::Written;
use super::line::{self, Record};
use super::plan::Plan;
use super::{console, subsystem};

/// The plan that is in force, for the layer and for whoever replaces it.
#[derive(Debug)]
pub(super) struct InForce(RwLock<Arc<Plan>>);

/// Writes what happens in this crate to the file and to standard error, each with its own threshold.
#[derive(Debug)]
pub(super) struct LogLayer {
    pub(super) plan: Arc<InForce>,
    pub(super) hostname: String,
}

impl InForce {
    pub(super) fn new(plan: Plan) -> Self {
        Self(RwLock::new(Arc::new(plan)))
    }

    /// The plan. Whoever has it keeps it for one event.
    pub(super) fn get(&self) -> Arc<Plan> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set(&self, plan: Plan) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(plan);
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for LogLayer {
    /// Asked once for each place that logs, and again when the plan has changed.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_wanted(metadata, self.plan.get().threshold()) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        is_wanted(metadata, self.plan.get().threshold())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.plan.get().threshold())
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanFields::read(attributes));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(subsystem) = subsystem::of(event.metadata().target()) else { return };
        let plan = self.plan.get();
        let mut reader = Reader::new(event, &plan.redactor);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<SpanFields>() {
                reader.within(fields);
            }
        }
        let told = reader.told(*event.metadata().level());
        let (is_filed, is_shown) = (plan.is_filed(told.level), plan.is_shown(told.level, &subsystem));
        if !is_filed && !is_shown {
            return;
        }
        let time = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        let record = Record {
            time: &time,
            level: told.level,
            subsystem: &subsystem,
            message: &told.message,
            fields: &told.fields,
            hostname: &self.hostname,
        };
        if is_filed
            && let Written::FirstLost(error) = plan.file.write(&line::json_line(&record))
            && !plan.is_quiet()
        {
            let message = format!("failed to write {}: {error}", plan.file.path().display());
            let fields = serde_json::Map::new();
            let level = crate::config::schema::LogLevel::Warn;
            let lost = Record { level, subsystem: "logging", message: &message, fields: &fields, ..record };
            say(&console::line(&lost, plan.style, plan.colours));
        }
        if is_shown {
            say(&console::line(&record, plan.style, plan.colours));
        }
    }
}

fn is_wanted(metadata: &Metadata<'_>, threshold: LevelFilter) -> bool {
    *metadata.level() <= threshold && subsystem::of(metadata.target()).is_some()
}

/// Standard error is the last resort: when it is gone too, there is nobody left to tell.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests;
