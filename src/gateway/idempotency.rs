//! Requests that were sent before: a repeat with the same key gets the answer of the first one, whether that is
//! still under way or has been given, so that a client that lost its connection may simply ask again.
//!
//! In memory only, as in the published gateway, with its lifetime and its bound (`wire-protocol`, dedupe). Pure: the
//! time arrives as a value.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::protocol::error::RpcError;

/// How long an answer is kept, milliseconds.
const TTL_MS: u64 = 300_000;
/// How many are kept.
const MOST: usize = 1000;
/// How many bytes all of them may have.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What a request was answered with: JSON, or an error.
pub(crate) type Answer = Result<Arc<str>, RpcError>;

/// The answer of a request, once there is one.
pub(crate) type Pending = watch::Receiver<Option<Answer>>;

/// The answers that are known or under way.
#[derive(Debug, Default)]
pub(crate) struct Idempotency {
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    entries: HashMap<String, Entry>,
    /// Keys of the answers that are kept, oldest first.
    kept: VecDeque<String>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    answer: Pending,
    /// What the answer counts for, and when it was given; `None` while it is under way.
    given: Option<(usize, u64)>,
}

/// Who has to answer first; forgotten when dropped without an answer.
#[derive(Debug)]
pub(crate) struct First {
    book: Arc<Idempotency>,
    key: String,
    answer: watch::Sender<Option<Answer>>,
}

/// A request with a key.
#[derive(Debug)]
pub(crate) enum Asked {
    /// Nobody asked for that before: it is to be done, and answered.
    First(First, Pending),
    /// It was asked for before.
    Again(Pending),
}

impl Idempotency {
    /// A request arrives. `key` names everything that makes it the same request.
    pub(crate) fn ask(self: &Arc<Self>, key: &str, now_ms: u64) -> Asked {
        let mut book = self.lock();
        book.expire(now_ms);
        if let Some(entry) = book.entries.get(key) {
            return Asked::Again(entry.answer.clone());
        }
        let (answer, pending) = watch::channel(None);
        book.entries.insert(key.to_owned(), Entry { answer: pending.clone(), given: None });
        Asked::First(First { book: Arc::clone(self), key: key.to_owned(), answer }, pending)
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl First {
    /// Answers everybody who asked, and everybody who asks within the lifetime.
    pub(crate) fn keep(self, answer: Answer, now_ms: u64) {
        let bytes = self.key.len() + size(&answer);
        self.answer.send_replace(Some(answer));
        self.book.lock().keep(&self.key, bytes, now_ms);
    }

    /// Answers everybody who asked; whoever asks later has it done once more.
    pub(crate) fn tell(self, answer: Answer) {
        self.answer.send_replace(Some(answer));
    }
}

impl Drop for First {
    fn drop(&mut self) {
        self.book.lock().forget_unanswered(&self.key);
    }
}

impl Book {
    fn keep(&mut self, key: &str, bytes: usize, now_ms: u64) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        entry.given = Some((bytes, now_ms));
        self.bytes += bytes;
        self.kept.push_back(key.to_owned());
        while self.kept.len() > MOST || self.bytes > MOST_BYTES {
            self.forget_oldest();
        }
    }

    fn forget_unanswered(&mut self, key: &str) {
        if self.entries.get(key).is_some_and(|entry| entry.given.is_none()) {
            self.entries.remove(key);
        }
    }

    /// Drops what is too old, by a clock that may jump either way.
    fn expire(&mut self, now_ms: u64) {
        while let Some(oldest) = self.kept.front()
            && let Some(Entry { given: Some((_, at_ms)), .. }) = self.entries.get(oldest)
            && now_ms.abs_diff(*at_ms) > TTL_MS
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(key) = self.kept.pop_front() else { return };
        if let Some(Entry { given: Some((bytes, _)), .. }) = self.entries.remove(&key) {
            self.bytes -= bytes;
        }
    }
}

/// The answer to a request that was asked for; `None` when whoever worked on it has failed to answer.
pub(crate) async fn answered(mut pending: Pending) -> Option<Answer> {
    pending.wait_for(Option::is_some).await.ok()?.clone()
}

fn size(answer: &Answer) -> usize {
    match answer {
        Ok(text) => text.len(),
        Err(error) => {
            error.message.len() + error.details.as_ref().map_or(0, |details| details.to_string().len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(book: &Arc<Idempotency>, key: &str, now_ms: u64) -> First {
        match book.ask(key, now_ms) {
            Asked::First(first, _) => first,
            Asked::Again(_) => panic!("{key} was asked for before"),
        }
    }

    fn known(book: &Arc<Idempotency>, key: &str, now_ms: u64) -> Option<Answer> {
        match book.ask(key, now_ms) {
            Asked::First(..) => None,
            Asked::Again(pending) => pending.borrow().clone(),
        }
    }

    fn one() -> Arc<str> {
        "1".into()
    }

    #[tokio::test]
    async fn whoever_asks_meanwhile_and_later_gets_the_same_answer() {
        let book = Arc::new(Idempotency::default());
        let work = first(&book, "a", 0);
        let Asked::Again(meanwhile) = book.ask("a", 1) else { panic!("done twice") };
        work.keep(Ok(one()), 10);
        assert_eq!(answered(meanwhile).await, Some(Ok(one())));
        for (now_ms, expect) in [(10, Some(Ok(one()))), (10 + TTL_MS, Some(Ok(one()))), (11 + TTL_MS, None)] {
            assert_eq!(known(&book, "a", now_ms), expect, "{now_ms}");
        }
    }

    #[tokio::test]
    async fn what_is_told_and_not_kept_is_done_once_more() {
        let book = Arc::new(Idempotency::default());
        let work = first(&book, "a", 0);
        let Asked::Again(meanwhile) = book.ask("a", 0) else { panic!("done twice") };
        work.tell(Err(RpcError::unavailable("timed out")));
        assert_eq!(answered(meanwhile).await, Some(Err(RpcError::unavailable("timed out"))));
        drop(first(&book, "a", 0));
        let Asked::First(work, meanwhile) = book.ask("a", 0) else { panic!("kept") };
        drop(work);
        assert_eq!(answered(meanwhile).await, None);
    }

    #[test]
    fn bounded_in_number_and_bytes_with_the_oldest_gone_first() {
        let book = Arc::new(Idempotency::default());
        for number in 0..=MOST {
            first(&book, &number.to_string(), 0).keep(Ok(one()), 0);
        }
        assert_eq!((known(&book, "0", 0), known(&book, "1", 0)), (None, Some(Ok(one()))));
        first(&book, "large", 0).keep(Ok("x".repeat(MOST_BYTES - 100).into()), 0);
        assert!(known(&book, "large", 0).is_some());
        assert_eq!(known(&book, "1", 0), None);
        first(&book, "larger", 0).keep(Ok("x".repeat(MOST_BYTES).into()), 0);
        let book = book.lock();
        assert_eq!((book.entries.len(), book.kept.len(), book.bytes), (0, 0, 0));
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nothing_for_ever() {
        let book = Arc::new(Idempotency::default());
        first(&book, "a", 10 * TTL_MS).keep(Ok(one()), 10 * TTL_MS);
        assert_eq!(known(&book, "a", 0), None);
    }
}
