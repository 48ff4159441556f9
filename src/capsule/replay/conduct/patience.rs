//! How long is waited for what was recorded. Whoever never answers must not hold up a replay of a hundred thousand
//! messages: each time that something does not come, less is waited for the next.

/// More than the recording took, for the first one: a slow machine has that much time. Microseconds.
const MARGIN: u64 = 5_000_000;
/// The least of it.
const LEAST: u64 = 250_000;
/// How many are waited for in vain until a replay makes no sense any more.
const MOST_MISSED: u64 = 200;

/// What is left of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    margin: u64,
    missed: u64,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self { margin: MARGIN, missed: 0 }
    }

    /// Until when something is waited for that took so long when it was recorded.
    pub(super) fn until(self, now_us: u64, took_us: u64) -> u64 {
        now_us.saturating_add(took_us).saturating_add(self.margin)
    }

    /// Something has not come.
    pub(super) fn lose(&mut self) {
        self.missed += 1;
        self.margin = (self.margin / 2).max(LEAST);
    }

    /// Whether it is at an end.
    pub(super) fn is_lost(self) -> bool {
        self.missed >= MOST_MISSED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends() {
        let mut patience = Patience::new();
        assert_eq!(patience.until(1, 2), MARGIN + 3);
        let mut waited = 0;
        while !patience.is_lost() {
            waited += patience.until(0, 0);
            patience.lose();
        }
        assert!(waited < 120_000_000, "{waited}");
    }
}
