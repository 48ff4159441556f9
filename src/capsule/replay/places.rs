//! Where what a capsule calls `/capsule/home` lies here.

use std::borrow::Cow;

pub use crate::capsule::format::HOME_PLACE as HOME;

/// Directories of a capsule, and where they are in truth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Those inside others first.
    pairs: Vec<(String, String)>,
}

impl Places {
    /// The home directory lies there.
    pub fn of_home(home: &str) -> Self {
        let mut places = Self::default();
        places.add(HOME, home);
        places
    }

    /// One more directory. One that is inside another one has its own place.
    pub fn add(&mut self, inside: &str, outside: &str) {
        self.pairs.push((inside.to_owned(), outside.to_owned()));
        self.pairs.sort_by_key(|(inside, _)| std::cmp::Reverse(inside.len()));
    }

    /// Draws the conclusion from where a gateway says that its state is: as recorded, and here.
    pub(super) fn learn(&mut self, recorded: &str, here: &str) {
        let rest = recorded.strip_prefix(HOME).filter(|rest| rest.starts_with('/'));
        match rest.and_then(|rest| here.strip_suffix(rest)) {
            Some(home) if !home.is_empty() => self.add(HOME, home),
            _ => self.add(recorded, here),
        }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// A text of the capsule, as it is here.
    pub fn outwards<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let pairs = self.pairs.iter().map(|(inside, outside)| (inside.as_str(), outside.as_str()));
        replaced(text, pairs)
    }

    /// A text from here, as the capsule has it.
    pub fn inwards<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut pairs: Vec<(&str, &str)> =
            self.pairs.iter().map(|(inside, outside)| (outside.as_str(), inside.as_str())).collect();
        pairs.sort_by_key(|(outside, _)| std::cmp::Reverse(outside.len()));
        replaced(text, pairs.into_iter())
    }
}

fn replaced<'a, 'p>(text: &'a str, pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(text);
    for (from, to) in pairs {
        if let Some(changed) = replace(&text, from, to) {
            text = Cow::Owned(changed);
        }
    }
    text
}

/// Replaces a directory wherever its name ends there; `None` when it is nowhere.
fn replace(text: &str, from: &str, to: &str) -> Option<String> {
    if from == to || from.is_empty() {
        return None;
    }
    let mut result = String::new();
    let mut done = 0;
    for (start, _) in text.match_indices(from) {
        let end = start + from.len();
        let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if text.as_bytes().get(end).is_some_and(goes_on) {
            continue;
        }
        result.push_str(&text[done..start]);
        result.push_str(to);
        done = end;
    }
    if done == 0 {
        return None;
    }
    result.push_str(&text[done..]);
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_says_where_it_is() {
        let learned = |recorded: &str, here: &str| {
            let mut places = Places::default();
            places.learn(recorded, here);
            places.inwards("/home/you/.clawdbot/x /home/you/clawd").into_owned()
        };
        assert_eq!(
            learned("/capsule/home/.clawdbot", "/home/you/.clawdbot"),
            "/capsule/home/.clawdbot/x /capsule/home/clawd"
        );
        assert_eq!(
            learned("/capsule/home/.clawdbot-dev", "/home/you/.clawdbot"),
            "/capsule/home/.clawdbot-dev/x /home/you/clawd"
        );
    }

    #[test]
    fn there_and_back() {
        let mut places = Places::of_home("/tmp/run/home");
        places.add("/capsule/home/.clawdbot", "/tmp/run/home/.clawdbot-dev");
        for (inside, outside) in [
            ("", ""),
            ("/capsule/home", "/tmp/run/home"),
            ("in /capsule/home.", "in /tmp/run/home."),
            ("/capsule/homework", "/capsule/homework"),
            (
                r#"{"a":"/capsule/home/.clawdbot/x","b":"/capsule/home/clawd"}"#,
                r#"{"a":"/tmp/run/home/.clawdbot-dev/x","b":"/tmp/run/home/clawd"}"#,
            ),
        ] {
            assert_eq!(places.outwards(inside), outside);
            assert_eq!(places.inwards(outside), inside);
        }
        assert_eq!(Places::default().outwards("/capsule/home"), "/capsule/home");
    }
}
