//! Option values: text → type, once, at the edge. A value outside a closed set is refused with the legal ones.

use std::convert::Infallible;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::args::{EventsFormat, Flow, ResetScope, Section};
use crate::capsule::replay::Speed;
use crate::config::edit::{ConfigPath, PathError};
use crate::config::schema::LogLevel;
use crate::harness::exec::{CommandLine, LineError, NoReadiness, Readiness, Tier};
use crate::onboarding::OnboardAuth;
use crate::platform::signals::Passed;
use crate::settings::{AuthMode, BindMode, Secret, TailscaleMode, WsLog};

/// Parser of a closed set: the names, and what each means.
fn closed<T>(set: &'static [(&'static str, T)]) -> impl TypedValueParser<Value = T> + use<T>
where
    T: Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(set.iter().map(|(name, _)| *name)).try_map(move |text| {
        set.iter().find_map(|(name, value)| (*name == text).then_some(*value)).ok_or("not a legal value")
    })
}

pub(super) fn bind_mode() -> impl TypedValueParser<Value = BindMode> {
    closed(&[
        ("loopback", BindMode::Loopback),
        ("lan", BindMode::Lan),
        ("tailnet", BindMode::Tailnet),
        ("auto", BindMode::Auto),
        ("custom", BindMode::Custom),
    ])
}

pub(super) fn auth_mode() -> impl TypedValueParser<Value = AuthMode> {
    closed(&[("token", AuthMode::Token), ("password", AuthMode::Password)])
}

pub(super) fn onboard_auth() -> impl TypedValueParser<Value = OnboardAuth> {
    closed(&[("token", OnboardAuth::Token), ("password", OnboardAuth::Password), ("off", OnboardAuth::Off)])
}

pub(super) fn flow() -> impl TypedValueParser<Value = Flow> {
    closed(&[("quickstart", Flow::Quickstart), ("advanced", Flow::Advanced)])
}

pub(super) fn section() -> impl TypedValueParser<Value = Section> {
    closed(&[
        ("gateway", Section::Gateway),
        ("auth", Section::Auth),
        ("tailscale", Section::Tailscale),
        ("workspace", Section::Workspace),
    ])
}

pub(super) fn reset_scope() -> impl TypedValueParser<Value = ResetScope> {
    closed(&[
        ("config", ResetScope::Config),
        ("config+creds+sessions", ResetScope::Records),
        ("full", ResetScope::Full),
    ])
}

pub(super) fn tailscale_mode() -> impl TypedValueParser<Value = TailscaleMode> {
    closed(&[("off", TailscaleMode::Off), ("serve", TailscaleMode::Serve), ("funnel", TailscaleMode::Funnel)])
}

static LEVELS: [(&str, LogLevel); 7] = [
    ("silent", LogLevel::Silent),
    ("fatal", LogLevel::Fatal),
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];

pub(super) fn log_level() -> impl TypedValueParser<Value = LogLevel> {
    closed(&LEVELS)
}

/// A level by which lines are chosen; nobody wants none.
pub(super) fn shown_level() -> impl TypedValueParser<Value = LogLevel> {
    closed(&LEVELS[1..])
}

pub(super) fn ws_log() -> impl TypedValueParser<Value = WsLog> {
    closed(&[("auto", WsLog::Auto), ("full", WsLog::Full), ("compact", WsLog::Compact)])
}

pub(super) fn events_format() -> impl TypedValueParser<Value = EventsFormat> {
    closed(&[("json", EventsFormat::Json)])
}

const TIERS: [(&str, Tier); 3] = [("sockets", Tier::Sockets), ("port", Tier::Port), ("none", Tier::Nothing)];

pub(super) fn tier() -> impl TypedValueParser<Value = Tier> {
    closed(&TIERS)
}

/// The same outside the command line.
pub(super) fn tier_name(text: &str) -> Result<Tier, String> {
    let tier = TIERS.iter().find_map(|(name, tier)| (*name == text).then_some(*tier));
    tier.ok_or_else(|| "not a tier; use sockets, port, or none".to_owned())
}

pub(super) fn command(text: &str) -> Result<CommandLine, LineError> {
    CommandLine::parse(text)
}

pub(super) fn readiness(text: &str) -> Result<Readiness, NoReadiness> {
    Readiness::parse(text)
}

/// The speed of a replay.
pub(super) fn speed(text: &str) -> Result<Speed, String> {
    if text == "max" {
        return Ok(Speed::Max);
    }
    let times = text.parse::<f64>().ok().filter(|times| (0.001..=1000.0).contains(times));
    times.map(Speed::Times).ok_or_else(|| "not a speed; use max, or a number from 0.001 to 1000".to_owned())
}

