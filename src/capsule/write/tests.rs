//! Profiles with secrets of every kind in every place and form: no capsule ever holds one.

mod plant;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use proptest::prelude::*;

use self::plant::{Place, Planted, Secrets, secrets};
use super::{Plan, Subject, Wish};
use crate::capsule::{Limits, Manifest, walk};
use crate::profile::EnvMap;
use crate::redaction::Kind;

fn subject(home: &Path, secrets: &Secrets) -> Subject {
    let mut env = EnvMap::default();
    env.set("OUTER_TOKEN", &secrets.environment);
    Subject {
        name: None,
        home: Some(home.to_owned()),
        state: home.join(".clawdbot"),
        workspace: Some(home.join("clawd")),
        config: home.join(".clawdbot/clawdbot.json"),
        log: home.join(".clawdbot/logs/gateway.log"),
        env,
    }
}

fn captured(home: &Path, secrets: &Secrets, name: &str) -> (Manifest, BTreeMap<String, Vec<u8>>) {
    let wish = Wish { recording: None, include: Vec::new(), exclude: Vec::new(), max_bytes: 1 << 30 };
    let folder = home.parent().unwrap();
    let file = folder.join(name);
    let plan = Plan::make(&subject(home, secrets), &wish, folder).unwrap();
    plan.write(&file, "2026-01-24T08:00:00Z").unwrap();
    let mut entries = BTreeMap::new();
    let manifest = walk(&file, &Limits::default(), &mut |name, _, content| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes).unwrap();
        entries.insert(name.to_owned(), bytes);
        Ok(())
    });
    let manifest = manifest.unwrap();
    entries.insert("manifest.json".to_owned(), serde_json::to_vec(&manifest).unwrap());
    (manifest, entries)
}

/// Everything that can be read in a text: itself, and what its strings, escapes, and base64 say, to some depth.
fn readings(text: &str, depth: usize, found: &mut Vec<Vec<u8>>) {
    found.push(text.as_bytes().to_vec());
    if depth == 0 {
        return;
    }
    for line in text.lines() {
        if let Ok(value) = serde_json::from_str::<serde_json::Value>(line) {
            strings(&value, depth - 1, found);
        }
    }
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(text) {
        strings(&value, depth - 1, found);
    }
    if text.contains('%') {
        found.push(percent_encoding::percent_decode_str(text).collect());
    }
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
    for run in text.split(|c: char| !is_base64(c)).filter(|run| run.len() >= 8) {
        for alphabet in [&STANDARD, &URL_SAFE] {
            for start in 0..4.min(run.len()) {
                let part = &run[start..];
                let whole = &part[..part.len() - part.len() % 4];
                found.extend(GeneralPurpose::new(alphabet, config).decode(whole));
                found.extend(GeneralPurpose::new(alphabet, config).decode(part));
            }
        }
    }
}

fn strings(value: &serde_json::Value, depth: usize, found: &mut Vec<Vec<u8>>) {
    match value {
        serde_json::Value::String(text) => readings(text, depth, found),
        serde_json::Value::Array(items) => items.iter().for_each(|item| strings(item, depth, found)),
        serde_json::Value::Object(members) => members.iter().for_each(|(name, value)| {
            found.push(name.as_bytes().to_vec());
            strings(value, depth, found);
        }),
        _ => {}
    }
}

