//! Two frames → where they differ, by the rules; and which identifiers stand for which.
//!
//! A comparison decides nothing and remembers nothing: what it learned is a value, to be kept or thrown away.

use std::fmt;

use serde_json::{Map, Value};

use super::learned::{Learned, Pair};
use super::rules::{Member, Rules, is_list_without_order, is_passing, may_be_absent, may_differ};
use super::text;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// The answer to a request of this method.
    Answer(&'a str),
    /// An event of this name.
    Event(&'a str),
}

/// A step into a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment<'a> {
    /// A member of an object.
    Key(&'a str),
    /// An item of a list.
    Index(usize),
}

/// A place where two frames differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// From the frame to the place.
    pub path: Vec<Step>,
    /// What was there; `None` when nothing was.
    pub recorded: Option<Value>,
    /// What is there, with everything that may differ as it was recorded.
    pub here: Option<Value>,
}

/// A step of a [`Mismatch`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A member of an object.
    Key(String),
    /// An item of a list.
    Index(usize),
}

/// What two frames are compared by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure<'a> {
    pub(super) rules: &'a Rules,
    pub(super) learned: &'a Learned,
    /// Whether entries of the presence list may have expired when this was recorded.
    pub(super) may_have_expired: bool,
}

/// What came of a comparison.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) mismatches: Vec<Mismatch>,
    pub(super) pairs: Vec<Pair>,
}

/// Compares two frames.
pub(super) fn compare(measure: Measure<'_>, subject: Subject<'_>, recorded: &Value, here: &Value) -> Outcome {
    let mut walk = Walk { measure, subject, path: Vec::new(), outcome: Outcome::default() };
    walk.values(recorded, here, None);
    walk.outcome
}

struct Walk<'a> {
    measure: Measure<'a>,
    subject: Subject<'a>,
    path: Vec<Segment<'a>>,
    outcome: Outcome,
}

// === impl Subject ===

impl<'a> Subject<'a> {
    /// The method, or the name of the event.
    pub(super) fn name(&self) -> &'a str {
        match self {
            Self::Answer(name) | Self::Event(name) => name,
        }
    }
}

// === impl Walk ===

impl<'a> Walk<'a> {
    /// `of` is the object that it is a member of.
    fn values(&mut self, recorded: &'a Value, here: &'a Value, of: Option<&'a Map<String, Value>>) {
        match (recorded, here) {
            (Value::Object(recorded), Value::Object(here)) => self.objects(recorded, here),
            (Value::Array(recorded), Value::Array(here)) => self.lists(recorded, here),
            (Value::String(recorded), Value::String(here)) if recorded == here => {}
            (Value::String(before), Value::String(now)) => match self.texts(before, now) {
                Some(pairs) => self.outcome.pairs.extend(pairs),
                None => self.different(recorded, here, of),
            },
            // JavaScript writes 1.0 as 1.
            (Value::Number(before), Value::Number(now))
                if before == now || before.as_f64() == now.as_f64() => {}
            _ if recorded == here => {}
            _ => self.different(recorded, here, of),
        }
    }

    fn different(&mut self, recorded: &Value, here: &Value, of: Option<&Map<String, Value>>) {
        let member = Member { subject: self.subject, path: &self.path, of };
        if !may_differ(&member, recorded, here) {
            self.mismatch(Some(recorded.clone()), Some(here.clone()));
        }
    }

    fn mismatch(&mut self, recorded: Option<Value>, here: Option<Value>) {
        if !self.measure.rules.ignores_place(&self.subject, &self.path) {
            let path = self.path.iter().map(Step::from).collect();
            self.outcome.mismatches.push(Mismatch { path, recorded, here });
        }
    }

    /// What stands for what, when two texts differ in nothing else.
    fn texts(&self, recorded: &str, here: &str) -> Option<Vec<Pair>> {
        text::equivalent(recorded, here, self.measure.learned, &self.outcome.pairs)
    }