/// An extension of file names, with or without its dot.
pub(super) fn extension(text: &str) -> Result<String, String> {
    let extension = text.trim().trim_start_matches('.');
    if extension.is_empty() || extension.contains(['/', '*']) {
        return Err("not an extension; use the end of a file name, such as ts".to_owned());
    }
    Ok(extension.to_owned())
}

/// A short time: milliseconds, or with `ms` or `s`.
pub(super) fn pause(text: &str) -> Result<Duration, String> {
    let (number, factor) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1.0),
        (None, Some(number)) => (number, 1000.0),
        (None, None) => (text, 1.0),
    };
    let milliseconds = number.parse::<f64>().ok().map(|number| number * factor);
    let pause = milliseconds.and_then(|number| Duration::try_from_secs_f64(number / 1000.0).ok());
    pause
        .filter(|pause| *pause <= Duration::from_mins(1))
        .ok_or_else(|| "not a short time; use milliseconds, or a number with ms or s, up to 60s".to_owned())
}

const SIGNALS: [(&str, Passed); 6] = [
    ("TERM", Passed::Terminate),
    ("INT", Passed::Interrupt),
    ("HUP", Passed::Hangup),
    ("QUIT", Passed::Quit),
    ("USR1", Passed::User1),
    ("USR2", Passed::User2),
];

/// A signal by its name, as kill(1) takes it.
pub(super) fn signal(text: &str) -> Result<Passed, String> {
    let upper = text.to_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let signal = SIGNALS.iter().find_map(|(known, signal)| (*known == name).then_some(*signal));
    signal.ok_or_else(|| {
        "not a signal that asks for an end; use TERM, INT, HUP, QUIT, USR1, or USR2".to_owned()
    })
}

/// Its name.
pub(super) fn signal_name(signal: Passed) -> &'static str {
    // Any other is never read.
    SIGNALS.iter().find_map(|(name, known)| (*known == signal).then_some(*name)).unwrap_or("TERM")
}

/// Since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    /// So long ago.
    Ago(Duration),
    /// That moment, in Unix milliseconds.
    At(i64),
}

impl Since {
    /// The moment, seen from `now`; both in Unix milliseconds.
    pub(super) fn before(self, now: i64) -> i64 {
        match self {
            Self::Ago(span) => now.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
            Self::At(moment) => moment,
        }
    }
}

/// A span of time with its unit, or a moment: with its zone, or in the one of this machine.
pub(super) fn since(text: &str) -> Result<Since, String> {
    let wrong = || {
        "not a time; use 10m, 2h, or 1d ago, 2026-11-29T08:00:00Z, or a date or time here such as \"2026-11-29 08:00\""
            .to_owned()
    };
    if text.ends_with(['s', 'm', 'h', 'd']) {
        return span(text).map(Since::Ago).ok_or_else(wrong);
    }
    moment(text).map(Since::At).ok_or_else(wrong)
}

/// A span of time with its unit.
fn span(text: &str) -> Option<Duration> {
    match text.strip_suffix('d') {
        Some(days) => Duration::try_from_secs_f64(days.parse::<f64>().ok()? * 86_400.0).ok(),
        None if text.ends_with(['s', 'm', 'h']) => time_limit(text).ok(),
        None => None,
    }
}

/// A moment in Unix milliseconds: with its zone, or in the one of this machine.
fn moment(text: &str) -> Option<i64> {
    let moment = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let here = text.parse::<jiff::civil::DateTime>().ok()?;
        here.to_zoned(jiff::tz::TimeZone::system()).ok().map(|here| here.timestamp())
    });
    moment.map(jiff::Timestamp::as_millisecond)
}

/// When something is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// So long from now.
    In(Duration),
    /// At that moment, in Unix milliseconds.
    At(u64),
}

impl When {
    /// The moment, seen from `now_ms`; both in Unix milliseconds.
    pub(super) fn after(self, now_ms: u64) -> u64 {
        match self {
            Self::In(span) => now_ms.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)),
            Self::At(moment) => moment,
        }
    }
}

/// A span of time from now, or a moment.
pub(super) fn when(text: &str) -> Result<When, String> {
    let from_now = span(text.strip_prefix('+').unwrap_or(text)).map(When::In);
    let at = || moment(text).and_then(|moment| u64::try_from(moment).ok()).map(When::At);
    from_now.or_else(at).ok_or_else(|| {
        "not a time; use 20m, 2h, or 1d from now, 2026-11-29T08:00:00Z, or a time here such as \"2026-11-29 08:00\""
            .to_owned()
    })
}

/// A distance in time, in milliseconds.
pub(super) fn interval(text: &str) -> Result<u64, String> {
    let milliseconds = span(text).and_then(|span| u64::try_from(span.as_millis()).ok());
    milliseconds
        .filter(|milliseconds| *milliseconds > 0)
        .ok_or_else(|| "not a distance in time; use a number with s, m, h, or d, such as 10m".to_owned())
}

