//! The older pairing of nodes, which knows nothing of device keys: `<STATE>/nodes/pending.json` and `paired.json`
//! (`wire-protocol` D.6, G). The book is pure; reading and writing its files block.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::auth::shared_secret;
use crate::gateway::state_file;

/// How long a request waits for a decision.
const PENDING_MS: u64 = 300_000;
/// Requests that wait at most; the oldest goes.
const MOST: usize = 256;

/// Who is paired, and who asks to be.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct NodePairing {
    pending: Map<String, Value>,
    paired: Map<String, Value>,
}

/// Where it is kept.
#[derive(Debug, Clone)]
pub(crate) struct PairingFiles {
    pending: PathBuf,
    paired: PathBuf,
}

impl PairingFiles {
    /// The files of a state directory.
    pub(crate) fn of(state_dir: &Path) -> Self {
        let directory = state_dir.join("nodes");
        Self { pending: directory.join("pending.json"), paired: directory.join("paired.json") }
    }

    /// Reads the book; requests that waited too long are gone.
    pub(crate) fn read(&self, now_ms: u64) -> NodePairing {
        let object = |path: &Path| match state_file::take(path, now_ms) {
            Value::Object(object) => object,
            _ => Map::new(),
        };
        let mut pending = object(&self.pending);
        pending
            .retain(|_, request| request["ts"].as_u64().is_some_and(|at| now_ms.abs_diff(at) <= PENDING_MS));
        NodePairing { pending, paired: object(&self.paired) }
    }

    /// Works on the book and writes what changed.
    pub(crate) fn change<T>(&self, now_ms: u64, work: impl FnOnce(&mut NodePairing) -> T) -> io::Result<T> {
        let before = self.read(now_ms);
        let mut after = before.clone();
        let result = work(&mut after);
        // The paired first: what is lost between the two is a request, which can be made again.
        if after.paired != before.paired {
            state_file::write(&self.paired, &Value::Object(after.paired))?;
        }
        if after.pending != before.pending {
            state_file::write(&self.pending, &Value::Object(after.pending))?;
        }
        Ok(result)
    }
}

impl NodePairing {
    /// A node asks; the request, and whether it is new.
    pub(crate) fn request(
        &mut self,
        mut about: Map<String, Value>,
        id: String,
        now_ms: u64,
    ) -> (Value, bool) {
        let node_id = about.get("nodeId").cloned().unwrap_or_default();
        if let Some(known) = self.pending.values().find(|request| request["nodeId"] == node_id) {
            return (known.clone(), false);
        }
        if self.pending.len() >= MOST
            && let Some(oldest) = self
                .pending
                .iter()
                .min_by_key(|(_, request)| request["ts"].as_u64())
                .map(|(id, _)| id.clone())
        {
            self.pending.shift_remove(&oldest);
        }
        let is_repair = node_id.as_str().is_some_and(|node| self.paired.contains_key(node));
        let mut request = Map::new();
        request.insert("requestId".to_owned(), id.as_str().into());
        request.append(&mut about);
        request.insert("isRepair".to_owned(), is_repair.into());
        request.insert("ts".to_owned(), now_ms.into());
        self.pending.insert(id, Value::Object(request.clone()));
        (Value::Object(request), true)
    }

    /// Approves a request: the node with its new token.
    pub(crate) fn approve(&mut self, request_id: &str, token: &str, now_ms: u64) -> Option<Value> {
        let request = self.pending.shift_remove(request_id)?;
        let node_id = request["nodeId"].as_str()?.to_owned();
        let before = self.paired.get(&node_id);
        let created_ms = before.and_then(|before| before["createdAtMs"].as_u64()).unwrap_or(now_ms);
        // What an earlier pairing knew and this request does not say stays.
        let mut node = before.and_then(Value::as_object).cloned().unwrap_or_default();
        for (name, value) in request.as_object().into_iter().flatten() {
            if !["requestId", "isRepair", "silent", "ts"].contains(&name.as_str()) {
                node.insert(name.clone(), value.clone());
            }
        }
        node.insert("token".to_owned(), token.into());
        node.insert("createdAtMs".to_owned(), created_ms.into());
        node.insert("approvedAtMs".to_owned(), now_ms.into());
        self.paired.insert(node_id, Value::Object(node.clone()));
        Some(Value::Object(node))
    }

