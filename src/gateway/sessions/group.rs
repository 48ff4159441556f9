//! What the key of a group's session tells, and the name that a session of a channel has for people. Pure.

use crate::gateway::agents::AgentKey;

/// A channel and what the session is of there: `CHANNEL:group:ID` or `CHANNEL:channel:ID`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GroupKey<'a> {
    /// As the key spells it.
    pub(super) channel: &'a str,
    /// Everything behind the kind, threads and topics included.
    pub(super) id: String,
}

/// What a session of a channel may be named after.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) group_channel: Option<&'a str>,
    pub(super) space: Option<&'a str>,
    pub(super) subject: Option<&'a str>,
    /// Stands in for all of them.
    pub(super) id: &'a str,
}

impl<'a> GroupKey<'a> {
    /// Reads a key, with an agent or without one.
    pub(super) fn parse(key: &'a str) -> Option<Self> {
        let rest = AgentKey::parse(key).map_or(key, |key| key.rest);
        let mut parts = rest.split(':').filter(|part| !part.is_empty());
        let channel = parts.next()?;
        parts.next().filter(|kind| matches!(*kind, "group" | "channel"))?;
        let id = parts.collect::<Vec<_>>().join(":");
        (!id.is_empty()).then_some(Self { channel, id })
    }
}

/// `discord:guild#general`, `telegram:g-friends`: in one form whatever the channel calls its groups.
pub(super) fn display_name(channel: &str, names: Names<'_>) -> String {
    let channel = channel.trim().to_lowercase();
    let token = token(names);
    match token.as_str() {
        "" => channel,
        // What says itself what it is, or already is in this form.
        _ if token.starts_with('@') || token.starts_with("g-") || token.contains('#') => {
            format!("{channel}:{token}")
        }
        _ => format!("{channel}:g-{token}"),
    }
}

fn token(names: Names<'_>) -> String {
    let Names { group_channel, space, subject, id } = names;
    match (group_channel, space) {
        (Some(room), Some(space)) if room.starts_with('#') => plain(&format!("{space}{room}")),
        (Some(room), Some(space)) => plain(&format!("{space}#{room}")),
        (Some(room), None) => plain(room),
        // Only of a room is a leading `#` part of the name.
        (None, _) => plain(subject.or(space).unwrap_or(id)).trim_start_matches('#').to_owned(),
    }
}

/// Lower case; of what is no ASCII letter, digit, or one of `#@._+`, one `-`, and none at the ends.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() || "#@._+".contains(letter) {
            plain.push(letter);
        } else if !plain.ends_with('-') {
            plain.push('-');
        }
    }
    plain.trim_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let of = |channel, id: &str| Some(GroupKey { channel, id: id.to_owned() });
        for (key, expect) in [
            ("agent:main:telegram:group:theirs", of("telegram", "theirs")),
            ("discord:channel:general", of("discord", "general")),
            ("agent:main:slack:channel:C01:thread:17.5", of("slack", "C01:thread:17.5")),
            ("agent:main:telegram:group:-1:topic:2", of("telegram", "-1:topic:2")),
            ("agent:main:Telegram:Group:x", None),
            ("agent:main:telegram:dm:5", None),
            ("agent:main:group:5", None),
            ("agent:main:telegram:group:", None),
            ("agent:main::group:x", None),
            ("agent:main:a:b:group:x", None),
            ("agent:main:cron:abc", None),
            ("global", None),
            ("", None),
        ] {
            assert_eq!(GroupKey::parse(key), expect, "{key}");
        }
    }

    #[track_caller]
    fn check(names: Names<'_>, expect: &str) {
        assert_eq!(display_name(" Slack ", Names { id: "ID", ..names }), expect);
    }

    #[test]
    fn names() {
        let subject = |subject| Names { subject: Some(subject), ..Names::default() };
        let space = |space| Names { space: Some(space), ..Names::default() };
        let room = |group_channel| Names { group_channel: Some(group_channel), ..Names::default() };
        let both = |space, room| Names { space: Some(space), group_channel: Some(room), ..Names::default() };
        check(Names::default(), "slack:g-id");
        check(subject("Friends & Family"), "slack:g-friends-family");
        check(subject("ünï çødé"), "slack:g-n-d");
        check(subject("##x"), "slack:g-x");
        check(subject("a#b"), "slack:a#b");
        check(subject("g-x"), "slack:g-x");
        check(subject("...dots..."), "slack:g-dots");
        check(subject("a_b.c+d/e:f"), "slack:g-a_b.c+d-e-f");
        check(subject("@at Name--x"), "slack:@at-name-x");
        check(subject("!!!"), "slack");
        check(subject("#"), "slack");
        check(space("#s p"), "slack:g-s-p");
        check(room("#General Chat"), "slack:#general-chat");
        check(room("Ch An"), "slack:g-ch-an");
        check(room("##x"), "slack:##x");
        check(both("My Guild", "general"), "slack:my-guild#general");
        check(both("#sp", "x"), "slack:#sp#x");
        check(both("S p", "#x y"), "slack:s-p#x-y");
        check(Names { subject: Some("s"), ..both("G", "c") }, "slack:g#c");
        check(Names { subject: Some("s"), ..room("c") }, "slack:g-c");
        check(Names { subject: Some("s"), ..space("c") }, "slack:g-s");
    }
}
