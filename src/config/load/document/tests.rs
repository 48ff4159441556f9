//! Whole readings.

use std::fs;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn load_bytes(bytes: &[u8], env: &EnvMap) -> ConfigSnapshot {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("clawdbot.json");
    fs::write(&path, bytes).unwrap();
    load(&path, env)
}

fn issues(snapshot: &ConfigSnapshot) -> &[Issue] {
    match &snapshot.outcome {
        Outcome::Invalid(issues) => issues,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_missing_file_is_missing() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("none/clawdbot.json");
    let snapshot = load(&path, &EnvMap::default());
    assert_eq!(snapshot.outcome, Outcome::Missing);
    assert_eq!((snapshot.raw, snapshot.resolved, snapshot.files), (None, json!({}), vec![path]));
    assert_eq!(snapshot.hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn what_cannot_be_read_is_invalid() {
    let home = tempfile::tempdir().unwrap();
    let snapshot = load(home.path(), &EnvMap::default());
    assert_eq!(
        issues(&snapshot)[0].message,
        format!("Cannot read {}: it is a directory", home.path().display())
    );

    let snapshot = load_bytes(b"{a: 1,\n 'b\xff': 2}", &EnvMap::default());
    let issue = &issues(&snapshot)[0];
    assert!(issue.message.ends_with("it is not valid UTF-8"), "{}", issue.message);
    let place = issue.place.as_ref().unwrap();
    assert_eq!((place.line, place.column, place.width), (2, 4, 1));

    for text in ["", " \n", "\u{feff}"] {
        let snapshot = load_bytes(text.as_bytes(), &EnvMap::default());
        assert!(issues(&snapshot)[0].message.contains("invalid end of input"), "{text:?}");
        assert_eq!(snapshot.raw.as_deref(), Some(text));
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("clawdbot.json");
    fs::File::create(&path).unwrap().set_len(16 * 1024 * 1024 + 1).unwrap();
    let snapshot = load(&path, &EnvMap::default());
    assert!(issues(&snapshot)[0].message.ends_with("it is larger than 16 MiB"));
}

#[cfg(unix)]
#[test]
fn a_socket_and_a_pipe_are_not_waited_for() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("clawdbot.json");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    assert!(issues(&load(&path, &EnvMap::default()))[0].message.ends_with("it is not a regular file"));

    let pipe = home.path().join("pipe.json");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    assert!(issues(&load(&pipe, &EnvMap::default()))[0].message.ends_with("it is not a regular file"));
}

#[test]
fn a_valid_document_is_resolved_and_typed() {
    let env = EnvMap::from([("TOKEN", "s3cret")]);
    let text = "\u{feff}{gateway: {mode: 'local', port: 0x4965, auth: {token: '${TOKEN}'}}, agents: {defaults: {model: \
                'a/b'}, list: [{id: 'dev', identity: {emoji: '🤖'}}]}, env: {A: '1'}}";
    let snapshot = load_bytes(text.as_bytes(), &env);
    assert_eq!(snapshot.outcome, Outcome::Valid);
    assert_eq!(snapshot.parsed["gateway"]["auth"]["token"], "${TOKEN}");
    assert_eq!(snapshot.resolved["gateway"]["auth"]["token"], "s3cret");
    let config = Config::from_resolved(&snapshot.resolved);
    assert_eq!(config.gateway.port, Some(18789));
    assert_eq!(config.gateway.auth.token.unwrap().expose(), "s3cret");
    assert_eq!(config.agents.defaults.model.unwrap().primary.as_deref(), Some("a/b"));
    assert_eq!(config.agents.list[0].id, "dev");
}

#[test]
fn missing_variables_are_named_once_and_cause_nothing_else() {
    let snapshot = load_bytes(
        b"{gateway: {bind: '${BIND}', auth: {token: 'x${TOKEN}'}, trustedProxies: ['${P}']}}",
        &EnvMap::default(),
    );
    let messages: Vec<_> = issues(&snapshot).iter().map(|issue| issue.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "Missing env var \"BIND\" referenced at config path: gateway.bind",
            "Missing env var \"TOKEN\" referenced at config path: gateway.auth.token",
            "Missing env var \"P\" referenced at config path: gateway.trustedProxies[0]",
        ]
    );
}

#[test]
fn secrets_never_leave_with_a_problem() {
    let text = "{\n  gateway: { auth: { token: 'hunter2', password: 12345, mode: 'tokn' } },\n  talk: { apiKey: ['sk-1'] }\n}";
    let snapshot = load_bytes(text.as_bytes(), &EnvMap::default());
    let Outcome::Invalid(issues) = &snapshot.outcome else { panic!("invalid") };
    assert_eq!(issues.len(), 3);
    let shown = serde_json::to_string(issues).unwrap();
    for secret in ["hunter2", "12345", "sk-1"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let place = issues[1].place.as_ref().unwrap();
    assert_eq!(place.text, "  gateway: { auth: { token: '•••••••', password: •••••, mode: 'tokn' } },");
    assert_eq!((place.column, place.width), (63, 6));
}

#[test]
fn a_line_without_end_is_cut_around_the_mark() {
    let filler: Vec<_> = (0..2000).map(|n| format!("{{id: 'a{n}'}}")).collect();
    let text = format!("{{agents: {{list: [{}, {{id: 5}}]}}}}", filler.join(","));
    let snapshot = load_bytes(text.as_bytes(), &EnvMap::default());
    let place = issues(&snapshot)[0].place.as_ref().unwrap();
    assert_eq!(place.column, text.find("id: 5").unwrap() + 5);
    assert!(place.text.chars().count() <= 400);
    let marked: String =
        place.text.chars().skip(place.column - 1 - place.skipped).take(place.width).collect();
    assert_eq!(marked, "5");
}

#[test]
fn a_flood_of_problems_is_counted() {
    let keys: Vec<_> = (0..1000).map(|n| format!("zz{n}: 1")).collect();
    let snapshot = load_bytes(format!("{{{}}}", keys.join(",")).as_bytes(), &EnvMap::default());
    assert_eq!(issues(&snapshot).len(), 201);
    assert_eq!(issues(&snapshot)[200].message, "800 more problems are not shown");
}

#[test]
fn a_snapshot_survives_the_pipe() {
    let deep =
        format!("{{plugins: {{entries: {{x: {{config: {{a: {}1{}}}}}}}}}}}", "[".repeat(59), "]".repeat(59));
    let snapshot = load_bytes(deep.as_bytes(), &EnvMap::default());
    assert_eq!(snapshot.outcome, Outcome::Valid);
    let line = serde_json::to_string(&json!({"envelope": {"config": snapshot}})).unwrap();
    assert!(serde_json::from_str::<Value>(&line).is_ok());
}

#[test]
fn a_large_document_is_read_quickly() {
    let agents: Vec<_> = (0..300)
        .map(|n| {
            format!(
                "  {{ id: 'agent-{n}', name: \"Agent number {n}\", workspace: '~/agents/{n}', model: {{ primary: \
                 'anthropic/claude-opus-4-5', fallbacks: ['openai/gpt-5', 'google/gemini-3'] }}, identity: {{ name: \
                 'N{n}', theme: 'helper', emoji: '🤖' }}, tools: {{ allow: ['read', 'write', 'exec'], deny: \
                 ['browser'] }}, heartbeat: {{ every: '30m', target: 'last' }} }}, // agent {n}"
            )
        })
        .collect();
    let bindings: Vec<_> = (0..500)
        .map(|n| {
            format!(
                "  {{ agentId: 'agent-{}', match: {{ channel: 'telegram', accountId: 'main', peer: {{ kind: 'group', id: \
                 '-100{n}' }} }} }},",
                n % 300
            )
        })
        .collect();
    let text = format!(
        "{{\n agents: {{ list: [\n{}\n] }},\n bindings: [\n{}\n],\n gateway: {{ mode: 'local' }} }}",
        agents.join("\n"),
        bindings.join("\n")
    );
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("clawdbot.json");
    fs::write(&path, &text).unwrap();
    let best = (0..20)
        .map(|_| {
            let start = std::time::Instant::now();
            assert_eq!(load(&path, &EnvMap::default()).outcome, Outcome::Valid);
            start.elapsed()
        })
        .min()
        .unwrap();
    // A release build takes a few milliseconds; this catches work that grows with the square of the size.
    assert!(best.as_millis() < 1000, "{} bytes in {best:?}", text.len());
}

/// Every key with a value of every kind, so that mutations reach deep.
const RICH: &str = r"{
  // A bit of everything.
  env: { vars: { A: '1' }, B: '${HOME}' },
  gateway: { mode: 'local', port: 18789, bind: 'loopback', auth: { token: 'abc', mode: 'token' }, tls: { x: [1e3, .5] } },
  agents: { defaults: { workspace: '~/w', model: { primary: 'a/b' } }, list: [{ id: 'dev', default: true }] },
  session: { scope: 'per-sender', reset: { mode: 'daily', atHour: 4 } },
  broadcast: { strategy: 'parallel', all: ['dev'] },
  browser: { profiles: { main: { cdpPort: 9222, color: '#aabbcc' } } },
  channels: { telegram: { botToken: 'x', deep: [[[{}]]] } },
}";

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_no_surprise(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        load_bytes(&bytes, &EnvMap::default());
    }

    #[test]
    fn arbitrary_json5_is_no_surprise(text in "[{}\\[\\]:,'\"\\\\/*a-c0.x+\\-$\r\n\té🤖 ]{0,80}") {
        load_bytes(text.as_bytes(), &EnvMap::default());
    }

    /// Cuts, doubles, and swaps stretches of a rich document. Whatever comes out: no panic, places within the text,
    /// and a valid outcome only if the typed view keeps what was said.
    #[test]
    fn mutated_documents_are_no_surprise(cuts in proptest::collection::vec((0..RICH.len(), 0..40_usize, 0..3_u8), 1..4)) {
        let mut text = RICH.to_owned();
        for (at, length, how) in cuts {
            let start = text.floor_char_boundary(at.min(text.len()));
            let end = text.ceil_char_boundary((start + length).min(text.len()));
            match how {
                0 => { text.drain(start..end); }
                1 => { let copy = text[start..end].to_owned(); text.insert_str(start, &copy); }
                _ => { text.truncate(start); text.push_str("\n  zzz: '\t"); }
            }
        }
        let snapshot = load_bytes(text.as_bytes(), &EnvMap::from([("HOME", "/home/you")]));
        match &snapshot.outcome {
            Outcome::Missing => prop_assert!(false),
            Outcome::Valid => {
                prop_assert!(Config::deserialize(&snapshot.resolved).is_ok());
            }
            Outcome::Invalid(issues) => {
                prop_assert!(!issues.is_empty());
                for issue in issues {
                    let place = issue.place.as_ref().unwrap();
                    prop_assert!(place.width >= 1 && place.line >= 1 && place.column > place.skipped);
                    prop_assert!(place.line <= text.lines().count().max(1));
                    prop_assert!(place.column - place.skipped <= place.text.chars().count() + 1);
                }
            }
        }
    }
}

#[test]
fn the_rich_document_is_valid() {
    let snapshot = load_bytes(RICH.as_bytes(), &EnvMap::from([("HOME", "/home/you")]));
    assert_eq!(snapshot.outcome, Outcome::Valid);
}
