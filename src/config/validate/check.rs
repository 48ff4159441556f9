//! The walk of a document along the table.

use super::super::dotted::Dotted;
use super::super::problem::Problem;
use super::super::tree::{Content, Member, Members, Node};
use super::cross;
use super::kind::{Bound, Key, Kind, Object, Range};
use super::moved;
use super::nearest::nearest;
use super::tables::ROOT;
use super::wording::{check_text, one_of, received, too_big, too_small, type_advice, wrong_type};

/// The largest integer that every reader holds exactly.
const SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// Objects with more keys than this are not listed in advice.
const LISTED_KEYS: usize = 16;

/// What validation found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What makes the document unusable.
    pub(crate) problems: Vec<Problem>,
    /// What does not.
    pub(crate) warnings: Vec<Problem>,
}

/// Checks a document after includes and substitution, and finds every problem at once.
pub(crate) fn validate(root: &Node) -> Findings {
    let mut walk = Walk { problems: Vec::new(), path: Dotted::default() };
    walk.value(&Kind::Object(&ROOT), root);
    let mut findings = Findings { problems: walk.problems, warnings: Vec::new() };
    cross::check(root, &mut findings);
    findings
}

struct Walk {
    problems: Vec<Problem>,
    path: Dotted,
}

impl Walk {
    fn value(&mut self, kind: &Kind, node: &Node) {
        match (kind, &node.content) {
            (_, Content::Unknown) | (Kind::Flag, Content::Flag(_)) => {}
            (Kind::Any, _) => self.anything(node),
            (Kind::Object(object), Content::Object(members)) => self.object(object, node, members),
            (Kind::Map(kind), Content::Object(members)) => {
                for member in &members.list {
                    self.member(kind, member);
                }
            }
            (Kind::List(kind), Content::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let mark = self.path.enter_index(index);
                    self.value(kind, item);
                    self.path.leave(mark);
                }
            }
            (Kind::Text(rule), Content::Text(text)) => {
                if let Some(message) = check_text(*rule, text) {
                    self.report(node, message, None);
                }
            }
            (Kind::Number(range), Content::Number(number)) => {
                self.range(node, number.as_f64().unwrap_or_default(), *range, None);
            }
            (Kind::Integer(range), Content::Number(number)) => {
                self.integer(node, number.as_f64().unwrap_or_default(), *range);
            }
            (Kind::Choice(choices) | Kind::Option(choices), Content::Text(text)) => {
                self.choice(kind, choices, node, text);
            }
            (Kind::Only(only), Content::Text(text)) if text == only => {}
            (Kind::Either(kinds), content) => match kinds.iter().find(|kind| fits(kind, content)) {
                Some(kind) => self.value(kind, node),
                None => self.report(node, "Invalid input".to_owned(), None),
            },
            (kind, content) => {
                let advice = type_advice(kind, content);
                self.report(node, wrong_type(kind, received(content)), advice);
            }
        }
    }

    fn member(&mut self, kind: &Kind, member: &Member) {
        let mark = self.path.enter_key(&member.key);
        self.value(kind, &member.value);
        self.path.leave(mark);
    }

    fn object(&mut self, object: &Object, node: &Node, members: &Members) {
        for member in &members.list {
            match (object.find(&member.key), &object.rest) {
                (Some(key), _) => self.member(&key.kind, member),
                (None, Some(kind)) => self.member(kind, member),
                (None, None) => self.unknown_key(object, member),
            }
        }
        if members.partial {
            return;
        }
        for key in object.keys.iter().filter(|key| key.required) {
            if members.get(key.name).is_none() {
                self.missing_key(key, node);
            }
        }
    }

    fn missing_key(&mut self, key: &Key, node: &Node) {
        let mark = self.path.enter_key(key.name);
        self.problems.push(Problem {
            path: self.path.to_string(),
            message: wrong_type(&key.kind, "undefined"),
            suggestion: Some(format!("add the key \"{}\"", key.name)),
            span: Some(node.span.head()),
        });
        self.path.leave(mark);
    }

    fn unknown_key(&mut self, object: &Object, member: &Member) {
        let parent = self.path.as_str();
        let moved = moved::find(parent, &member.key);
        let (path, message) = match moved.and_then(|moved| moved.legacy) {
            Some(text) => {
                let path =
                    if parent.is_empty() { member.key.clone() } else { format!("{parent}.{}", member.key) };
                (path, text.to_owned())
            }
            None => (parent.to_owned(), format!("Unrecognized key: \"{}\"", member.key)),
        };
        let suggestion = match moved {
            Some(moved) => Some(format!("use {}", moved.to)),
            None => advise_key(object, parent, &member.key),
        };
        self.problems.push(Problem { path, message, suggestion, span: Some(member.key_span) });
    }

    fn choice(&mut self, kind: &Kind, choices: &[&str], node: &Node, text: &str) {
        if choices.contains(&text) {
            return;
        }
        let advice = match nearest(text, choices.iter().copied()) {
            Some(choice) => format!("did you mean \"{choice}\"?"),
            None => one_of(choices),
        };
        self.report(node, wrong_type(kind, "string"), Some(advice));
    }

    fn integer(&mut self, node: &Node, value: f64, range: Range) {
        let advice = (range.max == Some(65535.0)).then(|| "a port is a number from 1 to 65535".to_owned());
        if value.fract() != 0.0 {
            self.report(node, "Invalid input: expected int, received number".to_owned(), advice);
        } else if value > SAFE_INTEGER {
            self.report(node, too_big("int", SAFE_INTEGER), advice);
        } else if value < -SAFE_INTEGER {
            self.report(node, too_small("int", Bound::AtLeast(-SAFE_INTEGER)), advice);
        } else {
            self.range(node, value, range, advice);
        }
    }

    fn range(&mut self, node: &Node, value: f64, range: Range, advice: Option<String>) {
        let below = range.min.filter(|bound| match *bound {
            Bound::AtLeast(min) => value < min,
            Bound::Above(min) => value <= min,
        });
        if let Some(bound) = below {
            self.report(node, too_small("number", bound), advice);
        } else if let Some(max) = range.max.filter(|&max| value > max) {
            self.report(node, too_big("number", max), advice);
        }
    }

    /// Where anything goes, only what JSON cannot express is refused.
    fn anything(&mut self, node: &Node) {
        match &node.content {
            Content::NonFinite(_) => {
                let name = received(&node.content);
                self.report(node, format!("Invalid input: {name} has no form in JSON"), None);
            }
            Content::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let mark = self.path.enter_index(index);
                    self.anything(item);
                    self.path.leave(mark);
                }
            }
            Content::Object(members) => {
                for member in &members.list {
                    self.member(&Kind::Any, member);
                }
            }
            _ => {}
        }
    }

    fn report(&mut self, node: &Node, message: String, suggestion: Option<String>) {
        let path = self.path.to_string();
        self.problems.push(Problem { path, message, suggestion, span: Some(node.span) });
    }
}

