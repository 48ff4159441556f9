//! The published program's words for what is wrong with a value, and what to write instead.

use super::super::tree::{Content, NonFinite};
use super::kind::{Bound, Kind, TextRule};

/// The type name of a value.
pub(super) fn received(content: &Content) -> &'static str {
    match content {
        Content::Unknown => "unknown",
        Content::Null => "null",
        Content::Flag(_) => "boolean",
        Content::Number(_) => "number",
        Content::NonFinite(NonFinite::Infinity) => "Infinity",
        Content::NonFinite(NonFinite::NegativeInfinity) => "-Infinity",
        Content::NonFinite(NonFinite::NaN) => "NaN",
        Content::Text(_) => "string",
        Content::List(_) => "array",
        Content::Object(_) => "object",
    }
}

/// The type name that a kind expects; `None` where the published program does not say.
pub(super) fn expected(kind: &Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Flag => "boolean",
        Kind::Text(_) => "string",
        Kind::Number(_) | Kind::Integer(_) => "number",
        Kind::List(_) => "array",
        Kind::Map(_) | Kind::Object(_) => "object",
        Kind::Any | Kind::Choice(_) | Kind::Option(_) | Kind::Only(_) | Kind::Either(_) => return None,
    })
}

/// A value of the wrong type, or `undefined` where a key is missing.
pub(super) fn wrong_type(kind: &Kind, received: &str) -> String {
    match kind {
        Kind::Option(choices) => {
            let names: Vec<_> = choices.iter().map(|choice| format!("\"{choice}\"")).collect();
            format!("Invalid option: expected one of {}", names.join("|"))
        }
        Kind::Only(text) => format!("Invalid input: expected \"{text}\""),
        kind => match expected(kind) {
            Some(expected) => format!("Invalid input: expected {expected}, received {received}"),
            None => "Invalid input".to_owned(),
        },
    }
}

/// What to write instead of a value of the wrong type.
pub(super) fn type_advice(kind: &Kind, content: &Content) -> Option<String> {
    match (kind, content) {
        (Kind::Number(_) | Kind::Integer(_), Content::Text(text)) if text.trim().parse::<f64>().is_ok() => {
            Some("write the number without quotes".to_owned())
        }
        (Kind::Flag, Content::Text(text)) if matches!(text.as_str(), "true" | "false") => {
            Some("write it without quotes".to_owned())
        }
        (Kind::Flag, _) => Some("write true or false".to_owned()),
        (Kind::Text(_), Content::Number(_) | Content::Flag(_)) => Some("write it in quotes".to_owned()),
        (Kind::List(_), Content::Text(_) | Content::Number(_)) => {
            Some("write it as a list: [ … ]".to_owned())
        }
        (Kind::Choice(choices), content) if !matches!(content, Content::Text(_)) => Some(one_of(choices)),
        (_, Content::Null) => Some("leave the key out to get the default".to_owned()),
        _ => None,
    }
}

/// The choices, as advice.
pub(super) fn one_of(choices: &[&str]) -> String {
    let names: Vec<_> = choices.iter().map(|choice| format!("\"{choice}\"")).collect();
    format!("write one of {}", names.join(", "))
}

/// A number below its bound.
pub(super) fn too_small(kind: &str, bound: Bound) -> String {
    match bound {
        Bound::AtLeast(min) => format!("Too small: expected {kind} to be >={min}"),
        Bound::Above(min) => format!("Too small: expected {kind} to be >{min}"),
    }
}

/// A number above its bound.
pub(super) fn too_big(kind: &str, max: f64) -> String {
    format!("Too big: expected {kind} to be <={max}")
}

/// What is wrong with a text, if anything.
pub(super) fn check_text(rule: TextRule, text: &str) -> Option<String> {
    match rule {
        TextRule::Free => None,
        TextRule::NotEmpty => {
            text.is_empty().then(|| "Too small: expected string to have >=1 characters".to_owned())
        }
        TextRule::AtMost(limit) => (text.encode_utf16().count() > limit)
            .then(|| format!("Too big: expected string to have <={limit} characters")),
        TextRule::Color => {
            let digits = text.strip_prefix('#').unwrap_or(text);
            let is_color = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            (!is_color).then(|| "expected hex color (RRGGBB)".to_owned())
        }
        TextRule::Duration => (!is_duration(text)).then(|| "invalid duration (use ms, s, m, h)".to_owned()),
        TextRule::StartTime => check_time(text, false).map(str::to_owned),
        TextRule::EndTime => check_time(text, true).map(str::to_owned),
    }
}

/// A number, with or without unit. An empty text counts as unset.
fn is_duration(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    if lower.is_empty() {
        return true;
    }
    let number =
        ["ms", "s", "m", "h", "d"].iter().find_map(|unit| lower.strip_suffix(unit)).unwrap_or(&lower);
    let mut parts = number.splitn(2, '.');
    parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

fn check_time(text: &str, end: bool) -> Option<&'static str> {
    const FORM: Option<&str> = Some("invalid time (use \"HH:MM\" 24h format)");
    let Some((hours, minutes)) = text.split_once(':') else { return FORM };
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !two_digits(hours) || !two_digits(minutes) || hours > "24" || minutes > "59" {
        return FORM;
    }
    match (hours, minutes) {
        ("24", "00") if end => None,
        ("24", "00") => Some("invalid time (start cannot be 24:00)"),
        ("24", _) => Some("invalid time (24:00 is the only allowed 24:xx value)"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: TextRule, text: &str, expect: Option<&str>) {
        assert_eq!(check_text(rule, text).as_deref(), expect, "{text}");
    }

    #[test]
    fn durations_are_a_number_and_a_unit() {
        for text in ["30m", "90", "0", "5d", "1.5h", "1H", "10ms", "2s", " 5m ", ""] {
            check(TextRule::Duration, text, None);
        }
        for text in ["1h30m", "30 m", "5w", "-5m", "m", "1.", ".5h"] {
            check(TextRule::Duration, text, Some("invalid duration (use ms, s, m, h)"));
        }
    }

    #[test]
    fn times_have_two_digits_each() {
        let form = Some("invalid time (use \"HH:MM\" 24h format)");
        check(TextRule::StartTime, "09:00", None);
        check(TextRule::StartTime, "9:00", form);
        check(TextRule::StartTime, "23:60", form);
        check(TextRule::StartTime, "0900", form);
        check(TextRule::StartTime, "24:00", Some("invalid time (start cannot be 24:00)"));
        check(TextRule::EndTime, "24:00", None);
        check(TextRule::EndTime, "24:01", Some("invalid time (24:00 is the only allowed 24:xx value)"));
    }

    #[test]
    fn colors_and_lengths_are_checked() {
        check(TextRule::Color, "#aabbcc", None);
        check(TextRule::Color, "AABBCC", None);
        check(TextRule::Color, "red", Some("expected hex color (RRGGBB)"));
        check(TextRule::AtMost(2), "abc", Some("Too big: expected string to have <=2 characters"));
        check(TextRule::NotEmpty, "", Some("Too small: expected string to have >=1 characters"));
    }
}
