//! When a job is due: once, at intervals, or by an expression in a time zone. Pure.
//!
//! Expressions follow daylight-saving changes as Vixie cron does: what is due at a fixed time that a change skips is due
//! right after it, and what is due at one that comes twice is due the first time; what repeats within the hour goes on
//! as if there were no change.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde_json::Value;

use super::dialect::{self, FieldError};
use crate::protocol::cron::whole;

/// When a job is due. Times are Unix milliseconds.
#[derive(Debug, Clone)]
pub(crate) enum Schedule {
    /// Once.
    At(u64),
    /// At regular distances from an anchor.
    Every {
        /// The distance, not 0.
        every_ms: u64,
        /// One of the moments. Without one they are counted from when the job last ran, or was made.
        anchor_ms: Option<u64>,
    },
    /// At the moments that an expression describes.
    Expression {
        /// The expression, which was read once without a mistake. What is read from it takes five kilobytes, so it is
        /// read again when it is needed.
        text: Box<str>,
        /// Whose days and hours are meant.
        zone: TimeZone,
    },
}

/// What is wrong with a schedule, in the published gateway's words where it has any.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScheduleError {
    /// Neither five nor six fields.
    #[error(
        "TypeError: CronPattern: invalid configuration format ('{0}'), exactly five or six space separated parts are required."
    )]
    Fields(String),
    /// A field says something impossible.
    #[error("{0}")]
    Field(#[from] FieldError),
    /// An expression that looks right, and is not.
    #[error("TypeError: CronPattern: '{pattern}': {problem}")]
    Pattern {
        /// The expression.
        pattern: String,
        /// What is wrong.
        problem: String,
    },
    /// No day is like this.
    #[error("Error: cron expression never fires: '{0}'; no date matches it")]
    Never(String),
    /// A moment that has passed.
    #[error("Error: cron schedule is in the past: {time}; atMs counts milliseconds", time = written(*.0))]
    Past(u64),
    /// No such zone.
    #[error("RangeError: Invalid time zone specified: {0}")]
    Zone(String),
    /// Neither kind.
    #[error(
        "Error: unknown cron schedule; use kind \"at\" with atMs, \"every\" with everyMs, or \"cron\" with expr"
    )]
    Unknown,
}

// === impl Schedule ===

impl Schedule {
    /// Reads the member `schedule` of a job.
    pub(crate) fn parse(value: &Value) -> Result<Self, ScheduleError> {
        match value["kind"].as_str() {
            Some("at") => whole(&value["atMs"]).map(Self::At).ok_or(ScheduleError::Unknown),
            Some("every") => {
                let every_ms = whole(&value["everyMs"]).filter(|every| *every > 0);
                let every_ms = every_ms.ok_or(ScheduleError::Unknown)?;
                Ok(Self::Every { every_ms, anchor_ms: whole(&value["anchorMs"]) })
            }
            Some("cron") => {
                let text = value["expr"].as_str().ok_or(ScheduleError::Unknown)?;
                let zone = zone(value["tz"].as_str().unwrap_or_default())?;
                pattern(text)?;
                Ok(Self::Expression { text: text.into(), zone })
            }
            _ => Err(ScheduleError::Unknown),
        }
    }

    /// The first moment that is later. `begin_ms` is what intervals without an anchor are counted from; a clock that was
    /// set back does not make them wait until then.
    pub(crate) fn next_after(&self, after_ms: u64, begin_ms: u64) -> Option<u64> {
        match self {
            Self::At(at_ms) => Some(*at_ms).filter(|at_ms| *at_ms > after_ms),
            Self::Every { anchor_ms: Some(anchor_ms), .. } if after_ms < *anchor_ms => Some(*anchor_ms),
            Self::Every { every_ms, anchor_ms } => {
                let anchor_ms = anchor_ms.unwrap_or(begin_ms % every_ms);
                let Some(since_ms) = after_ms.checked_sub(anchor_ms) else { return Some(anchor_ms) };
                (since_ms / every_ms).checked_add(1)?.checked_mul(*every_ms)?.checked_add(anchor_ms)
            }
            Self::Expression { text, zone } => {
                let after = moment(after_ms)?.to_zoned(zone.clone());
                let next: Zoned = pattern(text).ok()?.find_next_occurrence(&after, false).ok()?;
                u64::try_from(next.timestamp().as_millisecond()).ok()
            }
        }
    }
}

fn moment(ms: u64) -> Option<Timestamp> {
    i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok())
}

/// A moment for people.
fn written(ms: u64) -> String {
    moment(ms).map_or_else(|| ms.to_string(), |at| at.to_string())
}

/// An expression of five fields, or of six with seconds first.
fn pattern(text: &str) -> Result<Cron, ScheduleError> {
    let text = text.trim();
    let fields = text.split_whitespace().count();
    if !matches!(fields, 5 | 6) && !dialect::is_nickname(text) {
        return Err(ScheduleError::Fields(text.to_owned()));
    }
    dialect::check(text)?;
    let parser = CronParser::builder()
        .seconds(Seconds::Optional)
        .year(Year::Disallowed)
        // `0/10` and `/10` are legal in the published program.
        .sloppy_ranges(true)
        .build();
    parser
        .parse(text)
        .map_err(|error| ScheduleError::Pattern { pattern: text.to_owned(), problem: error.to_string() })
}

/// A time zone of the IANA database; the machine's own when none is named.
fn zone(name: &str) -> Result<TimeZone, ScheduleError> {
    match name.trim() {
        "" => Ok(TimeZone::system()),
        name => TimeZone::get(name).map_err(|_| ScheduleError::Zone(name.to_owned())),
    }
}

#[cfg(test)]
mod tests;