/// Whether a value has the type of a kind; its content may still be wrong.
fn fits(kind: &Kind, content: &Content) -> bool {
    matches!(
        (kind, content),
        (Kind::Any, _)
            | (Kind::Flag, Content::Flag(_))
            | (Kind::Text(_) | Kind::Choice(_) | Kind::Option(_) | Kind::Only(_), Content::Text(_))
            | (Kind::Number(_) | Kind::Integer(_), Content::Number(_))
            | (Kind::List(_), Content::List(_))
            | (Kind::Map(_) | Kind::Object(_), Content::Object(_))
    )
}

/// What may have been meant by an unknown key.
fn advise_key(object: &Object, parent: &str, key: &str) -> Option<String> {
    if let Some(near) = nearest(key, object.keys.iter().map(|key| key.name)) {
        return Some(format!("did you mean \"{near}\"?"));
    }
    if !parent.is_empty() && ROOT.find(key).is_some() {
        return Some(format!("\"{key}\" belongs at the top level"));
    }
    if object.keys.is_empty() || object.keys.len() > LISTED_KEYS {
        return None;
    }
    let names: Vec<_> = object.keys.iter().map(|key| key.name).collect();
    Some(format!("the keys here are {}", names.join(", ")))
}

#[cfg(test)]
mod tests;
