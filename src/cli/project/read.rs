//! The text of the file → options. Pure; every mistake is told, with its place.

use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::cli::args::RunArgs;
use crate::cli::values;

/// A mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Line, from 1.
    pub(super) line: usize,
    /// Column in characters, from 1.
    pub(super) column: usize,
    /// What is wrong, and what would be right.
    pub(super) message: String,
}

/// The options of a file, and the names of its keys.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub(super) args: RunArgs,
    pub(super) keys: Vec<String>,
}

/// How a key becomes an option.
type Take = fn(&mut RunArgs, &Value<'_>) -> Result<(), String>;

/// Every key that there is.
const KEYS: [(&str, Take); 14] = [
    ("exec", |args, value| put(&mut args.exec.exec, &text(value)?, values::command)),
    ("build", |args, value| put(&mut args.exec.build, &text(value)?, values::command)),
    ("watch", |args, value| list(value).map(|texts| args.watch = texts.iter().map(Into::into).collect())),
    ("ignore", |args, value| list(value).map(|texts| args.ignore = texts)),
    ("ext", |args, value| {
        args.ext = list(value)?.iter().map(|text| values::extension(text)).collect::<Result<_, _>>()?;
        Ok(())
    }),
    ("debounce", |args, value| put(&mut args.debounce, &amount(value)?, values::pause)),
    ("tier", |args, value| put(&mut args.exec.server.tier, &text(value)?, values::tier_name)),
    ("ready", |args, value| put(&mut args.exec.server.ready, &text(value)?, values::readiness)),
    ("readyTimeout", |args, value| {
        put(&mut args.exec.server.ready_timeout, &amount(value)?, values::time_limit)
    }),
    ("overlap", |args, value| flag(value).map(|is_on| args.exec.overlap = is_on)),
    ("signal", |args, value| put(&mut args.exec.server.signal, &text(value)?, values::signal)),
    ("stopTimeout", |args, value| {
        put(&mut args.exec.server.stop_timeout, &amount(value)?, values::time_limit)
    }),
    ("clear", |args, value| flag(value).map(|is_on| args.exec.clear = is_on)),
    ("port", |args, value| put(&mut args.port, &amount(value)?, values::port)),
];

/// Reads the file; all mistakes at once.
pub(super) fn read(text: &str) -> Result<Options, Vec<Fault>> {
    let text = text.trim_start_matches('\u{feff}');
    let fault = |offset: usize, message: String| {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = before.matches('\n').count() + 1;
        Fault { line, column: before[line_start..].chars().count() + 1, message }
    };
    let options = ParseOptions { allow_missing_commas: false, ..ParseOptions::default() };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options)
        .map_err(|error| vec![fault(error.range().start, error.kind().to_string())])?;
    let object = match parsed.value {
        Some(Value::Object(object)) => object,
        Some(other) => return Err(vec![fault(other.start(), "not an object; write { … }".to_owned())]),
        None => return Ok(Options::default()),
    };
    let (mut found, mut faults) = (Options::default(), Vec::new());
    for property in &object.properties {
        let name = match &property.name {
            ObjectPropName::String(name) => name.value.to_string(),
            ObjectPropName::Word(name) => name.value.to_owned(),
        };
        if name == "$schema" {
            continue;
        }
        let Some((_, take)) = KEYS.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = KEYS.iter().map(|(known, _)| *known).collect();
            let message = format!("unknown key {name:?}; there are {}", known.join(", "));
            faults.push(fault(property.name.start(), message));
            continue;
        };
        if found.keys.contains(&name) {
            faults.push(fault(property.name.start(), format!("{name} is there twice")));
        } else if let Err(message) = take(&mut found.args, &property.value) {
            faults.push(fault(property.value.start(), format!("{name}: {message}")));
        }
        found.keys.push(name);
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn put<T, E: ToString>(
    option: &mut Option<T>,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<(), String> {
    *option = Some(parse(text).map_err(|error| error.to_string())?);
    Ok(())
}

fn text(value: &Value<'_>) -> Result<String, String> {
    match value {
        Value::StringLit(literal) => Ok(literal.value.to_string()),
        _ => Err("not a text; write it in quotation marks".to_owned()),
    }
}

/// A number, or a text with a unit.
fn amount(value: &Value<'_>) -> Result<String, String> {
    match value {
        Value::NumberLit(literal) => Ok(literal.value.to_owned()),
        Value::StringLit(literal) => Ok(literal.value.to_string()),
        _ => Err("neither a number nor a text with a unit".to_owned()),
    }
}

/// Several texts, or one.
fn list(value: &Value<'_>) -> Result<Vec<String>, String> {
    match value {
        Value::Array(array) => array.elements.iter().map(text).collect(),
        Value::StringLit(literal) => Ok(vec![literal.value.to_string()]),
        _ => Err("not a list of texts".to_owned()),
    }
}

fn flag(value: &Value<'_>) -> Result<bool, String> {
    match value {
        Value::BooleanLit(literal) => Ok(literal.value),
        _ => Err("neither true nor false".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_key_is_an_option() {
        let text = r#"// How we work.
            { exec: "server {port}", build: 'make', watch: ["src", "lib"], ignore: "*.md", ext: ["ts", ".js"],
              debounce: 20, tier: "port", ready: "/health", readyTimeout: "90s", overlap: true, signal: "INT",
              stopTimeout: 2.5, clear: true, port: 4000, }"#;
        let Options { args, keys } = read(text).unwrap();
        assert_eq!(keys.len(), KEYS.len());
        assert_eq!(args.exec.exec.unwrap().shown(), "server {port}");
        assert_eq!(args.watch, [PathBuf::from("src"), PathBuf::from("lib")]);
        assert_eq!(
            (args.ignore, args.ext),
            (vec!["*.md".to_owned()], vec!["ts".to_owned(), "js".to_owned()])
        );
        assert_eq!(args.debounce, Some(Duration::from_millis(20)));
        assert_eq!(args.exec.server.ready_timeout, Some(Duration::from_secs(90)));
        assert_eq!(args.exec.server.stop_timeout, Some(Duration::from_millis(2500)));
        assert_eq!(args.port, Some(4000));
        assert!(args.exec.overlap && args.exec.clear);
        assert!(read("{}").unwrap().keys.is_empty() && read("// nothing").unwrap().keys.is_empty());
    }

    #[track_caller]
    fn check(text: &str, expect: &[(usize, usize, &str)]) {
        let faults = read(text).unwrap_err();
        let places: Vec<_> = faults.iter().map(|fault| (fault.line, fault.column)).collect();
        let expected: Vec<_> = expect.iter().map(|(line, column, _)| (*line, *column)).collect();
        assert_eq!(places, expected, "{faults:?}");
        for (fault, (_, _, start)) in faults.iter().zip(expect) {
            assert!(fault.message.starts_with(start), "{start:?}: {}", fault.message);
        }
    }

    #[test]
    fn every_mistake_has_its_place() {
        check(
            "{\n  exce: \"a\",\n  clear: 1\n}",
            &[(2, 3, "unknown key \"exce\""), (3, 10, "clear: neither")],
        );
        check("{ exec: \"a 'b\" }", &[(1, 9, "exec: the command has an opening '")]);
        check("{ watch: [1] }", &[(1, 10, "watch: not a text")]);
        check("{ tier: \"fast\", port: 70000 }", &[(1, 9, "tier: "), (1, 23, "port: not a port")]);
        check("{ clear: true, clear: true }", &[(1, 16, "clear is there twice")]);
        check("[]", &[(1, 1, "not an object")]);
        assert_eq!(read("{ exec: }").unwrap_err().len(), 1);
    }
}
