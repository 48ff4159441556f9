//! Rules that are typed: `event:NAME`, `method:NAME`, `path:PATTERN[@NAME]`, `close`.

use std::str::FromStr;

use crate::capsule::replay::compare::{Segment, Subject};

/// What is not compared, because somebody says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ignore {
    /// Events of this name; they are not waited for either.
    Event(Name),
    /// Answers to this method.
    Method(Name),
    /// Members at this place, with all below them, in frames of this name.
    Path(Vec<Step>, Option<Name>),
    /// Codes and reasons of closes.
    Close,
}

/// A name, in which `*` stands for anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// A step on the way to a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The member of this name, or the item of this number.
    Named(Name),
    /// Any number of steps, none too.
    Any,
}

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no rule: event:NAME, method:NAME, path:a.*.b[@NAME], or close; `*` is any name, `**` any way"
)]
pub struct IgnoreError {
    text: String,
}

impl FromStr for Ignore {
    type Err = IgnoreError;

    fn from_str(text: &str) -> Result<Self, IgnoreError> {
        let wrong = || IgnoreError { text: text.to_owned() };
        let name = |name: &str| {
            let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
            if is_name { Ok(Name(name.to_owned())) } else { Err(wrong()) }
        };
        if text == "close" {
            return Ok(Self::Close);
        }
        match text.split_once(':') {
            Some(("event", event)) => Ok(Self::Event(name(event)?)),
            Some(("method", method)) => Ok(Self::Method(name(method)?)),
            Some(("path", path)) => {
                let (path, of) = match path.rsplit_once('@') {
                    Some((path, of)) => (path, Some(name(of)?)),
                    None => (path, None),
                };
                let step =
                    |step: &str| if step == "**" { Ok(Step::Any) } else { name(step).map(Step::Named) };
                Ok(Self::Path(path.split('.').map(step).collect::<Result<_, _>>()?, of))
            }
            _ => Err(wrong()),
        }
    }
}

// === impl Ignore ===

impl Ignore {
    /// Whether it is about everything of this subject.
    pub(super) fn fits(&self, subject: &Subject<'_>) -> bool {
        match (self, subject) {
            (Self::Event(name), Subject::Event(event)) => name.is(event),
            (Self::Method(name), Subject::Answer(method)) => name.is(method),
            _ => false,
        }
    }

    /// Whether it is about this place.
    pub(super) fn covers(&self, subject: &Subject<'_>, path: &[Segment<'_>]) -> bool {
        match self {
            Self::Path(steps, of) => {
                of.as_ref().is_none_or(|name| name.is(subject.name())) && leads(steps, path)
            }
            Self::Event(_) | Self::Method(_) | Self::Close => false,
        }
    }
}

/// Whether the steps lead to this place, or to something that it is in.
fn leads(steps: &[Step], path: &[Segment<'_>]) -> bool {
    match (steps, path) {
        ([], _) => true,
        ([Step::Any, rest @ ..], _) => (0..=path.len()).any(|skipped| leads(rest, &path[skipped..])),
        ([Step::Named(name), rest @ ..], [segment, path @ ..]) => {
            let fits = match segment {
                Segment::Key(key) => name.is(key),
                Segment::Index(index) => name.is(&index.to_string()),
            };
            fits && leads(rest, path)
        }
        ([Step::Named(_), ..], []) => false,
    }
}

impl Name {
    fn is(&self, name: &str) -> bool {
        fits(&self.0, name)
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            let ends = rest.char_indices().map(|(index, _)| index).chain([rest.len()]);
            ends.into_iter().any(|index| fits(after, &rest[index..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_covered_with_all_below_them() {
        let sessions = Subject::Answer("sessions.list");
        let path =
            [Segment::Key("payload"), Segment::Key("sessions"), Segment::Index(3), Segment::Key("updatedAt")];
        for (rule, expected) in [
            ("path:payload.sessions.*.updatedAt", true),
            ("path:payload.sessions", true),
            ("path:payload.sessions.3", true),
            ("path:payload.sessions.4", false),
            ("path:**.updatedAt", true),
            ("path:**.*At", true),
            ("path:payload.sessions.*.updatedAt.more", false),
            ("path:sessions", false),
            ("path:**.updatedAt@sessions.*", true),
            ("path:**.updatedAt@status", false),
            ("method:sessions.list", false),
        ] {
            assert_eq!(rule.parse::<Ignore>().unwrap().covers(&sessions, &path), expected, "{rule}");
        }
    }

    #[test]
    fn subjects_are_named() {
        for (rule, subject, expected) in [
            ("event:presence", Subject::Event("presence"), true),
            ("event:node.*", Subject::Event("node.pair.requested"), true),
            ("event:presence", Subject::Answer("presence"), false),
            ("method:status", Subject::Answer("status"), true),
            ("method:status", Subject::Answer("cron.status"), false),
            ("close", Subject::Answer("close"), false),
        ] {
            assert_eq!(rule.parse::<Ignore>().unwrap().fits(&subject), expected, "{rule}");
        }
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for text in ["", "presence", "event:", "method:a b", "path:", "path:a..b", "path:a@", "closes", "x:y"]
        {
            assert!(text.parse::<Ignore>().is_err(), "{text}");
        }
    }
}
