use std::path::PathBuf;

use serde_json::json;

use super::super::frontmatter::Frontmatter;
use super::super::metadata::Metadata;
use super::super::scan::Source;
use super::*;
use crate::profile::EnvMap;

fn skill(own: &Value) -> Skill {
    let metadata = Metadata::of(&json!({ "clawdbot": own }));
    let head = Frontmatter { name: None, description: "d".into(), homepage: None, metadata };
    let (file, directory) = (PathBuf::from("/w/a/SKILL.md"), PathBuf::from("/w/a"));
    Skill { name: "a".into(), source: Source::Workspace, file, directory, head }
}

/// The row of a skill on a Linux machine that has the program `sh` and the variable `SET`.
fn row(own: &Value, config: &Value) -> Value {
    let (env, skill) = (EnvMap::from([("SET", "1"), ("BLANK", " ")]), skill(own));
    let typed = Config::from_resolved(config);
    let machine = Machine { os: "linux", env: &env, has: &|name| name == "sh" };
    let report = Report { config: &typed, values: config, shown: config, machine };
    json!(report.row(&skill))
}

#[track_caller]
fn check(own: &Value, config: &Value, missing: &Value) {
    let row = row(own, config);
    let found: Vec<_> = row["missing"].as_object().unwrap().iter().collect();
    let found: Value = found
        .into_iter()
        .filter(|(_, list)| *list != &json!([]))
        .map(|(key, list)| (key.clone(), list.clone()))
        .collect();
    assert_eq!(found, *missing, "{own}");
    assert_eq!(row["eligible"], *missing == json!({}), "{own}");
}

#[test]
fn what_is_missing() {
    let none = json!({});
    check(&none, &none, &none);
    check(&json!({ "requires": { "bins": ["sh", "x"] } }), &none, &json!({ "bins": ["x"] }));
    check(&json!({ "requires": { "anyBins": ["x", "sh"] } }), &none, &none);
    check(&json!({ "requires": { "anyBins": ["x", "y"] } }), &none, &json!({ "anyBins": ["x", "y"] }));
    check(&json!({ "os": ["darwin", "linux"] }), &none, &none);
    check(&json!({ "os": ["darwin"] }), &none, &json!({ "os": ["darwin"] }));
    check(&json!({ "always": true, "os": ["darwin"], "requires": { "bins": ["x"] } }), &none, &none);
}

#[test]
fn variables_come_from_four_places() {
    let own = json!({ "primaryEnv": "KEY", "requires": { "env": ["SET", "BLANK", "KEY", "OWN", "ADDED"] } });
    check(&own, &json!({}), &json!({ "env": ["BLANK", "KEY", "OWN", "ADDED"] }));
    let config = json!({
        "skills": { "entries": { "a": { "apiKey": "k", "env": { "OWN": "1", "BLANK": "" } } } },
        "env": { "vars": { "ADDED": "1" } },
    });
    check(&own, &config, &json!({ "env": ["BLANK"] }));
}

#[test]
fn places_of_the_configuration() {
    let config = json!({ "a": { "yes": true, "no": false, "zero": 0, "blank": " ", "list": [], "null": null, "items": ["x"] } });
    for (path, expected) in [
        ("a", true),
        ("a.yes", true),
        ("a.no", false),
        ("a.zero", false),
        ("a.blank", false),
        ("a.list", true),
        ("a.null", false),
        ("a.none.further", false),
        ("a.items.0", true),
        ("browser.enabled", true),
    ] {
        let row = row(&json!({ "requires": { "config": [path] } }), &config);
        assert_eq!(row["configChecks"][0]["satisfied"], expected, "{path}");
        assert_eq!(row["eligible"], expected, "{path}");
    }
    let off = json!({ "browser": { "enabled": false } });
    assert_eq!(row(&json!({ "requires": { "config": ["browser.enabled"] } }), &off)["eligible"], false);
}

#[test]
fn the_entry_is_found_by_the_key() {
    let config =
        json!({ "skills": { "entries": { "key": { "enabled": false }, "a": { "enabled": true } } } });
    let own = row(&json!({ "skillKey": "key" }), &config);
    assert_eq!(
        (&own["skillKey"], &own["disabled"], &own["eligible"]),
        (&json!("key"), &json!(true), &json!(false))
    );
    assert_eq!(row(&json!({}), &config)["disabled"], false);
}

#[test]
fn programs_of_all_skills() {
    let skills = [
        skill(&json!({ "requires": { "bins": ["b", "a"], "anyBins": ["c"] } })),
        skill(
            &json!({ "os": ["darwin"], "requires": { "bins": ["a"] }, "install": [{ "kind": "go", "bins": ["d"] }] }),
        ),
    ];
    assert_eq!(bins(&skills), ["a", "b", "c", "d"]);
}
