//! Includes through `load`, in a temporary directory.

use std::fs;

use serde_json::{Value, json};

use super::super::super::{ConfigSnapshot, Outcome};
use super::super::document::load;
use crate::profile::EnvMap;

struct Files(tempfile::TempDir);

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = home.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(home)
    }

    fn load(&self) -> ConfigSnapshot {
        load(&self.0.path().join("main.json5"), &EnvMap::default())
    }

    /// `PATH: MESSAGE` of each problem, with the directory replaced by `DIR`.
    fn problems(&self) -> Vec<String> {
        let Outcome::Invalid(issues) = self.load().outcome else { return Vec::new() };
        let dir = self.0.path().display().to_string();
        issues
            .into_iter()
            .map(|issue| format!("{}: {}", issue.path, issue.message).replace(&dir, "DIR"))
            .collect()
    }
}

#[track_caller]
fn check(files: &[(&str, &str)], expect: &Value) {
    let files = Files::new(files);
    assert_eq!(files.problems(), Vec::<String>::new());
    assert_eq!(&files.load().resolved, expect);
}

#[track_caller]
fn check_problems(files: &[(&str, &str)], expect: &[&str]) {
    assert_eq!(Files::new(files).problems(), expect);
}

#[test]
fn included_values_stand_where_they_are_included() {
    check(
        &[
            ("main.json5", "{agents: {list: {$include: './sub/list.json5'}}, $include: 'base.json5'}"),
            ("sub/list.json5", "[{$include: '../agent.json5'}, {id: 'b'}]"),
            ("agent.json5", "\u{feff}{id: 'a'}"),
            ("base.json5", "{gateway: {port: 1234}}"),
        ],
        &json!({"gateway": {"port": 1234}, "agents": {"list": [{"id": "a"}, {"id": "b"}]}}),
    );
}

#[test]
fn objects_merge_arrays_are_concatenated_and_the_later_wins() {
    check(
        &[
            (
                "main.json5",
                "{$include: ['a.json5', 'b.json5'], gateway: {bind: 'lan', trustedProxies: ['3']}}",
            ),
            (
                "a.json5",
                "{gateway: {port: 1, mode: 'local', trustedProxies: ['1']}, ui: {seamColor: '#aabbcc'}}",
            ),
            ("b.json5", "{gateway: {port: 2, trustedProxies: ['2']}}"),
        ],
        &json!({
            "gateway": {"port": 2, "mode": "local", "trustedProxies": ["1", "2", "3"], "bind": "lan"},
            "ui": {"seamColor": "#aabbcc"}
        }),
    );
    check(&[("main.json5", "{gateway: {$include: []}}")], &json!({"gateway": {}}));
}

#[test]
fn problems_carry_the_published_words() {
    check_problems(
        &[("main.json5", "{$include: './nope.json5'}")],
        &[": Failed to read include file: ./nope.json5 (resolved: DIR/nope.json5)"],
    );
    check_problems(
        &[("main.json5", "{$include: 'x.json5'}"), ("x.json5", "{a: ")],
        &[": Failed to parse include file: x.json5 (resolved: DIR/x.json5)"],
    );
    check_problems(
        &[
            ("main.json5", "{gateway: {$include: 5}, session: {$include: ['s.json5', true]}}"),
            ("s.json5", "{}"),
        ],
        &[
            "gateway: Invalid $include value: expected string or array of strings, got number",
            "session: Invalid $include array item: expected string, got boolean",
        ],
    );
    check_problems(
        &[("main.json5", "{agents: {$include: 'l.json5', list: []}}"), ("l.json5", "[]")],
        &["agents: Sibling keys require included content to be an object"],
    );
    check_problems(
        &[("main.json5", "{$include: 'a.json5'}"), ("a.json5", "{$include: './b/../main.json5'}")],
        &[": Circular include detected: DIR/main.json5 -> DIR/a.json5 -> DIR/main.json5"],
    );
}

