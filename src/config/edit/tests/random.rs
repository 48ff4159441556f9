//! Random documents in random manners, with comments wherever they may stand, under random edits.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::super::super::load::tree;
use super::super::super::tree::{Content, Node};
use super::super::rewrite::same;
use super::super::*;

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (-1e6..1e6).prop_map(Value::from),
        r#"[a-z'"\\/\n\t é${}\[\],:]{0,6}"#.prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof!["[a-d]", "[a-z_$][a-zA-Z0-9]{0,3}", "[a-z .'\"-]{1,3}"]
}

fn document() -> impl Strategy<Value = Value> {
    prop::collection::vec((key(), value()), 0..5)
        .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}

/// Writes a value in a manner that changes at every step.
struct Scribe<'c> {
    choices: std::iter::Cycle<std::slice::Iter<'c, u8>>,
    comments: usize,
    text: String,
}

impl Scribe<'_> {
    fn choose(&mut self, below: u8) -> u8 {
        self.choices.next().map_or(0, |choice| choice % below)
    }

    fn trivia(&mut self) {
        for _ in 0..self.choose(3) {
            match self.choose(7) {
                0 => self.text.push('\n'),
                1 => self.text.push_str("\r\n  "),
                2 => self.comment("/*", "*/"),
                3 => self.comment("//", "\n"),
                4 => self.comment(" // ,", "\r\n"),
                5 => self.text.push('\t'),
                _ => self.text.push(' '),
            }
        }
    }

    fn comment(&mut self, open: &str, close: &str) {
        self.text.extend([open, "#", &self.comments.to_string(), "#", close]);
        self.comments += 1;
    }

    fn string(&mut self, text: &str) {
        let json = Value::from(text).to_string();
        if self.choose(2) == 0 || text.contains(['\'', '"', '\\']) {
            self.text.push_str(&json);
        } else {
            self.text.extend(["'", &json[1..json.len() - 1], "'"]);
        }
    }

    fn key(&mut self, key: &str) {
        let bare = key.chars().all(|c| c.is_ascii_alphabetic() || c == '_' || c == '$');
        if bare && self.choose(2) == 0 {
            self.text.push_str(key);
            // The parser takes a `/` right behind a bare key for a part of it.
            self.text.push(' ');
        } else {
            self.string(key);
        }
    }

    fn list<T>(&mut self, brackets: [char; 2], entries: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.text.push(brackets[0]);
        for (index, entry) in entries.iter().enumerate() {
            self.trivia();
            write(self, entry);
            self.trivia();
            if index + 1 < entries.len() || self.choose(2) == 0 {
                self.text.push(',');
            }
        }
        self.trivia();
        self.text.push(brackets[1]);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.string(text),
            Value::Array(items) => self.list(['[', ']'], items, Self::value),
            Value::Object(members) => {
                let members: Vec<_> = members.iter().collect();
                self.list(['{', '}'], &members, |scribe, (key, value)| {
                    scribe.key(key);
                    scribe.trivia();
                    scribe.text.push(':');
                    scribe.trivia();
                    scribe.value(value);
                });
            }
            value => self.text.push_str(&value.to_string()),
        }
    }
}

fn write(value: &Value, choices: &[u8]) -> String {
    let mut scribe = Scribe { choices: choices.iter().cycle(), comments: 0, text: String::new() };
    scribe.trivia();
    scribe.value(value);
    scribe.trivia();
    scribe.text
}

/// Every path of a document, with the stretch that a change of it may touch: its own, and for what is added or
/// removed that of the container.
fn places(node: &Node, container: (usize, usize), at: &[Segment], found: &mut Vec<(ConfigPath, [usize; 4])>) {
    let own = (node.span.start, node.span.end);
    if !at.is_empty() {
        found.push((at.iter().cloned().collect(), [own.0, own.1, container.0, container.1]));
    }
    let mut inner = |segment: Segment, node: &Node| {
        let at: Vec<_> = at.iter().cloned().chain([segment]).collect();
        places(node, own, &at, found);
    };
    match &node.content {
        Content::Object(members) => {
            for member in &members.list {
                inner(Segment::Key(member.key.clone()), &member.value);
            }
        }
        Content::List(items) => {
            items.iter().enumerate().for_each(|(index, item)| inner(Segment::Index(index), item));
        }
        _ => {}
    }
}

