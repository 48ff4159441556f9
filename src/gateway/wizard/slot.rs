//! The one wizard that may run: who asks about it has to know its id. In memory: a gateway that follows knows of none,
//! and nothing was written yet.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::session::{Outcome, Session, Wrong};
use crate::onboarding::Answers;

/// A wizard that nobody has asked about for so long may be replaced: whoever began it is gone.
const ABANDONED: Duration = Duration::from_mins(10);

/// Why a wizard does not do what it is asked for. Texts are the published ones.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SlotError {
    /// One runs.
    #[error("wizard already running")]
    Running,
    /// There is none of this id.
    #[error("wizard not found")]
    Unknown,
    /// The answer is for another step than the one that waits.
    #[error("Error: wizard: no pending step")]
    NoStep,
    /// The answer will not do.
    #[error("Error: {0}")]
    Wrong(#[from] Wrong),
}

/// What the answer to a step leads to.
#[derive(Debug)]
pub(crate) enum Turn {
    /// This is to be answered.
    Told(Value),
    /// This is to be written; [`Slot::end`] has to follow.
    Write(Answers),
}

/// The place of the wizard.
#[derive(Debug, Default)]
pub(crate) struct Slot(Option<Running>);

#[derive(Debug)]
struct Running {
    id: String,
    step_id: String,
    seen: Instant,
    session: Session,
    /// Its answers are being written: no step waits.
    is_writing: bool,
}

// === impl Slot ===

impl Slot {
    /// Begins one; says what `wizard.start` answers.
    pub(crate) fn start(&mut self, session: Session, now: Instant) -> Result<Value, SlotError> {
        if self.is_taken(now) {
            return Err(SlotError::Running);
        }
        let (id, step_id) = (fresh_id(), fresh_id());
        let step = session.step().json(&step_id);
        let answer = json!({ "sessionId": id, "done": false, "step": step, "status": "running" });
        self.0 = Some(Running { id, step_id, seen: now, session, is_writing: false });
        Ok(answer)
    }

    /// Whether one runs that somebody still cares about.
    pub(crate) fn is_taken(&self, now: Instant) -> bool {
        let cared_for =
            |running: &Running| running.is_writing || now.saturating_duration_since(running.seen) < ABANDONED;
        self.0.as_ref().is_some_and(cared_for)
    }

    /// Answers a step (`stepId` and value), or has the one that waits told again.
    pub(crate) fn next(
        &mut self,
        id: &str,
        answer: Option<(&str, &Value)>,
        now: Instant,
    ) -> Result<Turn, SlotError> {
        let running = self.find(id)?;
        if running.is_writing {
            return Err(SlotError::NoStep);
        }
        running.seen = now;
        let Some((step_id, value)) = answer else { return Ok(Turn::Told(running.told())) };
        if step_id != running.step_id {
            return Err(SlotError::NoStep);
        }
        match running.session.answer(value)? {
            Outcome::Next => {
                running.step_id = fresh_id();
                Ok(Turn::Told(running.told()))
            }
            Outcome::Write(answers) => {
                running.is_writing = true;
                Ok(Turn::Write(answers))
            }
            Outcome::Cancelled(why) => {
                self.0 = None;
                Ok(Turn::Told(json!({ "done": true, "status": "cancelled", "error": why })))
            }
        }
    }

    /// What `wizard.status` answers.
    pub(crate) fn status(&mut self, id: &str) -> Result<Value, SlotError> {
        self.find(id).map(|_| json!({ "status": "running" }))
    }

    /// Ends one without writing. What is being written already cannot be stopped.
    pub(crate) fn cancel(&mut self, id: &str) -> Result<Value, SlotError> {
        if self.find(id)?.is_writing {
            return Err(SlotError::NoStep);
        }
        self.0 = None;
        Ok(json!({ "status": "cancelled", "error": "cancelled" }))
    }

    /// Its answers are written, or could not be.
    pub(crate) fn end(&mut self, id: &str) {
        if self.find(id).is_ok() {
            self.0 = None;
        }
    }

    fn find(&mut self, id: &str) -> Result<&mut Running, SlotError> {
        self.0.as_mut().filter(|running| running.id == id).ok_or(SlotError::Unknown)
    }
}

// === impl Running ===

impl Running {
    fn told(&self) -> Value {
        json!({ "done": false, "step": self.session.step().json(&self.step_id), "status": "running" })
    }
}

fn fresh_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn session() -> Session {
        Session::new(Config::default(), 1, "c".to_owned(), None)
    }

    #[test]
    fn one_at_a_time_until_it_is_abandoned() {
        let (mut slot, now) = (Slot::default(), Instant::now());
        let first = slot.start(session(), now).unwrap();
        assert!(matches!(slot.start(session(), now), Err(SlotError::Running)));
        let later = now + ABANDONED;
        let second = slot.start(session(), later).unwrap();
        assert_ne!(first["sessionId"], second["sessionId"]);
        let gone = slot.status(first["sessionId"].as_str().unwrap());
        assert!(matches!(gone, Err(SlotError::Unknown)));
    }

    #[test]
    fn an_answer_is_for_the_step_that_waits() {
        let (mut slot, now) = (Slot::default(), Instant::now());
        let started = slot.start(session(), now).unwrap();
        let (id, step) = (started["sessionId"].as_str().unwrap(), started["step"]["id"].as_str().unwrap());
        let Ok(Turn::Told(again)) = slot.next(id, None, now) else { panic!() };
        assert_eq!(again["step"], started["step"]);
        assert!(matches!(slot.next(id, Some(("other", &Value::Null)), now), Err(SlotError::NoStep)));
        let Ok(Turn::Told(next)) = slot.next(id, Some((step, &Value::Null)), now) else { panic!() };
        assert_eq!(next["step"]["title"], "Security");
        assert!(matches!(slot.next(id, Some((step, &Value::Null)), now), Err(SlotError::NoStep)));
        assert_eq!(slot.cancel(id).unwrap()["status"], "cancelled");
        assert!(matches!(slot.cancel(id), Err(SlotError::Unknown)));
    }
}
