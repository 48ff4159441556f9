use proptest::prelude::*;
use serde_json::{Value, json};

use super::record::PairingRequest;
use super::token::TokenRefusal;
use super::*;

const NOW: u64 = 1_795_403_508_139;

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

fn ask(book: &mut DeviceBook, scopes: &[&str], now_ms: u64, id: &str) -> (PairingRequest, bool) {
    let scopes = texts(scopes);
    let metadata = DeviceMetadata { platform: Some("linux".to_owned()), ..DeviceMetadata::default() };
    let asked = Asked {
        device_id: "d1",
        public_key: "key",
        metadata: &metadata,
        role: "operator",
        scopes: &scopes,
        silent: false,
    };
    book.ensure_pending(&asked, now_ms, id)
}

fn paired_book(scopes: &[&str]) -> DeviceBook {
    let mut book = DeviceBook::default();
    ask(&mut book, scopes, NOW, "r1");
    book.approve("r1", NOW).unwrap();
    book
}

#[test]
fn files_survive_with_what_is_unknown_in_them() {
    let paired = json!({
        "d1": {
            "deviceId": "d1", "publicKey": "key", "displayName": "Laptop", "platform": "linux",
            "clientId": "cli", "clientMode": "cli", "role": "operator", "roles": ["operator"],
            "scopes": ["operator.admin"], "remoteIp": "203.0.113.9",
            "tokens": {
                "operator": {
                    "token": "secret", "role": "operator", "scopes": ["operator.admin"], "createdAtMs": 1,
                    "rotatedAtMs": 2, "lastUsedAtMs": 3, "later": "kept"
                }
            },
            "createdAtMs": 1, "approvedAtMs": 2, "later": { "kept": [1, 2] }
        }
    });
    let pending = json!({
        "r9": {
            "requestId": "r9", "deviceId": "d9", "publicKey": "k9", "role": "node", "roles": ["node"],
            "scopes": [], "silent": false, "isRepair": false, "ts": NOW, "later": true
        }
    });
    let mut book = DeviceBook::from_json(&paired, &pending, NOW);
    assert_eq!(book.paired_json(), paired);
    assert_eq!(book.pending_json(), pending);
    assert_eq!(book.take_changes(), Changes::default());
    let listed = book.list(NOW);
    assert_eq!(
        listed["paired"][0]["tokens"],
        json!([{
            "role": "operator", "scopes": ["operator.admin"], "createdAtMs": 1, "rotatedAtMs": 2,
            "lastUsedAtMs": 3
        }])
    );
    assert!(!listed.to_string().contains("secret"));
    assert!(!format!("{book:?}").contains("secret"));
}

#[test]
fn broken_entries_are_left_alone_and_wrong_types_are_kept() {
    let paired = json!({ "d1": 7, "d2": {}, "d3": { "publicKey": "k", "displayName": 7, "scopes": "all" } });
    let book = DeviceBook::from_json(&paired, &Value::Null, NOW);
    assert_eq!(book.devices().map(|device| device.device_id.as_str()).collect::<Vec<_>>(), ["d3"]);
    let device = book.get("d3").unwrap();
    assert_eq!((device.metadata.display_name.as_deref(), device.scopes.len()), (None, 0));
    let file = book.paired_json();
    assert_eq!((&file["d1"], &file["d2"], &file["d3"]["displayName"]), (&json!(7), &json!({}), &json!(7)));
    assert_eq!(DeviceBook::from_json(&json!([]), &json!("x"), NOW).paired_json(), json!({}));
}

#[test]
fn a_request_is_reused_until_it_expires() {
    let mut book = DeviceBook::default();
    let (first, created) = ask(&mut book, &["a"], NOW, "r1");
    assert!(created);
    assert_eq!(book.take_changes(), Changes { paired: false, pending: true });
    let (again, created) = ask(&mut book, &["a", "b"], NOW + 300_000, "r2");
    assert_eq!((again, created), (first, false), "what a person sees does not change");
    assert_eq!(book.take_changes(), Changes::default());
    let (later, created) = ask(&mut book, &["b"], NOW + 300_001, "r3");
    assert_eq!((later.request_id.as_str(), created), ("r3", true));
    assert_eq!(book.approve("r1", NOW + 300_001), None);
}

#[test]
fn expired_requests_are_dropped_on_load() {
    let pending = json!({ "r1": { "deviceId": "d1", "publicKey": "k", "ts": NOW - 300_001 } });
    let mut book = DeviceBook::from_json(&json!({}), &pending, NOW);
    assert_eq!(book.pending_json(), json!({}));
    assert!(book.take_changes().pending);
}

#[test]
fn rejection_ends_a_request_and_grants_nothing() {
    let mut book = paired_book(&["a"]);
    ask(&mut book, &["b"], NOW, "r2");
    let resolution = book.reject("r2", NOW).unwrap();
    assert_eq!((resolution.request_id.as_str(), resolution.device_id.as_str()), ("r2", "d1"));
    assert_eq!(book.reject("r2", NOW), None);
    assert_eq!(book.get("d1").unwrap().scopes, ["a"]);
}

#[test]
fn tokens_are_reused_while_they_suffice() {
    let mut book = paired_book(&["a", "b"]);
    let mut ensure = |scopes: &[&str], now_ms, fresh: &str| {
        book.ensure_token("d1", "operator", &texts(scopes), now_ms, fresh).unwrap()
    };
    let first = ensure(&["a", "b"], NOW, "t1");
    assert_eq!((first.expose(), first.issued_at_ms(), first.rotated_at_ms), ("t1", NOW, None));
    assert_eq!(ensure(&["a"], NOW + 1, "t2").expose(), "t1");
    let wider = ensure(&["a", "c"], NOW + 2, "t3");
    assert_eq!((wider.expose(), wider.created_at_ms, wider.issued_at_ms()), ("t3", NOW, NOW + 2));
    assert_eq!(book.ensure_token("nobody", "operator", &[], NOW, "t4"), None);
}

