//! The wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch; what every `…Ms` and `ts` on the wire and in files counts.
pub fn unix_ms() -> u64 {
    // A clock before 1970 reads as 0; 64 bits of milliseconds outlast every clock.
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
