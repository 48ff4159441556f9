use super::*;

#[test]
fn every_key_of_the_table_is_in_the_schema() {
    let schema = json_schema();
    let properties = schema["properties"].as_object().unwrap();
    assert_eq!(properties.len(), ROOT.keys.len() + 1);
    let gateway = &properties["gateway"]["properties"];
    assert_eq!(gateway["port"]["exclusiveMinimum"], 0);
    assert_eq!(gateway["port"]["maximum"], 65535);
    assert_eq!(gateway["bind"]["anyOf"][0]["enum"][2], "loopback");
    assert_eq!(properties["gateway"]["additionalProperties"], false);
    assert_eq!(properties["channels"]["additionalProperties"]["type"], "object");
    let binding = &properties["bindings"]["anyOf"][0]["items"];
    assert_eq!(binding["anyOf"][0]["required"], json!(["agentId", "match"]));
}

#[test]
fn what_is_described_exists() {
    let schema = json_schema().to_string();
    for (path, text) in crate::config::validate::describe::DESCRIPTIONS {
        assert!(schema.contains(&json!(text).to_string()), "{path} is no key of the table");
    }
}

#[test]
fn the_resolved_form_has_neither_references_nor_includes() {
    let schema = resolved_json_schema();
    assert_eq!(schema["properties"].as_object().unwrap().len(), ROOT.keys.len());
    assert_eq!(schema["properties"]["gateway"]["properties"]["bind"]["enum"][2], "loopback");
    assert_eq!(schema["properties"]["bindings"]["items"]["required"], json!(["agentId", "match"]));
    let text = schema.to_string();
    assert!(!text.contains("$ref") && !text.contains("$include"));
}

/// Whether a value fits a schema, as far as our schemas go.
fn fits(schema: &Value, value: &Value) -> bool {
    let all = |list: &Value, fits: &dyn Fn(&Value) -> bool| {
        list.as_array().is_none_or(|list| list.iter().all(fits))
    };
    let is_type = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        _ => true,
    };
    let number = value.as_f64().unwrap_or(0.0);
    let length = value.as_str().map_or(0, |text| text.chars().count() as u64);
    is_type
        && schema["enum"].as_array().is_none_or(|choices| choices.contains(value))
        && schema.get("const").is_none_or(|only| only == value)
        && schema["minimum"].as_f64().is_none_or(|min| number >= min)
        && schema["exclusiveMinimum"].as_f64().is_none_or(|min| number > min)
        && schema["maximum"].as_f64().is_none_or(|max| number <= max)
        && schema["minLength"].as_u64().is_none_or(|min| length >= min)
        && schema["anyOf"].as_array().is_none_or(|kinds| kinds.iter().any(|kind| fits(kind, value)))
        && all(&schema["required"], &|name| value.get(name.as_str().unwrap()).is_some())
        && value.as_array().is_none_or(|items| items.iter().all(|item| fits(&schema["items"], item)))
        && value.as_object().is_none_or(|members| {
            members.iter().all(|(name, member)| match schema["properties"].get(name) {
                Some(known) => fits(known, member),
                None => match &schema["additionalProperties"] {
                    Value::Bool(allowed) => *allowed,
                    rest => fits(rest, member),
                },
            })
        })
}

#[track_caller]
fn check_agreement(config: &Value, is_accepted: bool) {
    let text = config.to_string();
    let path = std::path::Path::new("/clawdbot.json");
    let document = crate::config::Document::of_text(path, text, &crate::profile::EnvMap::default());
    let valid = document.snapshot.outcome == crate::config::Outcome::Valid;
    assert_eq!(valid, is_accepted, "validation of {config}: {:?}", document.snapshot.outcome);
    assert_eq!(fits(&resolved_json_schema(), config), is_accepted, "schema of {config}");
}

#[test]
fn the_resolved_form_and_validation_agree() {
    for config in [
        json!({}),
        json!({ "gateway": { "mode": "local", "port": 18789, "bind": "lan", "auth": { "token": "t" } } }),
        json!({ "agents": { "list": [{ "id": "a", "default": true }], "defaults": { "model": "p/m" } } }),
        json!({ "agents": { "defaults": { "model": { "primary": "p/m", "fallbacks": ["p/n"] } } } }),
        json!({ "channels": { "any": { "thing": [1] } }, "env": { "NAME": "x", "vars": { "A": "b" } } }),
        json!({ "skills": { "entries": { "s": { "enabled": false, "env": { "A": "b" } } } } }),
        json!({ "bindings": [{ "agentId": "a", "match": { "channel": "c" } }] }),
    ] {
        check_agreement(&config, true);
    }
    for config in [
        json!({ "nope": 1 }),
        json!({ "gateway": { "nope": 1 } }),
        json!({ "gateway": { "port": 0 } }),
        json!({ "gateway": { "port": 65536 } }),
        json!({ "gateway": { "bind": "everywhere" } }),
        json!({ "gateway": { "auth": { "token": 5 } } }),
        json!({ "agents": { "list": [{ "id": 5 }] } }),
        json!({ "skills": { "entries": { "s": { "enabled": "no" } } } }),
        json!({ "bindings": [{ "agentId": "a" }] }),
    ] {
        check_agreement(&config, false);
    }
}
