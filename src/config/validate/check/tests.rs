//! The wording of problems, as the published program has it, and our advice.

use std::fs;

use super::super::super::{ConfigSnapshot, Outcome, load};
use crate::profile::EnvMap;

fn read(text: &str) -> ConfigSnapshot {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("clawdbot.json");
    fs::write(&path, text).unwrap();
    load(&path, &EnvMap::default())
}

/// `PATH: MESSAGE`, and after ` | ` the advice if there is any.
#[track_caller]
fn check(text: &str, expect: &[&str]) {
    let lines: Vec<_> = match read(text).outcome {
        Outcome::Invalid(issues) => issues
            .into_iter()
            .map(|issue| {
                let advice = issue.suggestion.map(|text| format!(" | {text}")).unwrap_or_default();
                format!("{}: {}{advice}", issue.path, issue.message)
            })
            .collect(),
        Outcome::Valid => Vec::new(),
        Outcome::Missing => panic!("missing"),
    };
    assert_eq!(lines, expect, "{text}");
}

#[test]
fn unknown_keys_are_named_with_what_was_meant() {
    check(
        "{bogus: 1, gateway: {prot: 1, foo: 2, controlUI: {}}, loging: {}}",
        &[
            ": Unrecognized key: \"bogus\"",
            "gateway: Unrecognized key: \"prot\" | did you mean \"port\"?",
            "gateway: Unrecognized key: \"foo\" | the keys here are port, mode, bind, customBindHost, controlUi, auth, trustedProxies, tailscale, remote, reload, tls, http, nodes",
            "gateway: Unrecognized key: \"controlUI\" | did you mean \"controlUi\"?",
            ": Unrecognized key: \"loging\" | did you mean \"logging\"?",
        ],
    );
}

#[test]
fn misplaced_keys_are_sent_to_their_place() {
    check(
        "{port: 5, gateway: {token: 'x', password: 'y', logging: {}}, telegram: {}, identity: {}}",
        &[
            ": Unrecognized key: \"port\" | use gateway.port",
            "gateway.token: gateway.token is ignored; use gateway.auth.token instead | use gateway.auth.token",
            "gateway: Unrecognized key: \"password\" | use gateway.auth.password",
            "gateway: Unrecognized key: \"logging\" | \"logging\" belongs at the top level",
            "telegram: telegram config moved to channels.telegram | use channels.telegram",
            "identity: identity was moved; use agents.list[].identity instead | use agents.list[].identity",
        ],
    );
}

#[test]
fn types_are_checked() {
    check(
        "{gateway: {port: '80', bind: 'loopbck', mode: 5, auth: {mode: 'none', token: 5}, trustedProxies: 'x', tls: {enabled: 'yes', more: 1}, \
         controlUi: [], tailscale: null}}",
        &[
            "gateway.port: Invalid input: expected number, received string | write the number without quotes",
            "gateway.bind: Invalid input | did you mean \"loopback\"?",
            "gateway.mode: Invalid input | write one of \"local\", \"remote\"",
            "gateway.auth.mode: Invalid input | write one of \"token\", \"password\"",
            "gateway.auth.token: Invalid input: expected string, received number | write it in quotes",
            "gateway.trustedProxies: Invalid input: expected array, received string | write it as a list: [ … ]",
            "gateway.tls.enabled: Invalid input: expected boolean, received string | write true or false",
            "gateway.controlUi: Invalid input: expected object, received array",
            "gateway.tailscale: Invalid input: expected object, received null | leave the key out to get the default",
        ],
    );
    check("[]", &[": Invalid input: expected object, received array"]);
    check(
        "{tools: {exec: {host: 'gatway'}}, browser: {snapshotDefaults: {mode: 'x'}}, agents: {list: [{id: 'a', model: 5}]}}",
        &[
            "tools.exec.host: Invalid option: expected one of \"sandbox\"|\"gateway\"|\"node\" | did you mean \"gateway\"?",
            "browser.snapshotDefaults.mode: Invalid input: expected \"efficient\"",
            "agents.list[0].model: Invalid input",
        ],
    );
}

