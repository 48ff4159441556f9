//! A unit as a definition, whoever wrote it. Pure.

use std::path::PathBuf;

use super::unit::{self, Unit};
use crate::service::Definition;

/// What a unit file runs, and with which variables.
pub(super) fn definition(path: PathBuf, text: String, home: &str) -> Definition {
    let file = Unit::parse(&text);
    let words = |value: &str| -> Vec<String> {
        unit::words(value).iter().map(|word| unit::unpercent(word, home)).collect()
    };
    let mut argv: Vec<String> = file.last("Service", "ExecStart").map(words).unwrap_or_default();
    for (index, word) in argv.iter_mut().enumerate() {
        if index == 0 {
            // How it is started, and not what.
            *word = word.trim_start_matches(['@', '-', ':', '+', '!', '|']).to_owned();
        } else {
            *word = word.replace("$$", "$");
        }
    }
    let variables = file.list("Service", "Environment").into_iter().flat_map(words);
    let environment = variables
        .filter_map(|word| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect();
    let directory = file.last("Service", "WorkingDirectory").map(|value| {
        let value = unit::unpercent(value.trim_start_matches('-'), home);
        PathBuf::from(if value == "~" { home } else { value.as_str() })
    });
    Definition { path, argv, environment, working_directory: directory, text }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::service::Author;

    #[test]
    fn the_published_unit_is_understood() {
        let text = include_str!("../../../fixtures/service/systemd/published.service");
        let found = definition("/unit".into(), text.to_owned(), "/home/you");
        assert_eq!(found.author(), Author::Published);
        assert_eq!(
            found.argv[1..],
            ["/usr/lib/node_modules/clawdbot/dist/entry.js", "gateway", "--port", "18789"]
        );
        assert_eq!(found.port(), Some(18_789));
        assert_eq!(found.environment["HOME"], "/home/you");
        // It quotes words with the letter s.
        assert_eq!(found.environment["CLAWDBOT_SERVICE_KIND"], "gateway");
        assert_eq!(found.environment["CLAWDBOT_GATEWAY_TOKEN"], "not-a-real-token");
    }

    #[test]
    fn units_by_hand_are_understood() {
        let text = "[Service]\nExecStart=-@%h/bin/clawdbot gateway --port=$$1 '%%'\nEnvironment=\"A=b c\" D=e\nEnvironment=A=f\nWorkingDirectory=-~\n";
        let found = definition("/unit".into(), text.to_owned(), "/home/you");
        assert_eq!(found.argv, ["/home/you/bin/clawdbot", "gateway", "--port=$1", "%"]);
        let variables: Vec<_> =
            found.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(variables, ["A=f", "D=e"]);
        assert_eq!(found.working_directory.as_deref(), Some(Path::new("/home/you")));
        assert_eq!(found.author(), Author::Foreign);
        let empty = definition("/unit".into(), "garbage".to_owned(), "/home/you");
        assert!(empty.argv.is_empty() && empty.environment.is_empty());
    }
}
