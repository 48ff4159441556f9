//! Boxes with a title, for what should be seen at one glance. Pure.
//!
//! Boxes that stand below each other are equally wide, and never wider than the terminal: long values go on in the next
//! line, below their beginning.

use unicode_width::UnicodeWidthStr;

use super::harmless::harmless;
use super::paint::{Mark, Paint};

/// Columns of text in a box that holds little.
const NARROWEST: usize = 36;
/// Columns of text in a box, however wide the terminal.
const WIDEST: usize = 96;
/// Columns that a box needs to be one: in terminals below that, lines run over.
const LEAST: usize = 24;
/// Columns of the two sides.
const SIDES: usize = 4;
/// Columns that a value needs; with fewer beside its label it goes on below it.
const VALUE_LEAST: usize = 12;

/// A box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextBox {
    /// Stands above it.
    pub(crate) title: &'static str,
    /// What is in it.
    pub(crate) rows: Vec<Row>,
}

/// `LABEL: MARK VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    label: &'static str,
    mark: Option<Mark>,
    value: String,
}

/// The lines of boxes for a terminal of so many columns; `None` stands for no terminal, where nothing has to be cut.
pub(crate) fn lines(boxes: &[TextBox], columns: Option<usize>, paint: Paint) -> Vec<String> {
    let most = columns.map_or(usize::MAX, |columns| columns.saturating_sub(SIDES).clamp(LEAST, WIDEST));
    let natural = boxes.iter().flat_map(|one| &one.rows).map(Row::width).max().unwrap_or(0);
    let width = natural.max(NARROWEST).min(most);
    let edge = "─".repeat(width + 2);
    let mut lines = Vec::new();
    for one in boxes {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(paint.title(one.title));
        lines.push(format!("┌{edge}┐"));
        for row in &one.rows {
            lines.extend(row.lines(width, paint));
        }
        lines.push(format!("└{edge}┘"));
    }
    lines
}

// === impl Row ===

impl Row {
    /// A row. Control characters in the value, which may come from anywhere, are shown as spaces.
    pub(crate) fn new(label: &'static str, value: impl AsRef<str>) -> Self {
        Self { label, mark: None, value: harmless(value.as_ref()) }
    }

    /// The same with a mark before the value.
    #[must_use]
    pub(crate) fn marked(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
        self
    }

    fn head(&self) -> String {
        let mark = self.mark.map_or_else(String::new, |mark| format!("{} ", mark.text()));
        format!("{}: {mark}", self.label)
    }

    fn width(&self) -> usize {
        self.head().width() + self.value.width()
    }

    fn lines(&self, width: usize, paint: Paint) -> Vec<String> {
        let head = self.head();
        let beside = head.width();
        let indent = if beside + VALUE_LEAST <= width { beside } else { 2 };
        let pieces = wrap(&self.value, width.saturating_sub(beside), width - indent);
        let painted = match self.mark {
            Some(mark) => format!("{}: {} ", self.label, paint.mark(mark)),
            None => head,
        };
        let line = |(index, piece): (usize, &String)| {
            let (start, used) =
                if index == 0 { (painted.clone(), beside) } else { (" ".repeat(indent), indent) };
            let rest = " ".repeat(width.saturating_sub(used + piece.width()));
            format!("│ {start}{piece}{rest} │")
        };
        pieces.iter().enumerate().map(line).collect()
    }
}

/// Breaks a text at spaces, and words that are too long anywhere, so that the first line takes `first` columns and each
/// other one `rest`. At least one line.
fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut room = first;
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let space = usize::from(!lines[last].is_empty());
        if lines[last].width() + space + word.width() <= room {
            if space == 1 {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
            continue;
        }
        if space == 1 {
            lines.push(String::new());
            room = rest;
        }
        for letter in word.chars() {
            let last = lines.len() - 1;
            let mut longer = lines[last].clone();
            longer.push(letter);
            if longer.width() <= room {
                lines[last] = longer;
            } else {
                lines.push(letter.to_string());
                room = rest;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(columns: Option<usize>, rows: Vec<Row>, expected: &[&str]) {
        let found = lines(&[TextBox { title: "Title", rows }], columns, Paint::new(false));
        assert_eq!(found, expected);
        let widths: Vec<usize> = found[1..].iter().map(|line| line.width()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{widths:?}");
    }

    #[test]
    fn short_rows_have_room() {
        check(
            Some(80),
            vec![Row::new("Port", "18789"), Row::new("Status", "connected").marked(Mark::Tick)],
            &[
                "Title",
                "┌──────────────────────────────────────┐",
                "│ Port: 18789                          │",
                "│ Status: ✓ connected                  │",
                "└──────────────────────────────────────┘",
            ],
        );
    }

    #[test]
    fn long_values_go_on_below_their_beginning() {
        check(
            Some(30),
            vec![
                Row::new("Error", "bind: address already in use by 日本語日本語 (pid 1)"),
                Row::new("Empty", ""),
            ],
            &[
                "Title",
                "┌────────────────────────────┐",
                "│ Error: bind: address       │",
                "│        already in use by   │",
                "│        日本語日本語 (pid   │",
                "│        1)                  │",
                "│ Empty:                     │",
                "└────────────────────────────┘",
            ],
        );
    }

    #[test]
    fn words_that_are_too_long_are_cut_and_nothing_is_lost() {
        let path = "/home/you/日本語/".repeat(4);
        for columns in 0..90 {
            for value in [path.as_str(), "a b c", "", "  two  spaces "] {
                let rows = vec![Row::new("Last gateway error", value).marked(Mark::Cross)];
                let found = lines(&[TextBox { title: "T", rows }], Some(columns), Paint::new(false));
                let width = found[1].width();
                assert!(width <= columns.max(28), "{columns}");
                for line in &found[1..] {
                    assert_eq!(line.width(), width, "{columns}: {line}");
                }
                let letters = |text: &str| text.chars().filter(|c| !" │".contains(*c)).collect::<String>();
                let inside = found[2..found.len() - 1].concat();
                assert_eq!(letters(&inside), letters(&format!("Last gateway error: ✗ {value}")), "{columns}");
            }
        }
    }

    #[test]
    fn boxes_are_equally_wide_and_coloured_outside_of_their_widths() {
        let boxes = [
            TextBox { title: "One", rows: vec![Row::new("A", "x".repeat(50))] },
            TextBox { title: "Two", rows: vec![Row::new("Status", "a\nb\u{1b}[31m").marked(Mark::Cross)] },
        ];
        let found = lines(&boxes, None, Paint::new(true));
        assert_eq!(found[0], "\u{1b}[1mOne\u{1b}[0m");
        assert_eq!(found[7], format!("│ Status: \u{1b}[31m✗\u{1b}[0m a b [31m{} │", " ".repeat(53 - 18)));
        assert_eq!(found[1], found[6]);
    }
}
