//! What a replay has found.

use std::collections::BTreeMap;

use serde_json::Value;

use super::compare::Mismatch;

/// Differences that are kept with all that belongs to them; more are counted.
pub const KEPT: usize = 100;

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Of which connection, counted from 1 in their order; `None` when it is about the gateway.
    pub connection: Option<usize>,
    /// Who is behind it, as far as it has said so.
    pub client: String,
    /// When it happened in the recording, milliseconds from its first event.
    pub at_ms: u64,
    /// What it is about.
    pub about: About,
    /// The request that it answers, or the last one before it, as recorded.
    pub asked: Option<String>,
    /// What differs.
    pub what: What,
}

/// What a difference is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Answers to a method; messages without one are answered under the name of nobody.
    Method(String),
    /// Events of a name.
    Event(String),
    /// The end of a connection.
    Close,
    /// The gateway as a whole.
    Gateway,
}

/// How a run differs from its recording.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// It says something else.
    Content {
        /// What was recorded.
        recorded: Value,
        /// Where it differs.
        mismatches: Vec<Mismatch>,
    },
    /// It was said then, and not now.
    Missing(Value),
    /// It is said now, and was not then.
    Extra(Value),
    /// A connection ends otherwise: then and now.
    Ends(Option<End>, Option<End>),
    /// The gateway has ended.
    Gone(String),
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The code of the gateway's close; `None` when it was cut without one.
    pub code: Option<u16>,
    /// The reason.
    pub reason: String,
}

/// How much of something was looked at, and what came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Compared.
    pub compared: u64,
    /// Of them different, missing, or too many.
    pub differ: u64,
}

/// What a replay has found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Findings {
    /// The first ones.
    pub differences: Vec<Difference>,
    /// Everything that was looked at.
    pub counts: BTreeMap<About, Count>,
    /// Messages that were sent.
    pub sent: u64,
    /// Messages that were not, or reached nobody, because their connection was gone.
    pub unsent: u64,
    /// Connections that were opened.
    pub opened: u64,
}

// === impl Findings ===

impl Findings {
    /// How many differences there are, those that are not kept too.
    pub fn differ(&self) -> u64 {
        self.counts.values().map(|count| count.differ).sum()
    }

    /// How much of a kind was compared.
    pub fn compared(&self, of: impl Fn(&About) -> bool) -> u64 {
        self.counts.iter().filter(|(about, _)| of(about)).map(|(_, count)| count.compared).sum()
    }

    pub(super) fn same(&mut self, about: About) {
        self.counts.entry(about).or_default().compared += 1;
    }

    pub(super) fn different(&mut self, difference: Difference) {
        let count = self.counts.entry(difference.about.clone()).or_default();
        count.differ += 1;
        count.compared += u64::from(!matches!(difference.what, What::Extra(_)));
        if self.differences.len() < KEPT {
            self.differences.push(difference);
        }
    }
}

// === impl About ===

impl About {
    /// As it is named in a summary.
    pub fn name(&self) -> &str {
        match self {
            Self::Method(name) | Self::Event(name) => name,
            Self::Close => "close",
            Self::Gateway => "gateway",
        }
    }
}
