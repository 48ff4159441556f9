//! A command as it is typed: words by the rules of the shell, which is started only for what it alone can do. Pure.

use super::{Facts, Placeholder};

/// The shell, for a command that needs one.
const SHELL: &str = "/bin/sh";

/// A command that can be run, once its placeholders are filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    text: String,
    form: Form,
}

/// Why a text is no command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// There is nothing in it.
    #[error("the command is empty")]
    Empty,
    /// A quotation has no end.
    #[error("the command has an opening {0} without a closing one")]
    Unclosed(char),
    /// The system cannot pass it on.
    #[error("the command contains a NUL byte")]
    Nul,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// Words, without their quotation marks.
    Words(Vec<Vec<Piece>>),
    /// For the shell, as typed.
    Shell(Vec<Piece>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Fill(Placeholder, Quote),
}

/// How a place in the text is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Single,
    Double,
}

impl CommandLine {
    /// Reads a command.
    pub fn parse(text: &str) -> Result<Self, LineError> {
        if text.contains('\0') {
            return Err(LineError::Nul);
        }
        let mut reader = Reader::default();
        reader.read(text)?;
        if reader.words.is_empty() && !reader.shell {
            return Err(LineError::Empty);
        }
        let assigns = matches!(reader.words.first().and_then(|word| word.first()), Some(Piece::Text(text)) if is_assignment(text));
        let form =
            if reader.shell || assigns { Form::Shell(reader.typed) } else { Form::Words(reader.words) };
        Ok(Self { text: text.trim().to_owned(), form })
    }

    /// As it was typed.
    pub fn shown(&self) -> &str {
        &self.text
    }

    /// Whether a shell runs it.
    pub fn needs_shell(&self) -> bool {
        matches!(self.form, Form::Shell(_))
    }

    /// Whether it names a placeholder, or, for this shell or for one that it starts itself, a variable that says
    /// the same.
    pub fn uses(&self, placeholder: Placeholder) -> bool {
        let names = |piece: &Piece| match piece {
            Piece::Text(text) => placeholder.variables().iter().any(|name| expands(text, name)),
            Piece::Fill(used, _) => *used == placeholder,
        };
        match &self.form {
            Form::Words(words) => words.iter().flatten().any(names),
            Form::Shell(pieces) => pieces.iter().any(names),
        }
    }

    /// The program, as far as it is no placeholder.
    pub fn program(&self) -> &str {
        match &self.form {
            Form::Shell(_) => SHELL,
            Form::Words(words) => match words.first().map(Vec::as_slice) {
                Some([Piece::Text(program)]) => program,
                _ => "",
            },
        }
    }

    /// The program and its arguments.
    pub fn words(&self, facts: &Facts) -> Vec<String> {
        match &self.form {
            Form::Words(words) => words.iter().map(|word| fill(word, facts, |value, _| value)).collect(),
            Form::Shell(pieces) => {
                vec![SHELL.to_owned(), "-c".to_owned(), fill(pieces, facts, quoted)]
            }
        }
    }
}

fn fill(pieces: &[Piece], facts: &Facts, form: impl Fn(String, Quote) -> String) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Fill(placeholder, quote) => form(facts.value(*placeholder), *quote),
    };
    pieces.iter().map(piece).collect()
}

/// A value in a text for the shell, so that it stays one value.
fn quoted(value: String, quote: Quote) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,".contains(c);
    match quote {
        Quote::None if !value.is_empty() && value.chars().all(plain) => value,
        Quote::None => format!("'{}'", value.replace('\'', r"'\''")),
        Quote::Single => value.replace('\'', r"'\''"),
        Quote::Double => value.chars().fold(String::new(), |mut text, c| {
            if "\\\"$`".contains(c) {
                text.push('\\');
            }
            text.push(c);
            text
        }),
    }
}

/// `NAME=…`, which in front of a command is a variable for it.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// Whether a text for the shell expands a variable.
fn expands(text: &str, name: &str) -> bool {
    text.match_indices('$').any(|(index, _)| {
        let rest = text[index + 1..].trim_start_matches('{');
        rest.strip_prefix(name)
            .is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    })
}

/// Reads a text, as words and as typed at once: only the end shows which one counts.
#[derive(Debug, Default)]
struct Reader {
    words: Vec<Vec<Piece>>,
    /// The word that is being read.
    word: Option<Vec<Piece>>,
    typed: Vec<Piece>,
    shell: bool,
}

