//! `.env` files: text → variables. Pure.
//!
//! The grammar is the one that the published program's profile files are written in: `NAME=value` or
//! `NAME: value`, optionally after `export`; comments with `#`; values in single quotes or backticks as they stand,
//! in double quotes with `\n`, `\r`, `\t`, `\"`, and `\\`; quoted values may span lines. Variables in values are not
//! replaced.

/// What is wrong with a `.env` file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct DotenvIssue {
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub kind: DotenvIssueKind,
}

/// What is wrong with a line of a `.env` file. Never holds a value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DotenvIssueKind {
    /// Neither `=` nor `:`.
    #[error("expected NAME=value")]
    NoAssignment,
    /// The name has other characters than letters, digits, `_`, `.`, and `-`, or there is none.
    #[error("this is not a name for a variable")]
    BadName,
    /// A quote that is never closed.
    #[error("the quote {0} is never closed")]
    OpenQuote(char),
    /// Text after the closing quote that is no comment.
    #[error("there is text after the closing quote")]
    AfterQuote,
}

/// Reads the variables of a `.env` file, in the order of the file. Of a name that is set twice the last value counts.
pub fn dotenv(text: &str) -> Result<Vec<(String, String)>, DotenvIssue> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let line = text[..text.len() - rest.len()].matches('\n').count() + 1;
        let fail = |kind| DotenvIssue { line, kind };
        let (first, following) = split_line(rest);
        let statement = first.trim();
        if statement.is_empty() || statement.starts_with('#') {
            rest = following;
            continue;
        }
        let statement = strip_export(first.trim_start());
        let at = statement.find(['=', ':']).ok_or(fail(DotenvIssueKind::NoAssignment))?;
        let name = statement[..at].trim();
        if !is_name(name) {
            return Err(fail(DotenvIssueKind::BadName));
        }
        let value_offset = first.len() - (statement.len() - at - 1);
        let (value, after) = read_value(&rest[value_offset..]).map_err(fail)?;
        match variables.iter_mut().find(|(known, _)| known == name) {
            Some((_, slot)) => *slot = value,
            None => variables.push((name.to_owned(), value)),
        }
        rest = after;
    }
    Ok(variables)
}

/// The first line without its line break, and what follows.
fn split_line(text: &str) -> (&str, &str) {
    match text.split_once('\n') {
        Some((line, rest)) => (line.strip_suffix('\r').unwrap_or(line), rest),
        None => (text, ""),
    }
}

fn strip_export(statement: &str) -> &str {
    statement
        .strip_prefix("export")
        .filter(|rest| rest.starts_with([' ', '\t']))
        .map_or(statement, str::trim_start)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// The value at the start of a text, and what follows its line.
fn read_value(text: &str) -> Result<(String, &str), DotenvIssueKind> {
    let start = text.trim_start_matches([' ', '\t']);
    let Some(quote) = start.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) else {
        let (line, rest) = split_line(text);
        // A comment starts after white space, so that `a#b` is a value.
        let end = line
            .char_indices()
            .find(|&(at, c)| c == '#' && (at == 0 || line[..at].ends_with([' ', '\t'])))
            .map_or(line.len(), |(at, _)| at);
        return Ok((line[..end].trim().to_owned(), rest));
    };
    let body = &start[1..];
    let close = closing(body, quote).ok_or(DotenvIssueKind::OpenQuote(quote))?;
    let (tail, rest) = split_line(&body[close + 1..]);
    if !tail.trim().is_empty() && !tail.trim_start().starts_with('#') {
        return Err(DotenvIssueKind::AfterQuote);
    }
    let value = body[..close].replace("\r\n", "\n");
    Ok((if quote == '"' { unescape(&value) } else { value }, rest))
}

/// Where the quote closes; in double quotes a backslash protects the next character.
fn closing(body: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    body.char_indices()
        .find(|&(_, c)| {
            let closes = c == quote && !escaped;
            escaped = quote == '"' && c == '\\' && !escaped;
            closes
        })
        .map(|(at, _)| at)
}

fn unescape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some(c @ ('"' | '\\')) => text.push(c),
            Some(c) => text.extend(['\\', c]),
            None => text.push('\\'),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[(&str, &str)]) {
        let expect: Vec<_> =
            expect.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(dotenv(text), Ok(expect), "{text}");
    }

    #[track_caller]
    fn check_fault(text: &str, line: usize, kind: DotenvIssueKind) {
        assert_eq!(dotenv(text), Err(DotenvIssue { line, kind }), "{text}");
    }

    #[test]
    fn plain_values_are_trimmed_and_end_at_a_comment() {
        check("", &[]);
        check("\u{feff}A=1", &[("A", "1")]);
        check(
            "A=1\nB = two words \r\n\n# C=3\n  export D=4 # note\n",
            &[("A", "1"), ("B", "two words"), ("D", "4")],
        );
        check(
            "URL=http://h/#x\nE=\nF= # none\nG=#none",
            &[("URL", "http://h/#x"), ("E", ""), ("F", ""), ("G", "")],
        );
        check("A: yaml\nexport=1\nexported=2", &[("A", "yaml"), ("export", "1"), ("exported", "2")]);
        check("A=it's fine=really", &[("A", "it's fine=really")]);
    }

    #[test]
    fn quotes_protect() {
        check(r#"A="x # y" # z"#, &[("A", "x # y")]);
        check(r#"A="a\nb\t\"c\"\\n\q""#, &[("A", "a\nb\t\"c\"\\n\\q")]);
        check(r"A='a\nb${C}'", &[("A", r"a\nb${C}")]);
        check("A=`it's \"q\"`", &[("A", "it's \"q\"")]);
        check("A=\"one\r\ntwo\"\r\nB=3", &[("A", "one\ntwo"), ("B", "3")]);
    }

    #[test]
    fn the_last_value_counts() {
        check("A=1\nB=2\nA=3", &[("A", "3"), ("B", "2")]);
    }

    #[test]
    fn faults_name_their_line() {
        check_fault("A=1\nnonsense", 2, DotenvIssueKind::NoAssignment);
        check_fault("\n=1", 2, DotenvIssueKind::BadName);
        check_fault("A B=1", 1, DotenvIssueKind::BadName);
        check_fault("A='x\ny\n\nB=1", 1, DotenvIssueKind::OpenQuote('\''));
        check_fault("A=\"x\ny\"\nB='z' w", 3, DotenvIssueKind::AfterQuote);
    }

    proptest! {
        #[test]
        fn anything_is_read_or_refused(text in "(?s)[A\"'`\\\\=:# \r\nné]{0,40}") {
            let _ = dotenv(&text);
        }

        #[test]
        fn quoted_values_come_back(value in "[^'\r]{0,20}") {
            let text = format!("A='{value}'\nB=2\n");
            prop_assert_eq!(dotenv(&text), Ok(vec![("A".to_owned(), value), ("B".to_owned(), "2".to_owned())]));
        }
    }
}
