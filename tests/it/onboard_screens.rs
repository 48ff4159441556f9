//! `onboard` as a person sees it, at several widths: what a terminal shows at an open question and at the end, compared
//! with files in `fixtures/screens/onboard`. `CLAWDBOT_TEST_WRITE_SCREENS=1` writes them.

use std::fs;
use std::num::NonZeroU16;
use std::path::Path;

use crate::support::home::Home;
use crate::support::program::inherited;
use crate::support::terminal::Terminal;
use crate::support::wait::PATIENCE;

const ENTER: &str = "\r";

/// More lines than the conversation has, so that nothing scrolls away.
const LINES: u16 = 120;

/// The questions of `onboard --flow advanced`, each as far as it is shown when nothing more will come, and what is
/// typed then.
const QUESTIONS: [(&str, &str); 6] = [
    ("Go on?", ENTER),
    ("Port", ENTER),
    ("Esc stops", ENTER),
    ("Esc stops", ENTER),
    ("Esc stops", ENTER),
    ("Workspace", ENTER),
];

/// What the terminal shows, as text or with its colours.
fn screen(terminal: &Terminal, columns: u16, colours: bool) -> String {
    let size = |count| NonZeroU16::new(count).expect("a terminal");
    let mut parser = vt100::Parser::new(size(LINES), size(columns), 0);
    parser.process(terminal.expect(0, "").as_bytes());
    let screen = parser.screen();
    let rows: Vec<String> = if colours {
        screen.rows_formatted(0, columns).map(|row| row.replace('\u{1b}', "␛")).collect()
    } else {
        screen.rows(0, columns).collect()
    };
    let lines: Vec<&str> = rows.iter().map(|row| row.trim_end()).collect();
    lines.join("\n").trim_end().to_owned()
}

#[track_caller]
fn check(file: &str, shown: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/screens/onboard").join(file);
    let shown = format!("{shown}\n");
    if inherited("CLAWDBOT_TEST_WRITE_SCREENS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &shown).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(shown, expected, "{file}");
}

#[track_caller]
fn onboard(columns: u16, variables: &[(&str, &str)], name: &str, colours: bool) {
    let home = Home::new();
    let arguments = ["onboard", "--no-install-daemon", "--flow", "advanced"];
    let mut terminal = Terminal::sized(&home, &arguments, variables, columns);
    let mut from = 0;
    for (number, (shown, typed)) in QUESTIONS.iter().enumerate() {
        let frame = terminal.expect(from, shown);
        if number == 2 {
            // The cursor comes back when all of it is drawn.
            let end = frame.find(shown).expect("shown") + shown.len();
            terminal.expect(from + end, "\u{1b}[?25h");
            check(&format!("{name}-question.txt"), &screen(&terminal, columns, colours));
        }
        from = terminal.position();
        terminal.press(typed);
    }
    terminal.expect(from, "clawdbot gateway");
    assert_eq!(terminal.ended(PATIENCE).code(), Some(0));
    check(&format!("{name}-end.txt"), &screen(&terminal, columns, colours));
}

#[test]
fn in_a_narrow_terminal() {
    onboard(60, &[("NO_COLOR", "1")], "60", false);
}

#[test]
fn in_a_usual_terminal() {
    onboard(80, &[("NO_COLOR", "1")], "80", false);
}

#[test]
fn in_a_wide_terminal() {
    onboard(200, &[("NO_COLOR", "1")], "200", false);
}

#[test]
fn with_colours() {
    onboard(80, &[], "80-colour", true);
}
