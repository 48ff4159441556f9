//! Calls of commands on nodes: each waits for the answer of one node, until that node is gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::oneshot;

/// Calls that may be under way at once.
const MOST: usize = 4096;

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// The node did it.
    Done {
        /// What it says.
        payload: Value,
        /// The same as text, when it came as text.
        text: Option<String>,
    },
    /// The node could not.
    Failed {
        /// Its `code` and `message`.
        error: Value,
    },
    /// The node is gone.
    Lost,
}

/// The calls under way.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    open: Mutex<HashMap<String, Open>>,
}

#[derive(Debug)]
struct Open {
    /// The connection of the node.
    conn_id: String,
    node_id: String,
    caller: oneshot::Sender<Outcome>,
}

/// A call that waits; forgotten when dropped.
#[derive(Debug)]
pub(crate) struct Call {
    calls: Arc<Calls>,
    /// By which the node answers.
    pub(crate) id: String,
    outcome: oneshot::Receiver<Outcome>,
}

impl Calls {
    /// Opens a call to the node behind a connection; `None` when there are too many.
    pub(crate) fn open(self: &Arc<Self>, conn_id: &str, node_id: &str) -> Option<Call> {
        let id = uuid::Uuid::new_v4().to_string();
        let (caller, outcome) = oneshot::channel();
        let mut open = self.lock();
        if open.len() >= MOST {
            return None;
        }
        let (conn_id, node_id) = (conn_id.to_owned(), node_id.to_owned());
        open.insert(id.clone(), Open { conn_id, node_id, caller });
        Some(Call { calls: Arc::clone(self), id, outcome })
    }

    /// A node answers; says whether anybody waited for that.
    pub(crate) fn finish(&self, id: &str, node_id: &str, outcome: Outcome) -> bool {
        let mut open = self.lock();
        if open.get(id).is_none_or(|call| call.node_id != node_id) {
            return false;
        }
        let call = open.remove(id);
        drop(open);
        call.is_some_and(|call| call.caller.send(outcome).is_ok())
    }

    /// The connection of a node is gone.
    pub(crate) fn lost(&self, conn_id: &str) {
        let lost: Vec<Open> =
            self.lock().extract_if(|_, call| call.conn_id == conn_id).map(|(_, call)| call).collect();
        for call in lost {
            // A caller that is gone too wants to hear nothing.
            let _ = call.caller.send(Outcome::Lost);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Call {
    /// How it ended. Cancel-safe.
    pub(crate) async fn ended(&mut self) -> Outcome {
        // The other side is only dropped unanswered with the call itself.
        (&mut self.outcome).await.unwrap_or(Outcome::Lost)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.calls.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn done(payload: Value) -> Outcome {
        Outcome::Done { payload, text: None }
    }

    #[tokio::test]
    async fn only_the_node_that_was_called_answers_and_only_once() {
        let calls = Arc::new(Calls::default());
        let mut call = calls.open("conn", "node").unwrap();
        let id = call.id.clone();
        assert!(!calls.finish(&id, "other", done(json!(1))));
        assert!(!calls.finish("unknown", "node", done(json!(1))));
        assert!(calls.finish(&id, "node", done(json!(2))));
        assert_eq!(call.ended().await, done(json!(2)));
        assert!(!calls.finish(&id, "node", done(json!(3))));
    }

    #[tokio::test]
    async fn a_node_that_is_gone_ends_its_calls_and_no_others() {
        let calls = Arc::new(Calls::default());
        let (mut lost, kept) = (calls.open("a", "node").unwrap(), calls.open("b", "node").unwrap());
        calls.lost("a");
        assert_eq!(lost.ended().await, Outcome::Lost);
        assert!(calls.finish(&kept.id, "node", done(Value::Null)));
    }

    #[test]
    fn bounded_and_forgotten_with_their_callers() {
        let calls = Arc::new(Calls::default());
        let all: Vec<Call> = (0..MOST).map(|_| calls.open("a", "node").unwrap()).collect();
        assert!(calls.open("a", "node").is_none());
        drop(all);
        assert!(calls.lock().is_empty());
    }
}
