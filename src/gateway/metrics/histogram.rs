//! How long things took, in buckets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the buckets in microseconds; what takes longer than the last is counted beyond it. As text in
/// seconds, as it is exposed.
pub(super) const BOUNDS: [(u64, &str); 12] = [
    (50, "0.00005"),
    (100, "0.0001"),
    (250, "0.00025"),
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (100_000, "0.1"),
    (1_000_000, "1"),
    (10_000_000, "10"),
];

/// Durations.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// One per bound, and one for what is beyond. Not cumulative.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    sum_us: AtomicU64,
}

/// A histogram at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snapshot {
    /// How many took at most as long as each bound.
    pub(super) cumulative: [u64; BOUNDS.len()],
    /// How many there were.
    pub(super) count: u64,
    /// All of them together, in microseconds.
    pub(super) sum_us: u64,
}

// === impl Histogram ===

impl Histogram {
    /// Notes one duration.
    pub(super) fn note(&self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|(bound, _)| us <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    /// As it is now. What is noted meanwhile may be in a part of it.
    pub(super) fn snapshot(&self) -> Snapshot {
        let mut count = 0;
        let mut cumulative = [0; BOUNDS.len()];
        for (index, bucket) in self.buckets.iter().enumerate() {
            count += bucket.load(Ordering::Relaxed);
            if let Some(slot) = cumulative.get_mut(index) {
                *slot = count;
            }
        }
        Snapshot { cumulative, count, sum_us: self.sum_us.load(Ordering::Relaxed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_into_its_bucket_and_all_above() {
        let histogram = Histogram::default();
        for us in [0, 50, 51, 1_000, 20_000_000] {
            histogram.note(Duration::from_micros(us));
        }
        let snapshot = histogram.snapshot();
        assert_eq!(snapshot.cumulative, [2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4]);
        assert_eq!((snapshot.count, snapshot.sum_us), (5, 20_001_101));
    }

    #[test]
    fn bounds_rise_and_their_texts_are_seconds() {
        assert!(BOUNDS.is_sorted_by(|(one, _), (other, _)| one < other));
        for (us, text) in BOUNDS {
            let seconds: f64 = text.parse().unwrap();
            let us = f64::from(u32::try_from(us).unwrap());
            assert!((seconds * 1e6 - us).abs() < 1e-6, "{text}");
        }
    }
}