#[test]
fn verification_says_why_not() {
    let mut book = paired_book(&["a"]);
    book.ensure_token("d1", "operator", &texts(&["a"]), NOW, "t1");
    let mut verify = |device: &str, role: &str, scopes: &[&str], token: &str| {
        book.verify_token(device, role, &texts(scopes), token, NOW)
    };
    assert_eq!(verify("d1", "operator", &["a"], "t1"), Ok(()));
    assert_eq!(verify("d2", "operator", &["a"], "t1"), Err(TokenRefusal::NotPaired));
    assert_eq!(verify("d1", "node", &["a"], "t1"), Err(TokenRefusal::NoToken));
    assert_eq!(verify("d1", "operator", &["a"], "t2"), Err(TokenRefusal::Mismatch));
    assert_eq!(verify("d1", "operator", &["a"], ""), Err(TokenRefusal::Mismatch));
    assert_eq!(verify("d1", "operator", &["a", "b"], "t1"), Err(TokenRefusal::Scopes));
    assert_eq!(book.revoke_token("d1", "operator", NOW), Some(NOW));
    assert_eq!(book.revoke_token("d1", "operator", NOW + 5), Some(NOW));
    assert_eq!(book.verify_token("d1", "operator", &[], "t1", NOW), Err(TokenRefusal::Revoked));
}

/// Anything that can happen to a book of one device.
#[derive(Debug, Clone)]
enum Step {
    Ask(Vec<String>),
    Approve,
    Reject,
    Ensure(Vec<String>),
    Rotate,
    Revoke,
    Refresh,
    Reload,
    Wait(u64),
}

fn scopes() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(prop_oneof!["a", "b", "c"], 0..3)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        scopes().prop_map(Step::Ask),
        Just(Step::Approve),
        Just(Step::Reject),
        scopes().prop_map(Step::Ensure),
        Just(Step::Rotate),
        Just(Step::Revoke),
        Just(Step::Refresh),
        Just(Step::Reload),
        (0_u64..400_000).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn revoked_tokens_never_verify_and_only_approval_grants(steps in proptest::collection::vec(step(), 1..60)) {
        let mut book = DeviceBook::default();
        let mut now_ms = NOW;
        let mut request = String::new();
        let mut revoked: Vec<String> = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            let before = book.get("d1").map(|device| device.scopes.clone()).unwrap_or_default();
            let is_approval = matches!(step, Step::Approve);
            match step {
                Step::Ask(scopes) => {
                    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
                    request = ask(&mut book, &scopes, now_ms, &format!("r{number}")).0.request_id;
                }
                Step::Approve => drop(book.approve(&request, now_ms)),
                Step::Reject => drop(book.reject(&request, now_ms)),
                Step::Ensure(scopes) => {
                    book.ensure_token("d1", "operator", &scopes, now_ms, &format!("t{number}"));
                }
                Step::Rotate => {
                    let old = book.get("d1").and_then(|device| device.tokens.get("operator")).map(|token| token.expose().to_owned());
                    if book.rotate_token("d1", "operator", None, now_ms, &format!("t{number}")).is_some() {
                        revoked.extend(old);
                    }
                }
                Step::Revoke => {
                    let old = book.get("d1").and_then(|device| device.tokens.get("operator")).map(|token| token.expose().to_owned());
                    if book.revoke_token("d1", "operator", now_ms).is_some() {
                        revoked.extend(old);
                    }
                }
                Step::Refresh => book.refresh("d1", &DeviceMetadata::default(), "node"),
                Step::Reload => book = DeviceBook::from_json(&book.paired_json(), &book.pending_json(), now_ms),
                Step::Wait(ms) => now_ms += ms,
            }
            for token in &revoked {
                prop_assert!(book.verify_token("d1", "operator", &[], token, now_ms).is_err());
            }
            let after = book.get("d1").map(|device| device.scopes.clone()).unwrap_or_default();
            if is_approval {
                prop_assert!(before.iter().all(|scope| after.contains(scope)));
            } else {
                prop_assert_eq!(before, after);
            }
        }
    }
}

#[test]
fn requests_are_bounded_and_a_flood_drives_out_its_own() {
    let mut book = DeviceBook::default();
    let mut ask = |number: u64, ip: &str| {
        let metadata = DeviceMetadata {
            display_name: Some("x".repeat(1000)),
            remote_ip: Some(ip.to_owned()),
            ..DeviceMetadata::default()
        };
        let id = format!("d{number}");
        let asked = Asked {
            device_id: &id,
            public_key: "key",
            metadata: &metadata,
            role: "operator",
            scopes: &vec!["s".to_owned(); 100],
            silent: false,
        };
        book.ensure_pending(&asked, 1_000 + number, &id).0
    };
    ask(0, "10.0.0.1");
    let request = (1..200).map(|number| ask(number, "10.0.0.2")).last().unwrap();
    assert_eq!(request.metadata.display_name.unwrap().len(), 256);
    assert_eq!(request.scopes.len(), 32);
    assert_eq!(book.pending_json().as_object().unwrap().len(), 64);
    assert!(book.request("d0").is_some() && book.request("d1").is_none());
}
