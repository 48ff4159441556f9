//! The stored figures that a run is compared with.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::figures::Figures;
use crate::targets::{CALIBRATION, Row, Unit};

/// A figure that is this much worse than the baseline is a regression.
const TOLERANCE: f64 = 1.5;

/// Times that differ by less than this are the same.
const NOISE_MS: f64 = 1.5;

/// Sizes that differ by less than this are the same.
const NOISE_MIB: f64 = 1.0;

/// `dev/bench` in the source tree.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dev").join("bench")
}

/// The stored figures, when there are any.
pub(crate) fn read() -> Option<Figures> {
    let text = fs::read_to_string(folder().join("baseline.json")).ok()?;
    let value: Value = serde_json::from_str(&text).ok()?;
    let figures = value["figures"].as_object()?;
    Some(figures.iter().filter_map(|(id, value)| Some((id.clone(), value.as_f64()?))).collect())
}

/// Stores `figures`.
pub(crate) fn write(figures: &Figures) {
    let text = serde_json::to_string_pretty(&to_json(figures)).expect("numbers are JSON");
    fs::write(folder().join("baseline.json"), text + "\n").expect("baseline.json is writable");
}

/// The figures as they are stored, rounded to microseconds.
pub(crate) fn to_json(figures: &Figures) -> Value {
    let rounded = |value: f64| (value * 1e3).round() / 1e3;
    let values: serde_json::Map<String, Value> =
        figures.iter().map(|(id, value)| (id.to_owned(), rounded(value).into())).collect();
    serde_json::json!({ "v": 1, "figures": values })
}

/// How many times the baseline a figure is, the speed of the machine taken out; `None` when there is nothing to
/// compare.
pub(crate) fn ratio(row: &Row, now: &Figures, baseline: &Figures) -> Option<f64> {
    let (value, before) = (now.get(row.id)?, baseline.get(row.id)?);
    let machine = match row.unit {
        Unit::Ms => now.get(CALIBRATION)? / baseline.get(CALIBRATION)?,
        Unit::PerSecond => baseline.get(CALIBRATION)? / now.get(CALIBRATION)?,
        Unit::Count | Unit::Mib | Unit::Kib | Unit::Times => 1.0,
    };
    (before > 0.0 && machine > 0.0).then(|| value / before / machine)
}

/// Whether a figure is worse than the baseline by more than noise; without a comparison, whether a count is above
/// its target, which no machine excuses.
pub(crate) fn regressed(row: &Row, now: &Figures, baseline: Option<&Figures>) -> bool {
    let Some(value) = now.get(row.id) else { return false };
    if row.unit == Unit::Count {
        return row.limit.is_some_and(|limit| !limit.is_kept(value));
    }
    let Some(baseline) = baseline else { return false };
    let (Some(ratio), Some(before)) = (ratio(row, now, baseline), baseline.get(row.id)) else { return false };
    // A figure within its target may vary: the target is what counts.
    let is_missed = row.limit.is_none_or(|limit| !limit.is_kept(value));
    is_missed
        && match row.unit {
            Unit::Count => false,
            Unit::Ms => ratio > TOLERANCE && value - before > NOISE_MS,
            Unit::Mib | Unit::Kib => ratio > TOLERANCE && value - before > NOISE_MIB,
            Unit::PerSecond => ratio < 1.0 / TOLERANCE,
            Unit::Times => row.limit.is_some(),
        }
}
