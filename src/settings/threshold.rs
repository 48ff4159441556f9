//! `logging.level` as a threshold of `tracing`.

use tracing::level_filters::LevelFilter;

use crate::config::schema::LogLevel;

impl From<LogLevel> for LevelFilter {
    /// There is no level above error, so `fatal` means errors too.
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Silent => Self::OFF,
            LogLevel::Fatal | LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}
