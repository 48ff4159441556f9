//! Diagnoses as people see them.

use std::path::PathBuf;

use super::*;

fn issue(text: &str, column: usize, width: usize) -> Issue {
    Issue {
        path: "gateway.port".to_owned(),
        message: "Invalid input".to_owned(),
        suggestion: Some("did you mean \"port\"?".to_owned()),
        place: Some(Place {
            file: PathBuf::from("/home/you/.clawdbot-dev/clawdbot.json"),
            line: 12,
            column,
            text: text.to_owned(),
            skipped: 0,
            width,
        }),
    }
}

/// The source line and the mark.
#[track_caller]
fn check(text: &str, column: usize, width: usize, source: &str, mark: &str) {
    let lines = render_lines(&[issue(text, column, width)], Path::new("/home/you"));
    let find = |kind| lines.iter().find(|line| line.kind == kind).map(|line| line.text.as_str());
    assert_eq!(find(DiagnosticKind::Source), Some(source), "{text}");
    assert_eq!(find(DiagnosticKind::Mark), Some(mark), "{text}");
}

#[test]
fn an_issue_is_complete() {
    let issues = [
        issue("  port: 'x',", 9, 3),
        Issue { path: String::new(), message: "Cannot read it".to_owned(), suggestion: None, place: None },
    ];
    assert_eq!(
        render(&issues, Path::new("/home/you")),
        "~/.clawdbot-dev/clawdbot.json:12:9\n\
         gateway.port: Invalid input\n\
         \x20 12 |   port: 'x',\n\
         \x20    |         ^^^\n\
         help: did you mean \"port\"?\n\
         \n\
         Cannot read it\n"
    );
    assert!(render(&issues, Path::new("/home/other")).starts_with("/home/you/.clawdbot-dev/"));
    assert_eq!(render(&[], Path::new("/")), "");
}

#[test]
fn marks_stand_below_the_text_whatever_its_width() {
    check("\tport: 'x'", 8, 3, "  12 |     port: 'x'", "     |           ^^^");
    check("'日本': '🤖x'", 7, 4, "  12 | '日本': '🤖x'", "     |         ^^^^^");
    check("'e\u{301}': 1", 6, 1, "  12 | 'e\u{301}': 1", "     |     ^ ".trim_end());
    check("", 1, 1, "  12 |", "     | ^");
    check("{", 5, 3, "  12 | {", "     |  ^");
}

#[test]
fn control_characters_do_nothing() {
    check("a\u{1b}[31m\u{202e}b", 7, 1, "  12 | a\u{fffd}[31m\u{fffd}b", "     |       ^");
    let mut evil = issue("x", 1, 1);
    evil.message = "Unrecognized key: \"\u{1b}]0;x\u{7}\"".to_owned();
    assert!(!render(&[evil], Path::new("/")).contains('\u{1b}'));
}

#[test]
fn long_lines_are_cut_around_the_mark() {
    let text = format!("{}'bad'{}", "a".repeat(150), "b".repeat(150));
    let source = format!("  12 | …{}'bad'{}…", "a".repeat(40), "b".repeat(55));
    check(&text, 151, 5, &source, &format!("     | {}^^^^^", " ".repeat(41)));
    let text = format!("'bad'{}", "b".repeat(150));
    check(&text, 1, 150, &format!("  12 | 'bad'{}…", "b".repeat(95)), &format!("     | {}", "^".repeat(100)));
}

#[test]
fn a_line_that_was_cut_before_keeps_its_column() {
    let mut cut = issue("abc 'bad' def", 1005, 5);
    if let Some(place) = &mut cut.place {
        place.skipped = 1000;
    }
    let text = render(&[cut], Path::new("/"));
    assert!(text.contains(":12:1005\n"), "{text}");
    assert!(text.contains("  12 | …abc 'bad' def\n     |      ^^^^^\n"), "{text}");
}
