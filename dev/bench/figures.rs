//! What was measured, by name.

use std::collections::BTreeMap;

use crate::stats;

/// Every figure of one run.
#[derive(Debug, Default, Clone)]
pub(crate) struct Figures {
    values: BTreeMap<String, f64>,
}

impl Figures {
    /// Records a figure.
    pub(crate) fn put(&mut self, id: &str, value: f64) {
        self.values.insert(id.to_owned(), value);
    }

    /// Records median and 99th percentile as `ID.p50` and `ID.p99`.
    pub(crate) fn put_spread(&mut self, id: &str, values: &[f64]) {
        if !values.is_empty() {
            self.put(&format!("{id}.p50"), stats::median(values));
            self.put(&format!("{id}.p99"), stats::percentile(values, 99.0));
        }
    }

    /// One figure.
    pub(crate) fn get(&self, id: &str) -> Option<f64> {
        self.values.get(id).copied()
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.values.iter().map(|(id, value)| (id.as_str(), *value))
    }
}

impl FromIterator<(String, f64)> for Figures {
    fn from_iter<I: IntoIterator<Item = (String, f64)>>(values: I) -> Self {
        Self { values: values.into_iter().collect() }
    }
}
