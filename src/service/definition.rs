//! A definition that is installed, read back.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::spec::{MARKER, VERSION_MARKER};

/// What a manager was told to run, as its file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Variables. May hold secrets when another program wrote it: show no values of unknown names.
    pub environment: BTreeMap<String, String>,
    /// Where it runs, when it says so.
    pub working_directory: Option<PathBuf>,
}

/// Who wrote a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// This program.
    Ours,
    /// The published Node program.
    Published,
    /// Something else, or a person.
    Foreign,
}

/// Programs that run scripts: a definition that starts with one was written by the published program.
const RUNTIMES: [&str; 4] = ["node", "node.exe", "bun", "bun.exe"];

impl Definition {
    /// Who wrote it, as far as that can be told from its content.
    pub fn author(&self) -> Author {
        let marked = self.environment.get(MARKER.0).is_some_and(|value| value == MARKER.1);
        // Definitions of every system are read on every system.
        let program = self.argv.first().and_then(|program| program.rsplit(['/', '\\']).next());
        match program {
            Some(name) if RUNTIMES.iter().any(|runtime| name.eq_ignore_ascii_case(runtime)) => {
                if marked {
                    Author::Published
                } else {
                    Author::Foreign
                }
            }
            _ if marked => Author::Ours,
            _ => Author::Foreign,
        }
    }

    /// The version of the program that wrote it, when it says so.
    pub fn version(&self) -> Option<&str> {
        self.environment.get(VERSION_MARKER).map(String::as_str)
    }

    /// The value of `--NAME VALUE` or `--NAME=VALUE` in what is run.
    pub fn option(&self, name: &str) -> Option<&str> {
        let mut words = self.argv.iter();
        while let Some(word) = words.next() {
            let Some(rest) = word.strip_prefix(name) else { continue };
            if rest.is_empty() {
                return words.next().map(String::as_str);
            }
            if let Some(value) = rest.strip_prefix('=') {
                return Some(value);
            }
        }
        None
    }

    /// The port in what is run, else in its environment.
    pub fn port(&self) -> Option<u16> {
        let named = self
            .option("--port")
            .or_else(|| self.environment.get("CLAWDBOT_GATEWAY_PORT").map(String::as_str));
        named.and_then(|text| text.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(argv: &[&str], marked: bool) -> Definition {
        let environment = if marked {
            BTreeMap::from([(MARKER.0.to_owned(), MARKER.1.to_owned())])
        } else {
            BTreeMap::new()
        };
        Definition {
            path: PathBuf::from("/unit"),
            text: String::new(),
            argv: argv.iter().map(|&word| word.to_owned()).collect(),
            environment,
            working_directory: None,
        }
    }

    #[test]
    fn authors_are_told_apart() {
        let cases: [(&[&str], bool, Author); 6] = [
            (&[r"C:\Program Files\nodejs\node.exe", "entry.js"], true, Author::Published),
            (&["/opt/clawdbot", "gateway"], true, Author::Ours),
            (&["/usr/bin/node", "/opt/entry.js", "gateway"], true, Author::Published),
            (&["/usr/bin/node", "/opt/server.js"], false, Author::Foreign),
            (&["/opt/clawdbot", "gateway"], false, Author::Foreign),
            (&[], false, Author::Foreign),
        ];
        for (argv, marked, author) in cases {
            assert_eq!(definition(argv, marked).author(), author, "{argv:?}");
        }
    }

    #[test]
    fn the_port_is_found_however_it_is_written() {
        assert_eq!(definition(&["c", "gateway", "--port", "19001"], true).port(), Some(19001));
        assert_eq!(definition(&["c", "gateway", "--port=19002"], true).port(), Some(19002));
        assert_eq!(definition(&["c", "gateway", "--port"], true).port(), None);
        assert_eq!(definition(&["c", "gateway", "--portable", "1"], true).port(), None);
        let mut from_environment = definition(&["c", "gateway"], true);
        from_environment.environment.insert("CLAWDBOT_GATEWAY_PORT".to_owned(), "19003".to_owned());
        assert_eq!(from_environment.port(), Some(19003));
    }
}
