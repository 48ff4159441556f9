//! Limits and timers of the published gateway (all times in milliseconds, all sizes in bytes).

/// Largest inbound WebSocket message; larger ones end the connection with close code 1009.
pub const MAX_PAYLOAD: usize = 524_288;
/// Un-flushed outbound bytes above which a receiver counts as slow.
pub const MAX_BUFFERED: usize = 1_572_864;
/// From TCP accept to a successful `connect`.
pub const HANDSHAKE_TIMEOUT_MS: u64 = 10_000;
/// Interval of the `tick` event.
pub const TICK_INTERVAL_MS: u64 = 30_000;
/// A device signature may be this old or this far in the future.
pub const SIGNATURE_SKEW_MS: u64 = 600_000;
/// Pairing requests expire after this long.
pub const PAIRING_TTL_MS: u64 = 300_000;
/// Presence entries expire after this long without an update.
pub const PRESENCE_TTL_MS: u64 = 300_000;
/// Presence entries kept at most.
pub const PRESENCE_MAX: usize = 200;
/// Close reasons built from variable text are cut to this many UTF-8 bytes.
pub const CLOSE_REASON_MAX: usize = 120;
/// The health summary is refreshed this often.
pub const HEALTH_REFRESH_MS: u64 = 60_000;