#[test]
fn a_chain_may_be_ten_files_long() {
    let chain = |length: usize| {
        let names: Vec<_> =
            (0..=length).map(|n| if n == 0 { "main.json5".into() } else { format!("i{n}.json5") }).collect();
        let texts: Vec<_> = (0..=length)
            .map(|n| if n == length { "{}".into() } else { format!("{{$include: './i{}.json5'}}", n + 1) })
            .collect();
        let files: Vec<_> = names
            .iter()
            .zip(&texts)
            .map(|(name, text): (&String, &String)| (name.as_str(), text.as_str()))
            .collect();
        Files::new(&files).problems()
    };
    assert_eq!(chain(10), Vec::<String>::new());
    assert_eq!(chain(11), [": Maximum include depth (10) exceeded at: ./i11.json5"]);
}

#[test]
fn every_named_file_is_listed_once_also_when_missing() {
    let files = Files::new(&[
        (
            "main.json5",
            "{$include: ['a.json5', 'gone.json5', './a.json5', '/nonexistent/x.json5'], gateway: {$include: 'b.json5'}}",
        ),
        ("a.json5", "{}"),
        ("b.json5", "{"),
    ]);
    let dir = files.0.path();
    let names: Vec<_> = files
        .load()
        .files
        .iter()
        .map(|file| file.strip_prefix(dir).unwrap_or(file).display().to_string())
        .collect();
    assert_eq!(names, ["main.json5", "b.json5", "a.json5", "gone.json5", "/nonexistent/x.json5"]);
}

#[test]
fn places_survive_merging() {
    let files = Files::new(&[
        ("main.json5", "{\n  $include: 'a.json5',\n  gateway: { bind: 'lam' },\n}"),
        ("a.json5", "{\n  gateway: {\n    port: 'x', bind: 'loopback' } }"),
    ]);
    let Outcome::Invalid(issues) = files.load().outcome else { panic!("invalid") };
    let places: Vec<_> = issues
        .iter()
        .map(|issue| {
            let place = issue.place.as_ref().unwrap();
            let name = place.file.file_name().unwrap().to_str().unwrap().to_owned();
            (issue.path.as_str(), name, place.line, place.column, place.width)
        })
        .collect();
    assert_eq!(
        places,
        [
            ("gateway.bind", "main.json5".to_owned(), 3, 20, 5),
            ("gateway.port", "a.json5".to_owned(), 3, 11, 3),
        ]
    );
}

#[test]
fn a_failed_include_does_not_cause_further_problems() {
    check_problems(
        &[(
            "main.json5",
            "{agents: {list: [{$include: 'gone.json5', name: 'x'}]}, gateway: {$include: 'gone.json5', prot: 1}}",
        )],
        &[
            "agents.list[0]: Failed to read include file: gone.json5 (resolved: DIR/gone.json5)",
            "gateway: Failed to read include file: gone.json5 (resolved: DIR/gone.json5)",
            "gateway: Unrecognized key: \"prot\"",
        ],
    );
}

#[test]
fn includes_cannot_multiply_without_end() {
    // Each file includes the next one ten times: ten to the tenth in all.
    let include = |n: usize| format!("[{}]", vec![format!("{{$include: 'i{n}.json5'}}"); 10].join(","));
    let mut files: Vec<(String, String)> = (1..10).map(|n| (format!("i{n}.json5"), include(n + 1))).collect();
    files.push(("i10.json5".into(), "1".into()));
    files.push(("main.json5".into(), format!("{{agents: {{list: {}}}}}", include(1))));
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let problems = Files::new(&files).problems();
    assert!(problems.iter().any(|problem| problem.ends_with("More than 1000 includes")), "{problems:?}");
}

#[test]
fn a_broken_include_is_shown_at_its_own_place() {
    let files =
        Files::new(&[("main.json5", "{gateway: {$include: 'x.json5'}}"), ("x.json5", "{\n  port 5\n}")]);
    let Outcome::Invalid(issues) = files.load().outcome else { panic!("invalid") };
    let place = issues[0].place.as_ref().unwrap();
    assert_eq!(
        (place.file.as_path(), place.line, place.column),
        (files.0.path().join("x.json5").as_path(), 2, 8)
    );
    assert_eq!(
        issues[0].suggestion.as_deref(),
        Some("JSON5: invalid character '5' at 2:8: a colon is missing between the key and its value")
    );
}