fn comments(text: &str) -> Vec<&str> {
    text.split('#').skip(1).step_by(2).collect()
}

#[derive(Debug, Clone)]
enum Act {
    Set(Value),
    Add(String, Value),
    Unset,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        value().prop_map(Act::Set),
        ("[e-h]", value()).prop_map(|(key, value)| Act::Add(key, value)),
        Just(Act::Unset)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_edit_of_the_text_is_the_edit_of_the_value(
        document in document(),
        choices in prop::collection::vec(any::<u8>(), 1..60),
        which in any::<prop::sample::Index>(),
        act in act(),
    ) {
        let text = write(&document, &choices);
        let root = tree(&text);
        prop_assert!(root.is_some(), "{text}");
        let root = root.unwrap();
        prop_assert!(same(&root.to_value(), &document), "{text}");
        let mut found = Vec::new();
        places(&root, (root.span.start, root.span.end), &[], &mut found);
        let add = |path: Option<&ConfigPath>, key: &str| {
            path.into_iter().flat_map(|path| path.segments().to_vec()).chain([Segment::Key(key.to_owned())]).collect()
        };
        let (edit, [start, end]) = match (act, found.is_empty()) {
            (Act::Set(value), false) => {
                let (path, [start, end, ..]) = which.get(&found).clone();
                (Edit::Set { path, value }, [start, end])
            }
            (Act::Unset, false) => {
                let (path, [.., start, end]) = which.get(&found).clone();
                (Edit::Unset { path }, [start, end])
            }
            (Act::Add(key, value), false) => {
                let (path, [start, end, ..]) = which.get(&found).clone();
                (Edit::Set { path: add(Some(&path), &key), value }, [start, end])
            }
            (Act::Add(key, value), true) => {
                (Edit::Set { path: add(None, &key), value }, [root.span.start, root.span.end])
            }
            (_, true) => return Ok(()),
        };
        let mut expected = document.clone();
        if apply(&mut expected, &edit).is_err() {
            return Ok(());
        }
        let edited = rewrite(&text, &expected);
        prop_assert!(edited.is_ok(), "{edit:?}\n{text}\n{edited:?}");
        let edited = edited.unwrap();
        prop_assert!(same(&tree(&edited).unwrap().to_value(), &expected), "{edit:?}\n{text}\n→\n{edited}");
        prop_assert!(edited.starts_with(&text[..start]), "before:\n{text}\n→\n{edited}");
        prop_assert!(edited.ends_with(&text[end..]), "after:\n{text}\n→\n{edited}");

        // Comments inside what is replaced or removed go with it.
        let own = match &edit {
            Edit::Set { path, .. } | Edit::Unset { path } => found.iter().find(|(place, _)| place == path),
            Edit::Merge(_) => None,
        };
        let left = match own {
            None => comments(&text).len(),
            Some((_, [from, to, ..])) => {
                let inside = comments(&text[*from..*to]).len() + key_comments(&root, *from, &text, &edit);
                comments(&text).len() - inside
            }
        };
        prop_assert!(comments(&edited).len() >= left, "{edit:?}\n{text}\n→\n{edited}");
    }

    #[test]
    fn any_text_can_be_made_to_say_anything(
        document in document(),
        target in document(),
        choices in prop::collection::vec(any::<u8>(), 1..60),
    ) {
        let text = write(&document, &choices);
        let edited = rewrite(&text, &target);
        prop_assert!(edited.is_ok(), "{text}\n{target}\n{edited:?}");
        let edited = edited.unwrap();
        prop_assert!(same(&tree(&edited).unwrap().to_value(), &target), "{text}\n→\n{edited}");
        prop_assert_eq!(rewrite(&edited, &target).unwrap(), edited, "a second time changes nothing");
    }
}

/// Comments between a key and its value, which go when the key does.
fn key_comments(node: &Node, value_start: usize, text: &str, edit: &Edit) -> usize {
    if !matches!(edit, Edit::Unset { .. }) {
        return 0;
    }
    match &node.content {
        Content::Object(members) => members
            .list
            .iter()
            .map(|member| {
                if member.value.span.start == value_start {
                    comments(&text[member.key_span.end..value_start]).len()
                } else {
                    key_comments(&member.value, value_start, text, edit)
                }
            })
            .sum(),
        Content::List(items) => items.iter().map(|item| key_comments(item, value_start, text, edit)).sum(),
        _ => 0,
    }
}
