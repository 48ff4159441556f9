//! Commands that wait for somebody to allow them (`exec.approval.*`, `wire-protocol` D.8). In memory only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Questions that may wait at once, and those of one connection: it could not be read from any more if it had as many
/// as a connection may have waiting.
const MOST: usize = 1024;
const MOST_OF_ONE: usize = 64;

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
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    askers: HashMap<String, Asker>,
}

/// Who waits for an answer.
#[derive(Debug)]
struct Asker {
    /// Tells a question from a later one with the same id.
    number: u64,
    conn_id: Arc<str>,
    answer: oneshot::Sender<Decision>,
}

/// A question that waits; taken back when dropped.
#[derive(Debug)]
pub(crate) struct Question {
    questions: Arc<Questions>,
    id: String,
    number: u64,
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
    /// Asks, for a connection.
    pub(crate) fn ask(self: &Arc<Self>, id: &str, conn_id: &Arc<str>) -> Result<Question, AskError> {
        let mut waiting = self.lock();
        if waiting.askers.contains_key(id) {
            return Err(AskError::Pending);
        }
        let own = waiting.askers.values().filter(|asker| asker.conn_id == *conn_id).count();
        if waiting.askers.len() >= MOST || own >= MOST_OF_ONE {
            return Err(AskError::TooMany);
        }
        let (sender, answer) = oneshot::channel();
        let number = waiting.next;
        waiting.next += 1;
        let asker = Asker { number, conn_id: Arc::clone(conn_id), answer: sender };
        waiting.askers.insert(id.to_owned(), asker);
        Ok(Question { questions: Arc::clone(self), id: id.to_owned(), number, answer })
    }

    /// Answers; says whether the question waited.
    pub(crate) fn answer(&self, id: &str, decision: Decision) -> bool {
        let asker = self.lock().askers.remove(id);
        asker.is_some_and(|asker| asker.answer.send(decision).is_ok())
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
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

    /// Takes it back; says whether it still waited. Its id may be asked about again.
    pub(crate) fn withdraw(&self) -> bool {
        let askers = &mut self.questions.lock().askers;
        let is_own = askers.get(&self.id).is_some_and(|asker| asker.number == self.number);
        is_own && askers.remove(&self.id).is_some()
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.withdraw();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn asked_once_answered_once() {
        let questions = Arc::new(Questions::default());
        let conn = Arc::from("c");
        let mut question = questions.ask("a", &conn).unwrap();
        assert_eq!(questions.ask("a", &conn).unwrap_err(), AskError::Pending);
        assert!(!questions.answer("b", Decision::Deny));
        assert!(questions.answer("a", Decision::AllowOnce));
        assert_eq!(question.answered().await, Decision::AllowOnce);
        assert!(!questions.answer("a", Decision::Deny));
        // The same id, before the first question is dropped.
        let _again = questions.ask("a", &conn).unwrap();
        drop(question);
        assert!(questions.answer("a", Decision::Deny));
    }

    #[test]
    fn who_goes_away_takes_the_question_back() {
        let questions = Arc::new(Questions::default());
        let conns: Vec<Arc<str>> = (0..=MOST / MOST_OF_ONE).map(|conn| conn.to_string().into()).collect();
        let ask = |id: usize, conn: usize| questions.ask(&id.to_string(), &conns[conn]);
        let own: Vec<Question> = (0..MOST_OF_ONE).map(|id| ask(id, 0).unwrap()).collect();
        assert_eq!(ask(MOST, 0).unwrap_err(), AskError::TooMany);
        let others: Vec<Question> =
            (MOST_OF_ONE..MOST).map(|id| ask(id, id / MOST_OF_ONE).unwrap()).collect();
        assert_eq!(ask(MOST, conns.len() - 1).unwrap_err(), AskError::TooMany);
        drop((own, others));
        assert!(!questions.answer("0", Decision::Deny));
        ask(0, 0).unwrap();
    }

    #[test]
    fn names() {
        for name in Decision::NAMES {
            assert_eq!(Decision::parse(name).map(Decision::as_str), Some(name));
        }
        assert_eq!(Decision::parse("allow"), None);
    }
}
