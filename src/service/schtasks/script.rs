//! `gateway.cmd`, the script that tasks of the published program run. Pure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::words;
use crate::service::Definition;

/// What the script runs, and with which variables.
pub(super) fn read(file: &Path, text: &str) -> Definition {
    let mut definition = Definition {
        path: file.to_owned(),
        text: text.to_owned(),
        argv: Vec::new(),
        environment: BTreeMap::new(),
        working_directory: None,
    };
    for line in text.lines().map(str::trim) {
        // Commands of the shell in any spelling, as the shell takes them.
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word.to_ascii_lowercase().as_str() {
            "" | "@echo" | "rem" => {}
            "set" => {
                if let Some((name, value)) = rest.split_once('=') {
                    definition.environment.insert(name.to_owned(), value.to_owned());
                }
            }
            "cd" => {
                let directory = rest.strip_prefix("/d ").unwrap_or(rest).trim_matches('"');
                definition.working_directory = Some(PathBuf::from(directory));
            }
            _ => definition.argv = words::split(line),
        }
    }
    definition
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Author;

    #[test]
    fn the_published_script_is_recognised() {
        let text = include_str!("../../../fixtures/service/schtasks/published.cmd");
        let read = read(Path::new("gateway.cmd"), text);
        assert_eq!((read.author(), read.port()), (Author::Published, Some(18789)));
        assert_eq!(read.argv[0], r"C:\Program Files\nodejs\node.exe");
        assert_eq!(read.environment["CLAWDBOT_SERVICE_KIND"], "gateway");
        assert_eq!(read.working_directory, Some(PathBuf::from(r"C:\Users\you\clawdbot")));
    }
}
