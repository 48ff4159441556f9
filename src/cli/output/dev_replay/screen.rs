//! The result for people: the first difference in its context, then how many there are of what.

use super::Report;
use crate::capsule::replay::{About, Difference, End, Line, What, pretty, unified};
use crate::cli::output::harmless;
use crate::cli::output::paint::{Mark, Paint};

/// Lines of a request, and of a difference, that are shown.
const ASKED: usize = 30;
const SHOWN: usize = 80;
/// Rows of the summary.
const ROWS: usize = 20;

impl Report {
    /// Several lines.
    pub(crate) fn text(&self, paint: Paint) -> String {
        let mut lines = Vec::new();
        if let Some(first) = self.findings.differences.first() {
            difference(first, paint, &mut lines);
        }
        self.summary(paint, &mut lines);
        lines.join("\n")
    }

    fn summary(&self, paint: Paint, lines: &mut Vec<String>) {
        let findings = &self.findings;
        let differ = findings.differ();
        let compared = |wanted: fn(&About) -> bool| findings.compared(wanted);
        let counts = format!(
            "{} connections, {} messages sent; {} answers, {} events, {} closes compared ({:.1} s)",
            findings.opened,
            findings.sent,
            compared(|about| matches!(about, About::Method(_))),
            compared(|about| matches!(about, About::Event(_))),
            compared(|about| matches!(about, About::Close)),
            self.took.as_secs_f64(),
        );
        lines.extend(self.notes.iter().map(|note| format!("{} {}", paint.doubtful("!"), harmless(note))));
        if differ == 0 {
            lines.push(format!("{} it behaves as recorded: {counts}", paint.mark(Mark::Tick)));
            return;
        }
        lines.push(format!("{} {differ} differ: {counts}", paint.mark(Mark::Cross)));
        let differing: Vec<_> = findings.counts.iter().filter(|(_, count)| count.differ > 0).collect();
        let width = differing
            .iter()
            .take(ROWS)
            .map(|(about, _)| name(about).chars().count())
            .max()
            .unwrap_or_default();
        for (about, count) in differing.iter().take(ROWS) {
            let kind = match about {
                About::Method(_) => "answers",
                About::Event(_) => "events",
                About::Close => "closes",
                About::Gateway => "",
            };
            let of = if kind.is_empty() { String::new() } else { format!(" of {} {kind}", count.compared) };
            lines.push(format!("  {:width$}  {}{of}", name(about), count.differ));
        }
        if differing.len() > ROWS {
            lines.push(format!("  and {} more", differing.len() - ROWS));
        }
        if findings.unsent > 0 {
            lines.push(format!(
                "  {} messages were not sent, or reached nobody: their connections were gone",
                findings.unsent
            ));
        }
        if self.is_given_up {
            lines.push("  It was stopped there: what came after would say nothing.".to_owned());
        }
    }
}

/// A name that a capsule gave; nobody's is that of an answer to what was no request.
fn name(about: &About) -> String {
    let name = harmless(about.name());
    if name.is_empty() { "(no method)".to_owned() } else { name }
}

fn difference(difference: &Difference, paint: Paint, lines: &mut Vec<String>) {
    let who = match (difference.connection, difference.client.as_str()) {
        (None, _) => String::new(),
        (Some(connection), "") => format!("connection {connection}: "),
        (Some(connection), client) => format!("connection {connection} ({}): ", harmless(client)),
    };
    let what = match (&difference.about, &difference.what) {
        (About::Method(_), What::Missing(_)) => format!("no answer to {}", name(&difference.about)),
        (About::Method(_), What::Extra(_)) => "an answer that was not recorded".to_owned(),
        (About::Method(_), _) => format!("the answer to {}", name(&difference.about)),
        (About::Event(_), What::Missing(_)) => format!("no event {}", name(&difference.about)),
        (About::Event(_), What::Extra(_)) => {
            format!("an event {} that was not recorded", name(&difference.about))
        }
        (About::Event(_), _) => format!("the event {}", name(&difference.about)),
        (About::Close, _) => "it ends otherwise".to_owned(),
        (About::Gateway, _) => "the gateway has ended".to_owned(),
    };
    #[expect(clippy::cast_precision_loss, reason = "seconds for a person")]
    let seconds = difference.at_ms as f64 / 1000.0;
    lines.push(paint.title(&format!("{who}{what}, {seconds:.1} s into the recording")));
    if let Some(asked) = &difference.asked {
        let is_answer = matches!(difference.about, About::Method(_));
        lines.push(paint.aside(if is_answer { "asked:" } else { "last asked before:" }));
        let asked = serde_json::from_str(asked).map_or_else(|_| asked.clone(), |asked| pretty(&asked));
        block(&asked, ASKED, |line| line, lines);
    }
    match &difference.what {
        What::Content { recorded, mismatches } => {
            lines.push(paint.aside("recorded (-), now (+):"));
            let shown = unified(recorded, mismatches);
            for line in shown.iter().take(SHOWN) {
                lines.push(match line {
                    Line::Both(text) => format!("    {}", harmless(text)),
                    Line::Recorded(text) => paint.bad(&format!("  - {}", harmless(text))),
                    Line::Now(text) => paint.good(&format!("  + {}", harmless(text))),
                    Line::Gap => paint.aside("    …"),
                });
            }
            more(shown.len(), SHOWN, lines);
            if let Some(first) = mismatches.first() {
                let place = harmless(&first.place());
                let rule = format!("path:{place}@{}", name(&difference.about));
                lines.push(paint.aside(&format!("to let it pass: --ignore '{rule}'")));
            }
        }
        What::Missing(recorded) => {
            lines.push(paint.aside("recorded (-), nothing now:"));
            block(&pretty(recorded), SHOWN, |line| paint.bad(&format!("- {line}")), lines);
        }
        What::Extra(now) => {
            lines.push(paint.aside("not recorded, now (+):"));
            block(&pretty(now), SHOWN, |line| paint.good(&format!("+ {line}")), lines);
        }
        What::Ends(recorded, now) => {
            lines.push(paint.bad(&format!("  - {}", end(recorded.as_ref()))));
            lines.push(paint.good(&format!("  + {}", end(now.as_ref()))));
        }
        What::Gone(how) => block(how, SHOWN, |line| line, lines),
    }
    lines.push(String::new());
}

/// Lines of a text, indented, the first ones.
fn block(text: &str, most: usize, shown: impl Fn(String) -> String, lines: &mut Vec<String>) {
    lines.extend(text.lines().take(most).map(|line| format!("  {}", shown(harmless(line)))));
    more(text.lines().count(), most, lines);
}

fn more(count: usize, most: usize, lines: &mut Vec<String>) {
    if count > most {
        lines.push(format!("  … {} more lines; --json has all of it", count - most));
    }
}

fn end(end: Option<&End>) -> String {
    match end {
        None => "it stays open, or the client goes".to_owned(),
        Some(End { code: Some(code), reason }) => format!("closed with {code} {}", harmless(reason)),
        Some(End { code: None, reason }) if reason.is_empty() => "cut off".to_owned(),
        Some(End { code: None, reason }) => format!("cut off: {}", harmless(reason)),
    }
}
