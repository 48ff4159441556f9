//! `${NAME}` in texts: variables of the environment.

use super::super::dotted::Dotted;
use super::super::problem::Problem;
use super::super::tree::{Content, Node};
use super::lexical::DEPTH_LIMIT;
use crate::profile::EnvMap;

/// Replaces every variable.
///
/// `$${NAME}` stands for the literal `${NAME}`; any other `$` is left alone. An unset or empty variable is a
/// problem, and its text is not looked at any further.
pub(super) fn substitute(root: &mut Node, env: &EnvMap, problems: &mut Vec<Problem>) {
    Substitution { env, problems, path: Dotted::default(), depth: 0 }.node(root);
}

struct Substitution<'s> {
    env: &'s EnvMap,
    problems: &'s mut Vec<Problem>,
    path: Dotted,
    depth: usize,
}

impl Substitution<'_> {
    fn node(&mut self, node: &mut Node) {
        // Every file is within the limit; includes within includes may not be.
        if self.depth > DEPTH_LIMIT {
            self.problems.push(Problem {
                path: self.path.to_string(),
                message: format!("Nested too deeply: more than {DEPTH_LIMIT} levels"),
                suggestion: None,
                span: Some(node.span),
            });
            node.content = Content::Unknown;
            return;
        }
        self.depth += 1;
        self.content(node);
        self.depth -= 1;
    }

    fn content(&mut self, node: &mut Node) {
        match &mut node.content {
            Content::Text(text) if text.contains("${") => match expand(text, self.env) {
                Ok(expanded) => *text = expanded,
                Err(missing) => {
                    for name in missing {
                        self.problems.push(Problem {
                                path: self.path.to_string(),
                                message: format!(
                                    "Missing env var \"{name}\" referenced at config path: {}",
                                    self.path
                                ),
                                suggestion: Some(format!(
                                    "set {name} in the environment or in the profile's .env, or write $${{{name}}} for \
                                     the text itself"
                                )),
                                span: Some(node.span),
                            });
                    }
                    node.content = Content::Unknown;
                }
            },
            Content::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let mark = self.path.enter_index(index);
                    self.node(item);
                    self.path.leave(mark);
                }
            }
            Content::Object(members) => {
                for member in &mut members.list {
                    let mark = self.path.enter_key(&member.key);
                    self.node(&mut member.value);
                    self.path.leave(mark);
                }
            }
            _ => {}
        }
    }
}

/// The text with its variables replaced, or the names of those that are missing.
fn expand(text: &str, env: &EnvMap) -> Result<String, Vec<String>> {
    let mut expanded = String::with_capacity(text.len());
    let mut missing: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(name) = rest.strip_prefix('$').and_then(reference) {
            match env.raw(name).filter(|value| !value.is_empty()) {
                Some(value) => expanded.push_str(value),
                None if missing.iter().any(|known| known == name) => {}
                None => missing.push(name.to_owned()),
            }
            rest = &rest[name.len() + "${}".len()..];
        } else if let Some(name) = rest.strip_prefix("$$").and_then(reference) {
            expanded.push_str(&rest[1..name.len() + "$${}".len()]);
            rest = &rest[name.len() + "$${}".len()..];
        } else {
            expanded.push('$');
            rest = &rest[1..];
        }
    }
    expanded.push_str(rest);
    if missing.is_empty() { Ok(expanded) } else { Err(missing) }
}

/// The variables that a text names.
pub(crate) fn references(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("${")
        .filter(|(at, _)| !text[..*at].ends_with('$'))
        .filter_map(|(at, _)| reference(&text[at + 1..]))
}

/// The name in `{NAME}` at the start of a text.
fn reference(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    let mut bytes = name.bytes();
    let starts = bytes.next().is_some_and(|b| b.is_ascii_uppercase() || b == b'_');
    (starts && bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Result<&str, &[&str]>) {
        let env = EnvMap::from([("A", "one"), ("B_2", " two "), ("EMPTY", ""), ("NESTED", "${A}")]);
        let found = expand(text, &env);
        assert_eq!(
            found.as_deref().map_err(|names| names.iter().map(String::as_str).collect::<Vec<_>>()),
            expect.map_err(<[&str]>::to_vec),
            "{text}"
        );
    }

    #[test]
    fn variables_are_replaced_as_published() {
        check("${A}", Ok("one"));
        check("x${A}y${B_2}z", Ok("xoney two z"));
        check("$${A}", Ok("${A}"));
        check("$$${A}", Ok("$${A}"));
        check("${lower} $A ${A ${} $", Ok("${lower} $A ${A ${} $"));
        check("${NESTED}", Ok("${A}"));
        check("${NOPE} ${EMPTY} ${NOPE}", Err(&["NOPE", "EMPTY"]));
        check("${ä}", Ok("${ä}"));
    }
}