#[test]
fn numbers_are_checked() {
    let port = " | a port is a number from 1 to 65535";
    check("{gateway: {port: 0}}", &[&format!("gateway.port: Too small: expected number to be >0{port}")]);
    check(
        "{gateway: {port: 65536}}",
        &[&format!("gateway.port: Too big: expected number to be <=65535{port}")],
    );
    check(
        "{gateway: {port: 1.5}}",
        &[&format!("gateway.port: Invalid input: expected int, received number{port}")],
    );
    check("{gateway: {port: 1}}", &[]);
    check("{gateway: {port: 65535.0}}", &[]);
    check(
        "{session: {reset: {atHour: 24}, idleMinutes: 0}, diagnostics: {otel: {sampleRate: 5, flushIntervalMs: 1e300}}}",
        &[
            "session.reset.atHour: Too big: expected number to be <=23",
            "session.idleMinutes: Too small: expected number to be >0",
            "diagnostics.otel.sampleRate: Too big: expected number to be <=1",
            "diagnostics.otel.flushIntervalMs: Too big: expected int to be <=9007199254740991",
        ],
    );
    check(
        "{cron: {enabled: Infinity}, update: {checkOnStart: NaN}, channels: {x: {y: [-Infinity]}}}",
        &[
            "cron.enabled: Invalid input: expected boolean, received Infinity | write true or false",
            "update.checkOnStart: Invalid input: expected boolean, received NaN | write true or false",
            "channels.x.y[0]: Invalid input: -Infinity has no form in JSON",
        ],
    );
}

#[test]
fn required_keys_are_asked_for() {
    check(
        "{agents: {list: [{name: 'x'}]}, bindings: [{agentId: 'a'}]}",
        &[
            "agents.list[0].id: Invalid input: expected string, received undefined | add the key \"id\"",
            "bindings[0].match: Invalid input: expected object, received undefined | add the key \"match\"",
        ],
    );
}

#[test]
fn keys_are_checked_against_each_other() {
    check(
        "{agents: {list: [{id: 'alpha'}]}, broadcast: {g: ['alpha', 'alpah']}, browser: {profiles: {'Bad Name': {color: 'aabbcc', cdpUrl: 'x'}, ok: \
         {color: '#aabbcc'}}}}",
        &[
            "broadcast.g[1]: Unknown agent id \"alpah\" (not in agents.list). | did you mean \"alpha\"?",
            "browser.profiles.Bad Name: Invalid key in record | use lower-case letters, digits, and hyphens",
            "browser.profiles.ok: Profile must set cdpPort or cdpUrl",
        ],
    );
    check("{broadcast: {g: ['anyone']}}", &[]);
}

#[test]
fn the_main_key_is_a_warning() {
    let snapshot = read("{session: {mainKey: 'work'}}");
    assert_eq!(snapshot.outcome, Outcome::Valid);
    assert_eq!(snapshot.warnings[0].message, "session.mainKey is ignored; main session is always \"main\".");
    assert!(read("{session: {mainKey: 'main'}}").warnings.is_empty());
}

#[test]
fn hooks_that_cannot_work_are_warnings() {
    let snapshot = read(
        "{hooks: {presets: ['gmail', 'gmial'], mappings: [{textTemplate: 'x'}, {transform: {module: './a.js'}}]}}",
    );
    assert_eq!(snapshot.outcome, Outcome::Valid);
    let found: Vec<&str> = snapshot.warnings.iter().map(|issue| issue.path.as_str()).collect();
    assert_eq!(found, ["hooks.presets[1]", "hooks.mappings[1].transform"]);
    assert!(snapshot.warnings[1].message.starts_with("transform.module needs JavaScript"));
    assert_eq!(snapshot.warnings[0].message, "Unknown preset \"gmial\".");
}

#[test]
fn what_belongs_to_plugins_is_accepted() {
    check(
        "{channels: {telegram: {botToken: 'x', any: [1, {thing: null}]}, mine: {}}, plugins: {entries: {'voice-call': {config: {x: 1}}}}, skills: \
         {entries: {s: {config: {y: [true]}, apiKey: 'k'}}}, env: {FOO: 'bar', shellEnv: {enabled: true}}, gateway: {tls: {other: {}}}}",
        &[],
    );
    check(
        "{channels: {telegram: 5}}",
        &["channels.telegram: Invalid input: expected object, received number"],
    );
}

#[test]
fn our_own_keys_are_accepted() {
    check(
        "{gateway: {customBindHost: '10.0.0.5', controlUi: {allowedOrigins: ['https://x'], root: '/ui'}}, agents: {defaults: {model: 'a/b'}}}",
        &[],
    );
}
