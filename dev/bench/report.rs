//! What the benchmark says: a table for people, JSON for programs.

use std::fs;

use crate::baseline;
use crate::figures::Figures;
use crate::options::Options;
use crate::targets::{Limit, Row, TABLE, Unit};

/// Prints one line.
#[expect(clippy::print_stdout, reason = "the report is the output of the benchmark")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Prints the table.
pub(crate) fn table(figures: &Figures, stored: Option<&Figures>) {
    line(&format!(
        "\n{:<66} {:>12} {:>12} {:>8} {:>9}",
        "figure", "measured", "target", "verdict", "baseline"
    ));
    for row in TABLE {
        let Some(value) = figures.get(row.id) else { continue };
        let target = match row.limit {
            None => String::new(),
            Some(Limit::AtMost(limit)) => format!("≤ {}", with_unit(row, limit)),
            Some(Limit::AtLeast(limit)) => format!("≥ {}", with_unit(row, limit)),
        };
        let verdict = match row.limit {
            None => "",
            Some(limit) if limit.is_kept(value) => "ok",
            Some(_) => "MISSED",
        };
        let ratio = stored.and_then(|stored| baseline::ratio(row, figures, stored));
        let ratio = ratio.map_or(String::new(), |ratio| format!("× {ratio:.2}"));
        let measured = with_unit(row, value);
        line(&format!("{:<66} {measured:>12} {target:>12} {verdict:>8} {ratio:>9}", row.what));
    }
    for row in regressions(figures, stored) {
        line(&format!("worse than the baseline or the target: {} ({})", row.what, row.id));
    }
    for (id, value) in figures.iter().filter(|(id, _)| TABLE.iter().all(|row| row.id != *id)) {
        line(&format!("not in the table of targets: {id} = {value}"));
    }
}

/// The rows that became worse.
pub(crate) fn regressions(figures: &Figures, stored: Option<&Figures>) -> Vec<&'static Row> {
    TABLE.iter().filter(|row| baseline::regressed(row, figures, stored)).collect()
}

/// Writes the figures to `dev/bench/out/latest.json` and to where the command line says.
pub(crate) fn write(figures: &Figures, options: &Options) {
    let text = serde_json::to_string_pretty(&baseline::to_json(figures)).expect("numbers are JSON") + "\n";
    let folder = baseline::folder().join("out");
    let latest = folder.join("latest.json");
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&latest, &text));
    let also = options.json.as_ref().map_or(Ok(()), |path| fs::write(path, &text));
    for problem in [written, also].into_iter().filter_map(Result::err) {
        line(&format!("failed to write the figures: {problem}"));
    }
    line(&format!("figures: {}", latest.display()));
}

fn with_unit(row: &Row, value: f64) -> String {
    match row.unit {
        Unit::Ms if value < 100.0 => format!("{value:.2} ms"),
        Unit::Ms => format!("{value:.0} ms"),
        Unit::Count => format!("{value:.0}"),
        Unit::Mib => format!("{value:.1} MiB"),
        Unit::Kib => format!("{value:.1} KiB"),
        Unit::PerSecond => format!("{value:.0}/s"),
        Unit::Times if value < 1.0 => format!("× {value:.3}"),
        Unit::Times => format!("× {value:.1}"),
    }
}