/// A port; the text of the mistake names the legal ones.
pub(super) fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "not a port; use a number from 1 to 65535, or 0 for a free one".to_owned())
}

/// Never fails here: clap would print the secret. `settings` refuses what cannot be one.
#[expect(clippy::unnecessary_wraps, reason = "the form that clap calls")]
pub(super) fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

/// A time limit as timeout(1) takes it: a number of seconds, or with `s`, `m`, or `h`.
pub(super) fn time_limit(text: &str) -> Result<Duration, String> {
    let wrong = || "not a time; use seconds, or a number with s, m, or h".to_owned();
    let (number, unit) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) => (number, &text[number.len()..]),
        None => (text, "s"),
    };
    let factor = match unit {
        "m" => 60.0,
        "h" => 3600.0,
        _ => 1.0,
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(number * factor).ok().filter(|limit| !limit.is_zero()).ok_or_else(wrong)
}

/// A length: bytes, or with `k`, `m`, or `g`, which count by 1024.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let lower = text.to_ascii_lowercase();
    let number = lower.trim_end_matches(['b', 'i']);
    let (number, shift) = match number.strip_suffix(['k', 'm', 'g']) {
        Some(rest) if number.ends_with('k') => (rest, 10),
        Some(rest) if number.ends_with('m') => (rest, 20),
        Some(rest) => (rest, 30),
        None => (number, 0),
    };
    let bytes = number.trim().parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    bytes.ok_or_else(|| "not a size; use bytes, or a number with k, m, or g".to_owned())
}

/// `NAME=VALUE`.
pub(super) fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("not an assignment; use NAME=VALUE".to_owned()),
    }
}

pub(super) fn config_path(text: &str) -> Result<ConfigPath, PathError> {
    ConfigPath::parse(text)
}

pub(super) fn json(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_short() {
        for (text, milliseconds) in [("0", 0), ("20", 20), ("20ms", 20), ("1.5s", 1500)] {
            assert_eq!(pause(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "ms", "-1", "61s", "1m", "nan"] {
            assert!(pause(text).is_err(), "{text}");
        }
        assert_eq!(extension(".d.ts"), Ok("d.ts".to_owned()));
        assert!(extension("*.ts").is_err() && extension(".").is_err());
    }

    #[test]
    fn moments_are_spans_or_times() {
        for (text, milliseconds) in [
            ("10m", 400_000),
            ("0.5s", 999_500),
            ("1d", -85_400_000),
            ("1970-01-01T00:00:01Z", 1_000),
            ("1970-01-01T01:00:00.250+01:00", 250),
        ] {
            assert_eq!(since(text).map(|since| since.before(1_000_000)), Ok(milliseconds), "{text}");
        }
        assert!(matches!(since("2026-11-29"), Ok(Since::At(_))));
        assert_eq!(since("2026-11-29 00:00"), since("2026-11-29"));
        for text in ["", "10", "m", "d", "-1h", "yesterday", "08:00", "2026-13-01"] {
            assert!(since(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_to_come_are_spans_or_moments() {
        for (text, milliseconds) in
            [("+20m", 1_201_000), ("1d", 86_401_000), ("1970-01-01T00:00:07Z", 7000), ("0.5s", 1500)]
        {
            assert_eq!(when(text).map(|when| when.after(1000)), Ok(milliseconds), "{text}");
        }
        for text in ["", "20", "soon", "-5m", "+2026-01-01", "1969-01-01T00:00:00Z"] {
            assert!(when(text).is_err(), "{text}");
        }
        assert_eq!(interval("90s"), Ok(90_000));
        for text in ["0m", "0", "5", "", "-1h", "0.0001s", "1e300d"] {
            assert!(interval(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_count_by_1024() {
        for (text, bytes) in
            [("0", 0), ("12", 12), ("3k", 3072), ("100M", 100 << 20), ("2GiB", 2 << 30), ("1 kB", 1024)]
        {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "k", "-1", "1.5m", "1t", "99999999999g"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn signals_are_named_as_for_kill() {
        assert_eq!(signal("SIGINT"), Ok(Passed::Interrupt));
        assert_eq!(signal("usr2"), Ok(Passed::User2));
        assert!(signal("KILL").is_err() && signal("9").is_err() && signal("").is_err());
    }

    #[test]
    fn time_limits_are_those_of_timeout() {
        for (text, milliseconds) in
            [("2", 2000), ("0.25", 250), ("1.5s", 1500), ("2m", 120_000), ("1h", 3_600_000)]
        {
            assert_eq!(time_limit(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "s", "0", "-1", "1d", "inf", "nan", "1e99h"] {
            assert!(time_limit(text).is_err(), "{text}");
        }
    }
}
