//! The definition: a property list, written and read. Pure.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use plist::{Dictionary, Value};

use crate::service::{Definition, ServiceSpec};

/// Seconds between two starts, and so the least between a refused start and the next one.
const THROTTLE: i64 = 30;
/// Seconds from SIGTERM to SIGKILL. A gateway says goodbye in less than two; a machine that swaps takes longer.
pub(super) const EXIT_TIMEOUT: u16 = 20;

/// The definition for a service.
pub(super) fn render(spec: &ServiceSpec) -> String {
    let text = |text: &str| Value::String(text.to_owned());
    let path = |path: &Path| Value::String(path.to_string_lossy().into_owned());
    // Back after a crash, and not after an end that was asked for.
    let keep_alive = Dictionary::from_iter([("SuccessfulExit", Value::Boolean(false))]);
    let entries = [
        ("Label", text(&spec.names.label)),
        ("Comment", text(&spec.description)),
        ("RunAtLoad", Value::Boolean(true)),
        ("KeepAlive", Value::Dictionary(keep_alive)),
        ("ThrottleInterval", Value::from(THROTTLE)),
        ("ExitTimeOut", Value::from(EXIT_TIMEOUT)),
        // Somebody waits for its answers: without this launchd slows its processor time and disk down.
        ("ProcessType", text("Interactive")),
        ("ProgramArguments", Value::Array(spec.argv.iter().map(|word| text(word)).collect())),
        ("StandardOutPath", path(&spec.stdout_log)),
        ("StandardErrorPath", path(&spec.stderr_log)),
        (
            "EnvironmentVariables",
            Value::Dictionary(
                spec.environment.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
            ),
        ),
    ];
    xml(&Value::Dictionary(Dictionary::from_iter(entries)))
}

/// Reads a definition, whoever wrote it; binary ones too, into which macOS tools convert them. What is no property list
/// has neither program nor variables.
pub(super) fn read(file: &Path, content: &[u8]) -> Definition {
    let mut definition = Definition {
        path: file.to_owned(),
        text: String::from_utf8_lossy(content).into_owned(),
        argv: Vec::new(),
        environment: BTreeMap::new(),
        working_directory: None,
    };
    let Ok(value) = Value::from_reader(Cursor::new(content)) else { return definition };
    if content.starts_with(b"bplist") {
        definition.text = xml(&value);
    }
    let Some(entries) = value.into_dictionary() else { return definition };
    let text = |value: &Value| value.as_string().map(str::to_owned);
    definition.argv = match entries.get("ProgramArguments").and_then(Value::as_array) {
        Some(words) => words.iter().filter_map(text).collect(),
        None => entries.get("Program").and_then(text).into_iter().collect(),
    };
    if let Some(variables) = entries.get("EnvironmentVariables").and_then(Value::as_dictionary) {
        definition.environment =
            variables.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect();
    }
    definition.working_directory = entries.get("WorkingDirectory").and_then(text).map(PathBuf::from);
    definition
}

fn xml(value: &Value) -> String {
    let mut bytes = Vec::new();
    // Writing into memory cannot fail.
    let _ = value.to_writer_xml(&mut bytes);
    bytes.push(b'\n');
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Author;
    use crate::service::launchd::tests::spec;

    const OURS: &str = include_str!("../../../fixtures/service/launchd/com.clawdbot.gateway.plist");
    const PUBLISHED: &str = include_str!("../../../fixtures/service/launchd/published.plist");

    #[test]
    fn the_definition_is_the_one_that_was_agreed_upon() {
        assert_eq!(render(&spec()), OURS);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut spec = spec();
        spec.argv.push("<a> & \"b\" 'c' \u{e9}".to_owned());
        spec.environment.insert("TEXT".to_owned(), "]]> &amp; <!--".to_owned());
        let text = render(&spec);
        let read = read(Path::new("/p"), text.as_bytes());
        assert_eq!((read.argv, read.environment, read.text), (spec.argv, spec.environment, text));
    }

    #[test]
    fn a_binary_definition_is_read_too() {
        let mut bytes = Vec::new();
        Value::from_reader(Cursor::new(OURS.as_bytes())).unwrap().to_writer_binary(&mut bytes).unwrap();
        let read = read(Path::new("/p"), &bytes);
        assert_eq!((read.argv, &*read.text), (spec().argv, OURS));
    }

    #[test]
    fn the_published_definition_is_recognised() {
        let read = read(Path::new("/p"), PUBLISHED.as_bytes());
        assert_eq!(read.author(), Author::Published);
        assert_eq!(read.port(), Some(18789));
        assert_eq!(read.environment["CLAWDBOT_SERVICE_VERSION"], "2026.1.24-3");
    }

    #[test]
    fn what_is_no_definition_runs_nothing() {
        for text in ["", "no plist", "<plist version=\"1.0\"><array/></plist>", "bplist00"] {
            let read = read(Path::new("/p"), text.as_bytes());
            assert!(read.argv.is_empty() && read.author() == Author::Foreign, "{text:?}");
        }
    }
}
