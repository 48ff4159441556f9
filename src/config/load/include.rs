//! `$include`: other files merged into the document.
//!
//! Objects merge key by key, arrays are concatenated, and otherwise the later value wins; the keys beside `$include`
//! are merged over what it includes.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use super::super::dotted::Dotted;
use super::super::problem::Problem;
use super::super::tree::{Content, Member, Members, Node, Span};
use super::file::{ReadFault, read};
use super::json5::{INCLUDE, Parsed, parse};
use super::source::Sources;

/// How many files may include each other in a chain, the main file not counted.
const CHAIN_LIMIT: usize = 10;

/// How many includes one configuration may perform, so that a small file cannot multiply itself without end.
const INCLUDE_LIMIT: usize = 1000;

/// How many bytes of included text one configuration may have, counted once per include.
const TOTAL_LIMIT: usize = 64 * 1024 * 1024;

/// What reading collects over all files.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) sources: Sources,
    pub(super) problems: Vec<Problem>,
    /// The main file and every file that an include names, also those that could not be read.
    pub(super) files: Vec<PathBuf>,
}

/// Replaces every `$include` of the main file.
pub(super) fn expand(reading: &mut Reading, main: &Path, root: Node) -> Node {
    let mut expander =
        Expander { reading, chain: vec![main.to_owned()], loaded: HashMap::new(), includes: 0, bytes: 0 };
    expander.node(root, &mut Dotted::default())
}

struct Expander<'r> {
    reading: &'r mut Reading,
    /// The files being expanded, the main file first.
    chain: Vec<PathBuf>,
    /// What was parsed before; `None` when that failed.
    loaded: HashMap<PathBuf, Option<(Parsed, usize)>>,
    includes: usize,
    bytes: usize,
}

impl Expander<'_> {
    fn node(&mut self, node: Node, path: &mut Dotted) -> Node {
        let Node { span, content } = node;
        let content = match content {
            Content::List(items) => {
                let expanded = items.into_iter().enumerate().map(|(index, item)| {
                    let mark = path.enter_index(index);
                    let item = self.node(item, path);
                    path.leave(mark);
                    item
                });
                Content::List(expanded.collect())
            }
            Content::Object(members) => return self.object(span, members, path),
            other => other,
        };
        Node { span, content }
    }

    fn object(&mut self, span: Span, members: Members, path: &mut Dotted) -> Node {
        let mut directive = None;
        let mut siblings = Members { list: Vec::with_capacity(members.list.len()), partial: members.partial };
        for Member { key, key_span, value } in members.list {
            if key == INCLUDE {
                directive = Some(value);
            } else {
                let mark = path.enter_key(&key);
                let value = self.node(value, path);
                path.leave(mark);
                siblings.list.push(Member { key, key_span, value });
            }
        }
        let Some(directive) = directive else {
            return Node { span, content: Content::Object(siblings) };
        };
        let included = self.directive(&directive, path);
        if siblings.list.is_empty() {
            return included;
        }
        match included.content {
            Content::Object(base) => Node { span, content: Content::Object(merge_members(base, siblings)) },
            Content::Unknown => {
                Node { span, content: Content::Object(Members { partial: true, ..siblings }) }
            }
            _ => {
                self.report(
                    path,
                    directive.span,
                    "Sibling keys require included content to be an object".to_owned(),
                    None,
                );
                Node { span, content: Content::Object(Members { partial: true, ..siblings }) }
            }
        }
    }

    /// The value of `$include`: one file or several.
    fn directive(&mut self, directive: &Node, path: &mut Dotted) -> Node {
        match &directive.content {
            Content::Text(name) => self.file(name, directive.span, path),
            Content::List(names) => {
                let mut merged: Option<Node> = None;
                for name in names {
                    let next = if let Content::Text(text) = &name.content {
                        self.file(text, name.span, path)
                    } else {
                        let kind = kind_name(&name.content);
                        self.report(
                            path,
                            name.span,
                            format!("Invalid $include array item: expected string, got {kind}"),
                            None,
                        );
                        Node { span: name.span, content: Content::Unknown }
                    };
                    merged = Some(match merged {
                        Some(earlier) => merge(earlier, next),
                        None => next,
                    });
                }
                merged.unwrap_or(Node { span: directive.span, content: Content::Object(Members::default()) })
            }
            other => {
                let kind = kind_name(other);
                self.report(
                    path,
                    directive.span,
                    format!("Invalid $include value: expected string or array of strings, got {kind}"),
                    None,
                );
                Node { span: directive.span, content: Content::Unknown }
            }
        }
    }

    fn file(&mut self, name: &str, span: Span, path: &mut Dotted) -> Node {
        let unknown = Node { span, content: Content::Unknown };
        let parent = self.chain.last().and_then(|file| file.parent()).unwrap_or(Path::new("/"));
        let target = normalize(&parent.join(name));
        if !self.reading.files.contains(&target) {
            self.reading.files.push(target.clone());
        }
        if self.chain.contains(&target) {
            let circle: Vec<_> =
                self.chain.iter().chain([&target]).map(|file| file.display().to_string()).collect();
            let message = format!("Circular include detected: {}", circle.join(" -> "));
            self.report(path, span, message, None);
            return unknown;
        }
        if self.chain.len() > CHAIN_LIMIT {
            let message = format!("Maximum include depth ({CHAIN_LIMIT}) exceeded at: {name}");
            self.report(path, span, message, None);
            return unknown;
        }
        self.includes += 1;
        if self.includes > INCLUDE_LIMIT {
            if self.includes == INCLUDE_LIMIT + 1 {
                self.report(path, span, format!("More than {INCLUDE_LIMIT} includes"), None);
            }
            return unknown;
        }
        let Some((parsed, size)) = self.load(name, &target, span, path) else { return unknown };
        self.bytes = self.bytes.saturating_add(size);
        if self.bytes > TOTAL_LIMIT {
            let limit = TOTAL_LIMIT / 1024 / 1024;
            self.report(path, span, format!("More than {limit} MiB of included text"), None);
            // Nothing more is included, and this is said once.
            self.includes = INCLUDE_LIMIT + 1;
            return unknown;
        }
        if !parsed.has_include {
            return parsed.root;
        }
        self.chain.push(target);
        let node = self.node(parsed.root, path);
        self.chain.pop();
        node
    }

    /// Reads and parses a file. What was read is parsed, and complained about, once; a file that could not be read is
    /// reported wherever it is named.
    fn load(&mut self, name: &str, target: &Path, span: Span, path: &Dotted) -> Option<(Parsed, usize)> {
        if let Some(known) = self.loaded.get(target) {
            return known.clone();
        }
        let text = match read(target) {
            Ok(text) => text,
            Err(fault) => {
                let mut cause = fault.to_string();
                if matches!(fault, ReadFault::Missing) && name.starts_with('~') {
                    cause.push_str("; ~ has no meaning here, write the whole path");
                }
                let message = format!("Failed to read include file: {name} (resolved: {})", target.display());
                self.report(path, span, message, Some(cause));
                return None;
            }
        };
        let loaded = self.parse_text(name, target, &text, path);
        self.loaded.insert(target.to_owned(), loaded.clone());
        loaded
    }

    fn parse_text(
        &mut self,
        name: &str,
        target: &Path,
        text: &str,
        path: &Dotted,
    ) -> Option<(Parsed, usize)> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let file = self.reading.sources.add(target.to_owned(), text.to_owned());
        match parse(text, file, path, &mut self.reading.problems) {
            Ok(parsed) => Some((parsed, text.len())),
            Err(fault) => {
                let words = fault.message.trim_start_matches("JSON5 parse failed: SyntaxError: ").to_owned();
                let cause = match fault.cause {
                    Some(cause) => format!("{words}: {cause}"),
                    None => words,
                };
                let message =
                    format!("Failed to parse include file: {name} (resolved: {})", target.display());
                self.report(path, fault.span, message, Some(cause));
                None
            }
        }
    }

    fn report(&mut self, path: &Dotted, span: Span, message: String, suggestion: Option<String>) {
        self.reading.problems.push(Problem { path: path.to_string(), message, suggestion, span: Some(span) });
    }
}