impl Reader {
    fn read(&mut self, text: &str) -> Result<(), LineError> {
        let mut quote = Quote::None;
        let mut rest = text.trim();
        while let Some(c) = rest.chars().next() {
            if let Some(placeholder) = Placeholder::ALL.into_iter().find(|it| rest.starts_with(it.text())) {
                self.word.get_or_insert_default().push(Piece::Fill(placeholder, quote));
                self.typed.push(Piece::Fill(placeholder, quote));
                rest = &rest[placeholder.text().len()..];
                continue;
            }
            let next = rest[c.len_utf8()..].chars().next();
            let mut taken = c.len_utf8();
            match (quote, c) {
                (Quote::None, '\'') => quote = self.open(Quote::Single),
                (Quote::None, '"') => quote = self.open(Quote::Double),
                (Quote::Single, '\'') | (Quote::Double, '"') => quote = Quote::None,
                (Quote::None, '\\') if next.is_some() => taken += self.escaped(next),
                (Quote::Double, '\\') if next.is_some_and(|next| "\\\"$`".contains(next)) => {
                    taken += self.escaped(next);
                }
                (Quote::None, ' ' | '\t') => self.words.extend(self.word.take()),
                (Quote::None, c) => {
                    let starts_word = self.word.is_none();
                    self.shell |= "|&;<>()$`*?[\n".contains(c) || (starts_word && "~#!".contains(c));
                    self.push(c);
                }
                (Quote::Double, '$' | '`') => {
                    self.shell = true;
                    self.push(c);
                }
                (Quote::Single | Quote::Double, c) => self.push(c),
            }
            push_text(&mut self.typed, &rest[..taken]);
            rest = &rest[taken..];
        }
        match quote {
            Quote::Single => return Err(LineError::Unclosed('\'')),
            Quote::Double => return Err(LineError::Unclosed('"')),
            Quote::None => {}
        }
        self.words.extend(self.word.take());
        Ok(())
    }

    /// An empty quotation is a word too.
    fn open(&mut self, quote: Quote) -> Quote {
        self.word.get_or_insert_default();
        quote
    }

    /// Takes a character as it is; how many bytes it has.
    fn escaped(&mut self, c: Option<char>) -> usize {
        c.inspect(|c| self.push(*c)).map_or(0, char::len_utf8)
    }

    fn push(&mut self, c: char) {
        push_text(self.word.get_or_insert_default(), c.encode_utf8(&mut [0; 4]));
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            port: 4711,
            config: "/home/it's me/c.json".to_owned(),
            state: "/s".to_owned(),
            workspace: "/w".to_owned(),
            token: Some("a b".to_owned()),
            password: None,
            profile: "dev".to_owned(),
        }
    }

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let line = CommandLine::parse(text).unwrap();
        assert_eq!(line.words(&facts()), expect, "{text}");
        assert_eq!(
            line.needs_shell(),
            expect.first() == Some(&SHELL) && expect.get(1) == Some(&"-c"),
            "{text}"
        );
    }

    #[test]
    fn words_need_no_shell() {
        check("node dist/index.js", &["node", "dist/index.js"]);
        check("  a \t b  ", &["a", "b"]);
        check("a 'b c' \"d e\" f\\ g ''", &["a", "b c", "d e", "f g", ""]);
        check(r#"a "q\"q" 'x\y' "x\y""#, &["a", "q\"q", "x\\y", "x\\y"]);
        check("a '$x' '|' b=c a~b a#b {} {x}", &["a", "$x", "|", "b=c", "a~b", "a#b", "{}", "{x}"]);
    }

    #[test]
    fn what_only_a_shell_can_do_is_its_own() {
        for text in
            ["a | b", "a && b", "echo $X", "echo \"$X\"", "A=b c", "a > f", "ls *.js", "~/bin/x", "a `b`"]
        {
            check(text, &[SHELL, "-c", text]);
        }
        check("\"A=b\" c", &[SHELL, "-c", "\"A=b\" c"]);
    }

    #[test]
    fn placeholders_are_one_value_wherever_they_stand() {
        check("run --port {port} -c={config}", &["run", "--port", "4711", "-c=/home/it's me/c.json"]);
        check("run '{token}'", &["run", "a b"]);
        check("run {prot} {PORT}", &["run", "{prot}", "{PORT}"]);
        check("run {port}; x {config}", &[SHELL, "-c", r"run 4711; x '/home/it'\''s me/c.json'"]);
        check("run '{config}' | x", &[SHELL, "-c", r"run '/home/it'\''s me/c.json' | x"]);
        check("run \"{token}\" | x", &[SHELL, "-c", "run \"a b\" | x"]);
    }

    #[test]
    fn variables_count_as_their_placeholders_in_a_shell() {
        let uses = |text: &str| CommandLine::parse(text).unwrap().uses(Placeholder::Port);
        assert!(
            uses("x {port}") && uses("x $PORT") && uses("x ${PORT}") && uses("x \"$CLAWDBOT_GATEWAY_PORT\"")
        );
        assert!(uses("sh -c 'x --port $PORT'") && !uses("x") && !uses("x $PORTS") && !uses("x PORT"));
    }

    #[test]
    fn what_is_no_command_is_refused() {
        assert_eq!(CommandLine::parse("  "), Err(LineError::Empty));
        assert_eq!(CommandLine::parse("a 'b"), Err(LineError::Unclosed('\'')));
        assert_eq!(CommandLine::parse("a \"b"), Err(LineError::Unclosed('"')));
        assert_eq!(CommandLine::parse("a\0"), Err(LineError::Nul));
    }
}
