//! A document with the place of every key and value: what includes, substitution, and validation work on.
//!
//! The places stand in the tree itself, so that they survive the merging of includes.

use serde_json::{Map, Number, Value};

/// A stretch of bytes of one source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    /// Index of the file in `Sources`.
    pub(super) file: usize,
    /// First byte.
    pub(super) start: usize,
    /// Byte after the last one.
    pub(super) end: usize,
}

impl Span {
    /// The first character of this span only, which is ASCII wherever this is used.
    pub(super) fn head(self) -> Self {
        Self { end: self.start + 1, ..self }
    }
}

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) content: Content,
}

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// A value that could not be determined (a failed include, a missing variable). Its problem is reported, and
    /// nothing else is said about it.
    Unknown,
    Null,
    Flag(bool),
    Number(Number),
    /// `Infinity`, `-Infinity`, or `NaN`: legal in JSON5, without a form in JSON.
    NonFinite(NonFinite),
    Text(String),
    List(Vec<Node>),
    Object(Members),
}

/// A number that JSON has no form for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NonFinite {
    Infinity,
    NegativeInfinity,
    NaN,
}

/// The members of an object.
#[derive(Debug, Clone, Default)]
pub(super) struct Members {
    pub(super) list: Vec<Member>,
    /// Whether a failed include may have contributed more members.
    pub(super) partial: bool,
}

/// One member of an object.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Node,
}

impl Node {
    /// The plain value, without places.
    pub(super) fn to_value(&self) -> Value {
        match &self.content {
            Content::Unknown | Content::Null | Content::NonFinite(_) => Value::Null,
            Content::Flag(flag) => Value::Bool(*flag),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Content::Object(members) => {
                let mut map = Map::with_capacity(members.list.len());
                for member in &members.list {
                    map.insert(member.key.clone(), member.value.to_value());
                }
                Value::Object(map)
            }
        }
    }

    /// The plain value, without places and without copying the texts.
    pub(super) fn into_value(self) -> Value {
        match self.content {
            Content::Unknown | Content::Null | Content::NonFinite(_) => Value::Null,
            Content::Flag(flag) => Value::Bool(flag),
            Content::Number(number) => Value::Number(number),
            Content::Text(text) => Value::String(text),
            Content::List(items) => Value::Array(items.into_iter().map(Self::into_value).collect()),
            Content::Object(members) => {
                let mut map = Map::with_capacity(members.list.len());
                for member in members.list {
                    map.insert(member.key, member.value.into_value());
                }
                Value::Object(map)
            }
        }
    }
}

impl Members {
    /// The member with this key.
    pub(super) fn get(&self, key: &str) -> Option<&Member> {
        self.list.iter().find(|member| member.key == key)
    }
}
