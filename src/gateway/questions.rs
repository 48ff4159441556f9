//! Commands that wait for somebody to allow them (`exec.approval.*`, `wire-protocol` D.8). In memory only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Questions that may wait at once.
const MOST: usize = 256;

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// This time.
    AllowOnce,
    /// From now on.
    AllowAlways,
    /// No.
    Deny,
}

/// Why a question cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AskError {
    /// It waits already.
    #[error("approval id already pending")]
    Pending,
    /// Too many wait.
    #[error("too many approvals are pending")]
    TooMany,
}

/// The questions that wait.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    waiting: Mutex<HashMap<String, oneshot::Sender<Decision>>>,
}

/// A question that waits; taken back when dropped.
#[derive(Debug)]
pub(crate) struct Question {
    questions: Arc<Questions>,
    id: String,
    answer: oneshot::Receiver<Decision>,
}

impl Decision {
    /// All of them, as they are called on the wire.
    pub(crate) const NAMES: [&str; 3] = ["allow-once", "allow-always", "deny"];

    /// Reads a name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::AllowOnce, Self::AllowAlways, Self::Deny]
            .into_iter()
            .find(|decision| decision.as_str() == name)
    }

    /// The name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        let [once, always, deny] = Self::NAMES;
        match self {
            Self::AllowOnce => once,
            Self::AllowAlways => always,
            Self::Deny => deny,
        }
    }
}

impl Questions {
    /// Asks.
    pub(crate) fn ask(self: &Arc<Self>, id: &str) -> Result<Question, AskError> {
        let mut waiting = self.lock();
        if waiting.contains_key(id) {
            return Err(AskError::Pending);
        }
        if waiting.len() >= MOST {
            return Err(AskError::TooMany);
        }
        let (sender, answer) = oneshot::channel();
        waiting.insert(id.to_owned(), sender);
        Ok(Question { questions: Arc::clone(self), id: id.to_owned(), answer })
    }

    /// Answers; says whether the question waited.
    pub(crate) fn answer(&self, id: &str, decision: Decision) -> bool {
        let waiting = self.lock().remove(id);
        waiting.is_some_and(|asker| asker.send(decision).is_ok())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<Decision>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Question {
    /// The answer. Cancel-safe.
    pub(crate) async fn answered(&mut self) -> Decision {
        match (&mut self.answer).await {
            Ok(decision) => decision,
            // The sender is only dropped with the question.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.questions.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn asked_once_answered_once() {
        let questions = Arc::new(Questions::default());
        let mut question = questions.ask("a").unwrap();
        assert_eq!(questions.ask("a").unwrap_err(), AskError::Pending);
        assert!(!questions.answer("b", Decision::Deny));
        assert!(questions.answer("a", Decision::AllowOnce));
        assert_eq!(question.answered().await, Decision::AllowOnce);
        assert!(!questions.answer("a", Decision::Deny));
    }

    #[test]
    fn who_goes_away_takes_the_question_back() {
        let questions = Arc::new(Questions::default());
        let all: Vec<Question> = (0..MOST).map(|id| questions.ask(&id.to_string()).unwrap()).collect();
        assert_eq!(questions.ask("more").unwrap_err(), AskError::TooMany);
        drop(all);
        assert!(!questions.answer("0", Decision::Deny));
        questions.ask("0").unwrap();
    }

    #[test]
    fn names() {
        for name in Decision::NAMES {
            assert_eq!(Decision::parse(name).map(Decision::as_str), Some(name));
        }
        assert_eq!(Decision::parse("allow"), None);
    }
}