fn contains(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_capsule_holds_a_secret(
        secrets in secrets(),
        places in prop::collection::vec(any::<Place>(), 1..30),
    ) {
        let place = tempfile::tempdir().unwrap();
        let home = place.path().canonicalize().unwrap().join("home-of-ada");
        let planted = Planted::new(&home, &secrets, &places);
        let (manifest, entries) = captured(&home, &secrets, "one");
        for (name, bytes) in &entries {
            let mut read = Vec::new();
            readings(&String::from_utf8_lossy(bytes), 3, &mut read);
            for secret in secrets.all().chain(["home-of-ada"]) {
                prop_assert!(!name.contains(secret), "{secret} in {name}");
                for reading in &read {
                    prop_assert!(!contains(reading, secret), "{secret} in {name}:\n{}", String::from_utf8_lossy(bytes));
                }
            }
        }
        // The same secret has the same name wherever it stood, and no other has it.
        let mut names: BTreeMap<&str, String> = BTreeMap::new();
        for (name, marked) in planted.marked(&entries) {
            let known = names.entry(name).or_insert_with(|| marked.clone());
            prop_assert_eq!(known, &marked, "{}", name);
            prop_assert!(marked.starts_with("capsule-secret-"), "{name}: {marked}");
        }
        let mut distinct: Vec<&String> = names.values().collect();
        distinct.sort();
        distinct.dedup();
        prop_assert_eq!(distinct.len(), names.len());
        // Documents are still documents, and a second capsule is the same.
        for (name, bytes) in entries.iter().filter(|(name, _)| Kind::of(name) == Kind::Document) {
            let is_json = serde_json::from_slice::<serde_json::Value>(bytes).is_ok();
            prop_assert!(is_json, "{name}: {}", String::from_utf8_lossy(bytes));
        }
        let (again, second) = captured(&home, &secrets, "two");
        prop_assert_eq!((manifest, entries), (again, second));
        let left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        prop_assert_eq!(left.len(), 3, "{:?}", left);
    }
}

/// A profile with a configuration and these files.
fn profile(files: &[(&str, &str)]) -> (tempfile::TempDir, Subject) {
    let place = tempfile::tempdir().unwrap();
    let home = place.path().canonicalize().unwrap().join("ada");
    for (path, text) in files.iter().chain(&[(".clawdbot/clawdbot.json", "{}")]) {
        let path = home.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let subject = Subject {
        name: None,
        home: Some(home.clone()),
        state: home.join(".clawdbot"),
        workspace: None,
        config: home.join(".clawdbot/clawdbot.json"),
        log: home.join(".clawdbot/logs/gateway.log"),
        env: EnvMap::default(),
    };
    (place, subject)
}

/// Whatever happens between the look and the writing.
#[test]
fn a_file_that_changes_meanwhile_is_read_again() {
    const FILE: &str = ".clawdbot/agents/main/sessions/one.jsonl";
    const OTHER: &str = ".clawdbot/agents/main/sessions/two.jsonl";
    let (place, subject) = profile(&[(FILE, "{\"a\":1}\n"), (OTHER, "{\"b\":1}\n")]);
    let wish = Wish { recording: None, include: Vec::new(), exclude: Vec::new(), max_bytes: 1 << 30 };
    let (one, two) = (subject.home.clone().unwrap().join(FILE), subject.home.clone().unwrap().join(OTHER));
    let text = |round: usize, name: &str| {
        let mut found = None;
        let file = place.path().join(round.to_string());
        walk(&file, &Limits::default(), &mut |entry, _, content| {
            if entry.ends_with(name) {
                let mut text = String::new();
                content.read_to_string(&mut text).unwrap();
                found = Some(text);
            }
            Ok(())
        })
        .unwrap();
        found
    };
    let rounds: [(&dyn Fn(), Option<&str>); 4] = [
        // It grows: what was there goes in.
        (&|| fs::write(&one, "{\"a\":1}\n{\"a\":2}\n").unwrap(), Some("{\"a\":1}\n")),
        // It is another one, with a secret that stands in others too.
        (
            &|| fs::write(&one, "{\"token\":\"s3cret-of-later\"}\n").unwrap(),
            Some("{\"token\":\"capsule-secret-1\"}\n"),
        ),
        (&|| fs::write(&one, b"\xff\n").unwrap(), None),
        (&|| fs::remove_file(&one).unwrap(), None),
    ];
    for (round, (change, expected)) in rounds.into_iter().enumerate() {
        fs::write(&one, "{\"a\":1}\n").unwrap();
        fs::write(&two, "{\"b\":\"s3cret-of-later\"}\n").unwrap();
        let plan = Plan::make(&subject, &wish, place.path()).unwrap();
        change();
        plan.write(&place.path().join(round.to_string()), "2026-01-24T08:00:00Z").unwrap();
        assert_eq!(text(round, "one.jsonl").as_deref(), expected, "{round}");
        let other = text(round, "two.jsonl").unwrap();
        assert_eq!(other.contains("s3cret"), round != 1, "{other}");
    }
}
