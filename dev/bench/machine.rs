//! What this machine can do, to compare figures of different machines and moods.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Instant;

use crate::stats;

/// Start and end of the smallest program there is, milliseconds, median: figures that are times are divided by
/// it before they are compared with a baseline of another machine.
pub(crate) fn spawn_ms() -> f64 {
    let times: Vec<f64> = (0..60)
        .map(|_| {
            #[expect(clippy::disallowed_methods, reason = "not the program under test")]
            let mut command = std::process::Command::new(if cfg!(windows) { "hostname" } else { "true" });
            let begin = Instant::now();
            let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
            ms(begin)
        })
        .collect();
    stats::median(&times)
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("address").port()
}

/// Milliseconds since `begin`.
pub(crate) fn ms(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1e3
}

/// Milliseconds from `begin` to `end`; 0 when `end` is earlier.
pub(crate) fn between(begin: Instant, end: Instant) -> f64 {
    end.saturating_duration_since(begin).as_secs_f64() * 1e3
}

/// A number below `limit`, different each time. Not for secrets.
pub(crate) fn below(limit: u64) -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("randomness");
    u64::from_le_bytes(bytes) % limit
}
