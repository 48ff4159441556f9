//! The text of a unit file, by systemd.syntax(7): what is written is what systemd reads, and the other way round. Pure.

use std::fmt::Write;

/// The assignments of a unit file, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Unit(Vec<Assignment>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Assignment {
    section: String,
    key: String,
    value: String,
}

impl Unit {
    /// Reads a unit file. Lines that systemd would not understand are passed over, as it does.
    pub(super) fn parse(text: &str) -> Self {
        let mut assignments = Vec::new();
        let mut section = String::new();
        for line in logical_lines(text) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                name.clone_into(&mut section);
            } else if let Some((key, value)) = line.split_once('=') {
                assignments.push(Assignment {
                    section: section.clone(),
                    key: key.trim_end().to_owned(),
                    value: value.trim_start().to_owned(),
                });
            }
        }
        Self(assignments)
    }

    /// What a key of a list was assigned; an empty assignment forgets those before it.
    pub(super) fn list(&self, section: &str, key: &str) -> Vec<&str> {
        let mut values = Vec::new();
        for assignment in self.0.iter().filter(|found| found.section == section && found.key == key) {
            if assignment.value.is_empty() {
                values.clear();
            } else {
                values.push(assignment.value.as_str());
            }
        }
        values
    }

    /// The last value of a key.
    pub(super) fn last(&self, section: &str, key: &str) -> Option<&str> {
        self.list(section, key).pop()
    }
}

/// Lines without comments, with continued ones joined by a blank. Comments between continued lines do not end them.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with(['#', ';']) || (trimmed.is_empty() && open.is_none()) {
            continue;
        }
        let mut joined = open.take().unwrap_or_default();
        // Two backslashes are one that was escaped.
        let backslashes = trimmed.len() - trimmed.trim_end_matches('\\').len();
        match trimmed.strip_suffix('\\') {
            Some(start) if backslashes % 2 == 1 => {
                joined.push_str(start);
                joined.push(' ');
                open = Some(joined);
            }
            _ => {
                joined.push_str(trimmed);
                lines.push(joined.trim().to_owned());
            }
        }
    }
    lines.extend(open.map(|line| line.trim().to_owned()));
    lines
}

/// The words of a value: quotes group, backslashes escape. Percent signs stay as they are; see [`unpercent`].
pub(super) fn words(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (_, '\\') => word.get_or_insert_default().push_str(&unescaped(&mut rest)),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// What an escape sequence means; the backslash is read already. An unknown one stands for itself.
fn unescaped(rest: &mut std::str::Chars<'_>) -> String {
    let Some(c) = rest.next() else { return "\\".to_owned() };
    let (radix, digits) = match c {
        'a' => return "\x07".to_owned(),
        'b' => return "\x08".to_owned(),
        'f' => return "\x0c".to_owned(),
        'n' => return "\n".to_owned(),
        'r' => return "\r".to_owned(),
        't' => return "\t".to_owned(),
        'v' => return "\x0b".to_owned(),
        's' => return " ".to_owned(),
        '\\' | '"' | '\'' | ';' => return c.to_string(),
        'x' => (16, 2),
        'u' => (16, 4),
        'U' => (16, 8),
        _ => return format!("\\{c}"),
    };
    let code: String = rest.clone().take(digits).collect();
    let meant = u32::from_str_radix(&code, radix).ok().and_then(char::from_u32);
    match meant.filter(|_| code.chars().count() == digits) {
        Some(meant) => {
            rest.nth(digits - 1);
            meant.to_string()
        }
        None => format!("\\{c}"),
    }
}

/// One word as systemd reads it back, for a value that is split into words. Quoted only when it has to be.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_graphic() && !"\"'\\;".contains(c) || c.is_alphanumeric();
    if !text.is_empty() && text.chars().all(plain) {
        return percent(text);
    }
    format!("\"{}\"", percent(&escaped(text)))
}

/// One argument of a command line; there a dollar sign would begin a variable.
pub(super) fn argument(text: &str) -> String {
    word(text).replace('$', "$$")
}

/// A value that is one text and not split into words: line breaks would end it.
pub(super) fn line(text: &str) -> String {
    percent(&text.replace(char::is_control, " "))
}

/// Undoes [`percent`], and fills in the home directory. Other specifiers stay as they are.
pub(super) fn unpercent(text: &str, home: &str) -> String {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match (c, rest.clone().next()) {
            ('%', Some('%')) => plain.push('%'),
            ('%', Some('h')) => plain.push_str(home),
            _ => {
                plain.push(c);
                continue;
            }
        }
        rest.next();
    }
    plain
}

fn percent(text: &str) -> String {
    text.replace('%', "%%")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            '\r' => escaped.push_str("\\r"),
            c if c.is_control() && u32::from(c) < 0x100 => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
