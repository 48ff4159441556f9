//! The wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch; what every `…Ms` and `ts` on the wire and in files counts.
pub fn unix_ms() -> u64 {
    // A clock before 1970 reads as 0; 64 bits of milliseconds outlast every clock.
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    #[cfg(test)]
    let now = now.saturating_add_signed(test::shift());
    now
}

/// Microseconds of the monotonic clock, which all processes of the machine share.
#[cfg(unix)]
pub fn monotonic_us() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let micros = now.tv_sec * 1_000_000 + now.tv_nsec / 1000;
    // It begins at 0 and never goes back.
    u64::try_from(micros).unwrap_or_default()
}

/// Microseconds since this process first asked.
#[cfg(not(unix))]
pub fn monotonic_us() -> u64 {
    static FIRST: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    let elapsed = FIRST.get_or_init(std::time::Instant::now).elapsed();
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

/// A clock that jumps: nothing but the real one can be set, and that belongs to the whole machine.
#[cfg(test)]
pub(crate) mod test {
    use std::cell::Cell;

    thread_local! {
        static SHIFT: Cell<i64> = const { Cell::new(0) };
    }

    pub(super) fn shift() -> i64 {
        SHIFT.get()
    }

    /// Sets this thread's clock so many days ahead of the real one, or behind it.
    pub(crate) fn set_days(days: i64) {
        SHIFT.set(days * 24 * 60 * 60 * 1000);
    }
}