    fn objects(&mut self, recorded: &'a Map<String, Value>, here: &'a Map<String, Value>) {
        let mut missing = Vec::new();
        for (name, before) in recorded {
            match here.get(name) {
                Some(now) => self.at(Segment::Key(name), |walk| walk.values(before, now, Some(recorded))),
                None => missing.push((name, before)),
            }
        }
        let mut extra: Vec<(&String, &Value)> =
            here.iter().filter(|(name, _)| !recorded.contains_key(*name)).collect();
        for (name, before) in missing {
            // Names may be identifiers as well.
            let same = extra.iter().position(|(other, _)| self.texts(name, other).is_some());
            if let Some(index) = same {
                let (other, now) = extra.remove(index);
                self.outcome.pairs.extend(self.texts(name, other).unwrap_or_default());
                self.at(Segment::Key(name), |walk| walk.values(before, now, Some(recorded)));
            } else {
                self.one_sided(name, Some(before), None, recorded);
            }
        }
        for (name, now) in extra {
            self.one_sided(name, None, Some(now), recorded);
        }
    }

    fn one_sided(
        &mut self,
        name: &'a str,
        recorded: Option<&Value>,
        here: Option<&Value>,
        of: &'a Map<String, Value>,
    ) {
        self.at(Segment::Key(name), |walk| {
            let member = Member { subject: walk.subject, path: &walk.path, of: Some(of) };
            if !may_be_absent(&member) {
                walk.mismatch(recorded.cloned(), here.cloned());
            }
        });
    }

    fn lists(&mut self, recorded: &'a [Value], here: &'a [Value]) {
        if is_list_without_order(&self.subject, &self.path) {
            return self.sets(recorded, here);
        }
        if recorded.len() == here.len() {
            for (index, (before, now)) in recorded.iter().zip(here).enumerate() {
                self.at(Segment::Index(index), |walk| walk.values(before, now, None));
            }
            return;
        }
        // What both have, in the order of both; the rest is shown as it is.
        let mut aligned = Vec::new();
        let mut next = 0;
        for now in here {
            match (next..recorded.len()).find(|&index| self.is_same(index, &recorded[index], now)) {
                Some(index) => {
                    aligned.push(recorded[index].clone());
                    next = index + 1;
                }
                None => aligned.push(now.clone()),
            }
        }
        self.mismatch(Some(Value::Array(recorded.to_vec())), Some(Value::Array(aligned)));
    }

    /// Lists whose order means nothing.
    fn sets(&mut self, recorded: &'a [Value], here: &'a [Value]) {
        let mut left: Vec<&Value> = here.iter().filter(|item| !is_passing(item)).collect();
        let mut common = Vec::new();
        let mut gone = Vec::new();
        for (index, before) in recorded.iter().enumerate().filter(|(_, item)| !is_passing(item)) {
            match left.iter().position(|now| self.is_same(index, before, now)) {
                Some(found) => {
                    let now = left.remove(found);
                    self.at(Segment::Index(index), |walk| walk.values(before, now, None));
                    common.push(before.clone());
                }
                None => gone.push(before.clone()),
            }
        }
        if gone.is_empty() && (left.is_empty() || self.measure.may_have_expired) {
            return;
        }
        let before = [common.clone(), gone].concat();
        common.extend(left.into_iter().cloned());
        self.mismatch(Some(Value::Array(before)), Some(Value::Array(common)));
    }

    /// Whether an item is the same, without learning from it.
    fn is_same(&self, index: usize, recorded: &'a Value, here: &'a Value) -> bool {
        let path = self.path.iter().copied().chain([Segment::Index(index)]).collect();
        let outcome = Outcome { mismatches: Vec::new(), pairs: self.outcome.pairs.clone() };
        let mut walk = Walk { measure: self.measure, subject: self.subject, path, outcome };
        walk.values(recorded, here, None);
        walk.outcome.mismatches.is_empty()
    }

    fn at(&mut self, segment: Segment<'a>, work: impl FnOnce(&mut Self)) {
        self.path.push(segment);
        work(self);
        self.path.pop();
    }
}

// === impl Mismatch ===

impl Mismatch {
    /// The place, as `--ignore path:` takes it.
    pub fn place(&self) -> String {
        self.path.iter().map(Step::to_string).collect::<Vec<_>>().join(".")
    }
}

impl From<&Segment<'_>> for Step {
    fn from(segment: &Segment<'_>) -> Self {
        match segment {
            Segment::Key(name) => Self::Key((*name).to_owned()),
            Segment::Index(index) => Self::Index(*index),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(name) => f.write_str(name),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

#[cfg(test)]
mod tests;