/// Merges a later value over an earlier one.
fn merge(earlier: Node, later: Node) -> Node {
    let span = later.span;
    match (earlier.content, later.content) {
        (Content::Object(earlier), Content::Object(later)) => {
            Node { span, content: Content::Object(merge_members(earlier, later)) }
        }
        (Content::List(mut items), Content::List(more)) => {
            items.extend(more);
            Node { span, content: Content::List(items) }
        }
        // What is not known may have had any of the other's members.
        (Content::Object(members), Content::Unknown) | (Content::Unknown, Content::Object(members)) => {
            Node { span, content: Content::Object(Members { partial: true, ..members }) }
        }
        (_, later) => Node { span, content: later },
    }
}

fn merge_members(mut earlier: Members, later: Members) -> Members {
    earlier.partial |= later.partial;
    let positions: HashMap<String, usize> =
        earlier.list.iter().enumerate().map(|(at, member)| (member.key.clone(), at)).collect();
    for member in later.list {
        match positions.get(&member.key).and_then(|&at| earlier.list.get_mut(at)) {
            Some(slot) => {
                let empty = Node { span: member.key_span, content: Content::Null };
                slot.value = merge(std::mem::replace(&mut slot.value, empty), member.value);
                slot.key_span = member.key_span;
            }
            None => earlier.list.push(member),
        }
    }
    earlier
}

/// Resolves `.` and `..` by their text, as the published program does.
fn normalize(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// The JavaScript name of a value's type, as it appears in messages.
fn kind_name(content: &Content) -> &'static str {
    match content {
        Content::Flag(_) => "boolean",
        Content::Number(_) | Content::NonFinite(_) => "number",
        Content::Text(_) => "string",
        Content::Null | Content::List(_) | Content::Object(_) | Content::Unknown => "object",
    }
}

#[cfg(test)]
mod tests;
