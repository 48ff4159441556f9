//! What was measured, by name.

use std::collections::BTreeMap;

use crate::load::Pace;
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

    /// Records what came of a load as `ID.rate`, `ID.p50`, and `ID.p99`; one that failed, which measured nothing, is
    /// told instead.
    pub(crate) fn put_pace(&mut self, id: &str, pace: &Pace) {
        if let Some(failure) = &pace.failure {
            crate::report::line(&format!("  {id}: {failure}"));
            return;
        }
        self.put(&format!("{id}.rate"), pace.per_second);
        self.put_spread(id, &pace.took);
    }

    /// Records how `ID.ours` compares with `ID.published`: `ID.times` the rate, `ID.share` of the 99th percentile.
    pub(crate) fn put_comparison(&mut self, id: &str) {
        for (name, figure) in [("times", "rate"), ("share", "p99")] {
            let of = |whose: &str| self.get(&format!("{id}.{whose}.{figure}"));
            if let (Some(ours), Some(published)) = (of("ours"), of("published")) {
                self.put(&format!("{id}.{name}"), ours / published);
            }
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
