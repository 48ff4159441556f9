//! What becomes of events: where they go, how much of them, in which form. Replaced as a whole on a reload.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;

use super::file::{LogFile, ROTATION};
use super::subsystem;
use crate::config::schema::{ConsoleStyle, LogLevel};
use crate::redaction::{BadPattern, Redactor};
use crate::settings::{LogSettings, WsLog};

/// How events are treated.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) file: Arc<LogFile>,
    file_level: LogLevel,
    console_level: LogLevel,
    /// The only subsystem that is shown.
    console_subsystem: Option<&'static str>,
    /// Whether WebSocket traffic was asked for by name.
    shows_traffic: bool,
    pub(super) style: ConsoleStyle,
    pub(super) colours: bool,
    pub(super) redactor: Redactor,
}

impl Plan {
    /// The plan for these settings. A file that is used already is used on.
    pub(super) fn new(settings: &LogSettings, before: Option<&Self>) -> (Self, Vec<BadPattern>) {
        let (redactor, bad) = Redactor::new(&settings.secrets, &settings.patterns);
        let file = before.map(|before| &before.file).filter(|file| file.path() == settings.file);
        let plan = Self {
            file: file.map_or_else(|| Arc::new(LogFile::new(settings.file.clone(), ROTATION)), Arc::clone),
            file_level: settings.level,
            console_level: settings.console_level,
            console_subsystem: settings.console_subsystem,
            shows_traffic: settings.ws != WsLog::Auto && settings.console_level != LogLevel::Silent,
            style: settings.console_style,
            colours: settings.colours,
            redactor,
        };
        (plan, bad)
    }

    /// The finest level that anything is done with, as far as `tracing` can tell levels apart.
    pub(super) fn threshold(&self) -> LevelFilter {
        let traffic = if self.shows_traffic { LogLevel::Info } else { LogLevel::Silent };
        match self.file_level.max(self.console_level).max(traffic) {
            LogLevel::Silent => LevelFilter::OFF,
            LogLevel::Fatal | LogLevel::Error => LevelFilter::ERROR,
            LogLevel::Warn => LevelFilter::WARN,
            LogLevel::Info => LevelFilter::INFO,
            LogLevel::Debug => LevelFilter::DEBUG,
            LogLevel::Trace => LevelFilter::TRACE,
        }
    }

    /// Whether an event of that level goes to the file.
    pub(super) fn is_filed(&self, level: LogLevel) -> bool {
        level <= self.file_level
    }

    /// Whether it goes to the terminal. What ends the program does not: whoever ends it says why.
    pub(super) fn is_shown(&self, level: LogLevel, name: &str) -> bool {
        if self.console_subsystem.is_some_and(|only| name != only) {
            return false;
        }
        let is_traffic = self.shows_traffic && name == subsystem::WS && level <= LogLevel::Info;
        level > LogLevel::Fatal && (level <= self.console_level || is_traffic)
    }

    /// Whether the terminal is left alone, also with warnings about the log itself.
    pub(super) fn is_quiet(&self) -> bool {
        self.console_level < LogLevel::Warn
    }
}
