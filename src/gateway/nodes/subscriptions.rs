//! What nodes want to hear: a node that follows a session also gets its own copies of signs of life.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Sessions that one node may follow.
const MOST: usize = 64;

/// Sessions by connection.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    sessions: Mutex<HashMap<String, BTreeSet<String>>>,
}

impl Subscriptions {
    /// A node follows a session; says whether it may.
    pub(crate) fn subscribe(&self, conn_id: &str, session: &str) -> bool {
        let mut sessions = self.lock();
        let followed = sessions.entry(conn_id.to_owned()).or_default();
        if followed.len() >= MOST && !followed.contains(session) {
            return false;
        }
        followed.insert(session.to_owned());
        true
    }

    /// A node follows a session no longer.
    pub(crate) fn unsubscribe(&self, conn_id: &str, session: &str) {
        let mut sessions = self.lock();
        if let Some(followed) = sessions.get_mut(conn_id) {
            followed.remove(session);
            if followed.is_empty() {
                sessions.remove(conn_id);
            }
        }
    }

    /// The connection of a node is gone.
    pub(crate) fn forget(&self, conn_id: &str) {
        self.lock().remove(conn_id);
    }

    /// The connections of nodes that follow anything.
    pub(crate) fn followers(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, BTreeSet<String>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounded_and_gone_with_the_last() {
        let subscriptions = Subscriptions::default();
        for session in 0..MOST {
            assert!(subscriptions.subscribe("a", &session.to_string()));
        }
        assert!(subscriptions.subscribe("a", "0") && !subscriptions.subscribe("a", "more"));
        assert_eq!(subscriptions.followers(), ["a"]);
        for session in 0..MOST {
            subscriptions.unsubscribe("a", &session.to_string());
        }
        subscriptions.subscribe("b", "x");
        subscriptions.forget("b");
        assert!(subscriptions.followers().is_empty());
    }
}