    /// Rejects a request: the id of its node.
    pub(crate) fn reject(&mut self, request_id: &str) -> Option<Value> {
        self.pending.shift_remove(request_id).map(|request| request["nodeId"].clone())
    }

    /// Everything, newest first, without tokens.
    pub(crate) fn list(&self) -> Value {
        let newest = |entries: &Map<String, Value>, time: &str| {
            let mut entries: Vec<Value> = entries.values().cloned().map(without_token).collect();
            entries.sort_by_key(|entry| std::cmp::Reverse(entry[time].as_u64()));
            entries
        };
        json!({ "pending": newest(&self.pending, "ts"), "paired": newest(&self.paired, "approvedAtMs") })
    }

    /// The node, when the token is its own.
    pub(crate) fn verify(&self, node_id: &str, token: &str) -> Option<Value> {
        let node = self.paired.get(node_id)?;
        let own = node["token"].as_str()?;
        shared_secret::equal(own, token).then(|| without_token(node.clone()))
    }

    /// Gives a paired node another name; says whether there is such a node.
    pub(crate) fn rename(&mut self, node_id: &str, name: &str) -> bool {
        let node = self.paired.get_mut(node_id).and_then(Value::as_object_mut);
        node.map(|node| node.insert("displayName".to_owned(), name.into())).is_some()
    }
}

fn without_token(mut node: Value) -> Value {
    if let Some(node) = node.as_object_mut() {
        node.shift_remove("token");
    }
    node
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(node: &str) -> Map<String, Value> {
        json!({ "nodeId": node, "displayName": "N" }).as_object().unwrap().clone()
    }

    #[test]
    fn a_request_is_made_once_and_approved_once() {
        let state = tempfile::tempdir().unwrap();
        let files = PairingFiles::of(state.path());
        let ask = |id: &str, now_ms| {
            files.change(now_ms, |book| book.request(about("n"), id.to_owned(), now_ms)).unwrap()
        };
        let (first, created) = ask("r1", 1);
        let expect =
            json!({ "requestId": "r1", "nodeId": "n", "displayName": "N", "isRepair": false, "ts": 1 });
        assert_eq!((&first, created), (&expect, true));
        assert_eq!(ask("r2", 2), (first, false));
        let node = files.change(5, |book| book.approve("r1", "secret", 5)).unwrap().unwrap();
        assert_eq!((&node["token"], &node["approvedAtMs"]), (&json!("secret"), &json!(5)));
        assert_eq!(files.change(6, |book| book.approve("r1", "x", 6)).unwrap(), None);
        let book = files.read(7);
        assert_eq!(book.list()["paired"][0].get("token"), None);
        assert_eq!(book.verify("n", "secret").unwrap()["displayName"], "N");
        assert!(book.verify("n", "other").is_none() && book.verify("m", "secret").is_none());

        assert_eq!(ask("r3", 8).0["isRepair"], true);
        let node = files.change(9, |book| book.approve("r3", "new", 9)).unwrap().unwrap();
        assert_eq!((&node["createdAtMs"], &node["approvedAtMs"]), (&json!(5), &json!(9)));
        assert!(files.change(10, |book| book.rename("n", "Other")).unwrap());
        assert!(!files.change(10, |book| book.rename("m", "Other")).unwrap());
    }

    #[test]
    fn requests_expire_and_are_bounded() {
        let mut book = NodePairing::default();
        for index in 0..=MOST as u64 {
            book.request(about(&index.to_string()), format!("r{index}"), index);
        }
        assert_eq!((book.pending.len(), book.pending.contains_key("r0")), (MOST, false));
        assert_eq!(book.reject("r5"), Some(json!("5")));
        assert_eq!(book.reject("r5"), None);

        let state = tempfile::tempdir().unwrap();
        let files = PairingFiles::of(state.path());
        files.change(1, |book| book.request(about("n"), "r".to_owned(), 1)).unwrap();
        assert_eq!(files.read(1 + PENDING_MS).list()["pending"].as_array().unwrap().len(), 1);
        assert_eq!(files.read(2 + PENDING_MS).list()["pending"], json!([]));
    }
}
