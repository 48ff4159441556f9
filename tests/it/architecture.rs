//! The shape of the source tree, which the compiler does not check. `dev/ARCHITECTURE.md` gives the reasons.

mod tables;

use std::fs;
use std::path::{Path, PathBuf};

use tables::{MAY_USE, PURE};

/// No file is longer, tests included.
const LONGEST: usize = 400;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 5] = ["utils", "util", "helpers", "common", "misc"];

/// One source file.
struct Source {
    /// Below the root of the package, with `/`.
    path: String,
    /// As it is.
    text: String,
}

impl Source {
    /// The code: lines that are no comment and stand before the tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
        lines.map(|(index, line)| (index + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Whether it holds tests and nothing else.
    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// Its top-level module.
    fn module(&self) -> &str {
        let below = self.path.trim_start_matches("src/");
        below.split('/').next().unwrap_or(below).trim_end_matches(".rs")
    }
}

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("source folder") {
            let path: PathBuf = entry.expect("entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("source file");
                let path = path.strip_prefix(root).expect("below the root");
                found.push(Source { path: path.to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    assert!(!found.is_empty(), "no sources below {folder}");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn everything() -> Vec<Source> {
    ["src", "tests", "dev"].into_iter().flat_map(sources).collect()
}

/// Panics with every line of code outside `allowed` that contains one of `words`.
#[track_caller]
fn only_in(allowed: &[&str], words: &[&str]) {
    let mut found = Vec::new();
    for source in sources("src").iter().filter(|source| !source.is_test()) {
        if allowed.iter().any(|place| source.path.starts_with(place)) {
            continue;
        }
        let hits = source.code().filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found.extend(hits.map(|(number, line)| format!("{}:{number}: {}", source.path, line.trim())));
    }
    assert!(found.is_empty(), "only allowed in {allowed:?}:\n{}", found.join("\n"));
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = everything()
        .iter()
        .map(|source| (source.text.lines().count(), &source.path))
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "above {LONGEST} lines:\n{}", long.join("\n"));
}

#[test]
fn every_name_says_something() {
    let empty: Vec<String> = everything()
        .iter()
        .filter(|source| {
            let parts = source.path.trim_end_matches(".rs").split('/');
            parts.into_iter().any(|part| EMPTY_NAMES.contains(&part))
        })
        .map(|source| source.path.clone())
        .collect();
    assert!(empty.is_empty(), "names that say nothing: {empty:?}");
}

#[test]
fn every_module_says_what_it_owns() {
    let silent: Vec<String> = everything()
        .iter()
        .filter(|source| !source.is_test() && !source.text.starts_with("//!"))
        .map(|source| source.path.clone())
        .collect();
    assert!(silent.is_empty(), "without `//!` at the top: {silent:?}");
}

#[test]
fn mod_files_hold_no_logic() {
    let mut found = Vec::new();
    for source in sources("src") {
        if !source.path.ends_with("/mod.rs") && source.path != "src/lib.rs" {
            continue;
        }
        for (number, line) in source.code() {
            let word = line.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
            let word = word.trim_start_matches("pub ");
            if ["fn ", "async fn ", "impl ", "struct ", "enum ", "trait "]
                .iter()
                .any(|item| word.starts_with(item))
            {
                found.push(format!("{}:{number}: {line}", source.path));
            }
        }
    }
    assert!(found.is_empty(), "logic in a mod.rs:\n{}", found.join("\n"));
}

#[test]
fn modules_depend_in_one_direction() {
    let mut found = Vec::new();
    let known: Vec<&str> = MAY_USE.iter().map(|(name, _)| *name).chain(["cli"]).collect();
    for source in sources("src").iter().filter(|source| !source.is_test()) {
        let module = source.module();
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            assert!(["cli", "lib", "main"].contains(&module), "{}: not in the table", source.path);
            continue;
        };
        for (number, line) in source.code() {
            for used in line.split("crate::").skip(1) {
                let name: String =
                    used.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let foreign = known.contains(&name.as_str()) && name != module;
                if foreign && !allowed.contains(&name.as_str()) {
                    found.push(format!("{}:{number}: {}", source.path, line.trim()));
                }
            }
        }
    }
    assert!(found.is_empty(), "against the direction of dependencies:\n{}", found.join("\n"));
}

#[test]
fn pure_modules_touch_nothing() {
    let mut found = Vec::new();
    for source in sources("src").iter().filter(|source| !source.is_test()) {
        let below = source.path.trim_start_matches("src/");
        if !PURE.iter().any(|place| below.starts_with(place)) {
            continue;
        }
        for (number, line) in source.code() {
            let touches =
                ["tokio::", "std::fs", "std::env::", "std::net::Tcp", "SystemTime::now", "Instant::now"];
            if touches.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "not pure:\n{}", found.join("\n"));
}

#[test]
fn only_the_output_prints() {
    // What a child writes to its standard output is for the harness.
    let allowed = ["src/cli/output", "src/platform/stdio.rs"];
    only_in(&allowed, &["println!", "eprintln!", "print!(", "io::stdout()"]);
    // Log lines for a terminal go to standard error.
    only_in(&["src/cli/output", "src/logging", "src/platform/stdio.rs"], &["io::stderr()"]);
}

#[test]
fn only_platform_touches_the_machine() {
    let words = [
        "std::env::var",
        "std::env::args",
        "std::env::current",
        "std::env::temp_dir",
        "std::process::Command",
        "tokio::process::Command",
        "tokio::signal",
        "process::exit(",
        "process::abort(",
    ];
    only_in(&["src/platform"], &words);
    only_in(&["src/platform"], &["cfg(target_os", "unsafe {", "rustix::", "windows_sys::", "cfg!(target_os"]);
}

#[test]
fn nothing_is_silenced_or_left_open() {
    only_in(&[], &["#[allow(", "#![allow(", "todo!(", "unimplemented!(", "dbg!("]);
    let flattened =
        |line: &str| line.contains("serde(") && (line.contains("flatten") || line.contains("untagged"));
    let found: Vec<String> = sources("src")
        .iter()
        .flat_map(|source| {
            source
                .code()
                .filter(|(_, line)| flattened(line))
                .map(|(number, _)| format!("{}:{number}", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "serde shapes that ruin error messages: {found:?}");
}

#[test]
fn the_templates_parse() {
    let dev = Path::new(env!("CARGO_MANIFEST_DIR")).join("dev");
    let config = fs::read_to_string(dev.join("config/clawdbot.json")).expect("config template");
    let parsed = jsonc_parser::parse_to_value(&config, &jsonc_parser::ParseOptions::default());
    assert!(parsed.expect("the config template is JSON5").is_some(), "the config template is empty");
    for name in ["AGENTS", "SOUL", "TOOLS", "IDENTITY", "USER"] {
        let text = fs::read_to_string(dev.join(format!("workspace/{name}.md"))).expect("workspace template");
        assert!(text.starts_with('#') && text.ends_with('\n'), "{name}.md: a heading first, a newline last");
    }
}

#[test]
fn every_failure_mode_names_tests_that_exist() {
    let dev = Path::new(env!("CARGO_MANIFEST_DIR")).join("dev");
    let text = fs::read_to_string(dev.join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| F")).collect();
    let numbers: Vec<String> =
        rows.iter().map(|row| row.split('|').nth(1).unwrap_or("").trim().to_owned()).collect();
    let expected: Vec<String> = (1..=43).map(|number| format!("F{number}")).collect();
    assert_eq!(numbers, expected, "one row per failure mode");
    let tests = sources("tests/it");
    for row in rows {
        // Every second piece between backticks is code.
        for name in row
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|code| code.contains("::") && !code.contains("harness::"))
        {
            let (file, function) = name.split_once("::").expect("a path");
            let path = format!("tests/it/{file}.rs");
            let exists = tests
                .iter()
                .any(|source| source.path == path && source.text.contains(&format!("fn {function}()")));
            assert!(exists, "no test {name}");
        }
    }
}
