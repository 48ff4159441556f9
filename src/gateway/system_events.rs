//! Texts for the main session that wait for its next run. In memory only.

use std::collections::VecDeque;

/// Texts kept at most; older ones are dropped.
const KEPT: usize = 20;

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct SystemEvents(VecDeque<String>);

impl SystemEvents {
    /// Queues a text, unless it says what the last one said.
    pub(crate) fn push(&mut self, text: String) {
        if self.0.back() == Some(&text) {
            return;
        }
        if self.0.len() >= KEPT {
            self.0.pop_front();
        }
        self.0.push_back(text);
    }

    /// The texts, oldest first.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.0.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounded_and_without_repetition() {
        let mut events = SystemEvents::default();
        for number in 0..50 {
            events.push(format!("event {}", number / 2));
        }
        let texts = events.texts();
        assert_eq!((texts.len(), texts[0].as_str(), texts[19].as_str()), (KEPT, "event 5", "event 24"));
    }
}
