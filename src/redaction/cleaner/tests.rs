use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::super::{Kind, secrets_of};
use super::*;

fn book(secrets: &[&str]) -> Book {
    let mut book = Book::new("secret-");
    for secret in secrets {
        book.note(secret, Evidence::Place);
    }
    book
}

#[track_caller]
fn check(secrets: &[&str], look: Look, text: &str, expected: &str) {
    let cleaner = Cleaner::new(&book(secrets), &Names::default()).unwrap();
    assert_eq!(cleaner.clean(text, look), expected);
    assert_eq!(cleaner.swaps(expected, look), [], "it is clean");
    assert_eq!(cleaner.first(expected.as_bytes(), 0, Look::Values), None);
}

#[test]
fn long_ones_go_wherever_and_however_they_stand() {
    let secrets = ["s3cret/\"value\"", "s3cret/\"value\"-longer"];
    for (text, expected) in [
        (r#"xs3cret/"value"x"#, "xsecret-1x"),
        (r#"s3cret/"value"-longer"#, "secret-2"),
        (r#"{"a":"s3cret/\"value\""}"#, r#"{"a":"secret-1"}"#),
        (r#"{"a":"{\"b\":\"s3cret/\\\"value\\\"\"}"}"#, r#"{"a":"{\"b\":\"secret-1\"}"}"#),
        ("?q=s3cret%2F%22value%22&x", "?q=secret-1&x"),
        ("secret-1 and secret-12", "secret-1 and secret-12"),
    ] {
        check(&secrets, Look::Values, text, expected);
    }
    let basic = STANDARD.encode("ada:s3cret/\"value\"");
    let cleaner = Cleaner::new(&book(&secrets), &Names::default()).unwrap();
    assert_eq!(cleaner.clean(&format!("Basic {basic}"), Look::Values), "Basic YWRhOnsecret-1");
}

#[test]
fn words_and_numbers_go_where_they_stand_alone() {
    let secrets = ["sesame", "123456"];
    for (text, expected) in [
        ("open sesame, sesames", "open secret-1, sesames"),
        (r#"{"sesame":"sesame"}"#, r#"{"sesame":"secret-1"}"#),
        (r#"{"a":"x\nsesame"}"#, r#"{"a":"x\nsecret-1"}"#),
        (
            r#"{"a":123456,"b":[1,123456],"c":"123456"}"#,
            r#"{"a":"secret-2","b":[1,"secret-2"],"c":"secret-2"}"#,
        ),
        (r#""{\"a\": 123456 }""#, r#""{\"a\": \"secret-2\" }""#),
        ("1234567 -123456 123456.7", "1234567 -123456 123456.7"),
        ("pin 123456.", "pin secret-2."),
    ] {
        check(&secrets, Look::Values, text, expected);
    }
}

#[test]
fn short_ones_go_where_a_name_says_so() {
    let secrets = ["abc", "sesame"];
    check(&secrets, Look::Values, r#"{"password":"abc"} abc"#, r#"{"password":"abc"} abc"#);
    check(&secrets, Look::Places, r#"{"password":"abc"} abc"#, r#"{"password":"secret-1"} abc"#);
    check(&secrets, Look::Places, "?token=abc&x=abc", "?token=secret-1&x=abc");
    check(&secrets, Look::Places, "token=sesame", "token=secret-2");
    check(&secrets, Look::Variables, "A=abc\nB='abc'\nabc\n", "A=secret-1\nB='secret-1'\nabc\n");
}

#[test]
fn names_are_replaced_as_well() {
    let place = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let names = Names {
        anywhere: vec![place("0123abcd", "device-1")],
        places: vec![place("/home/ada", "/home/x"), place("/home/ada/.clawdbot", "/home/x/.state")],
    };
    let cleaner = Cleaner::new(&book(&["ada-s3cret"]), &names).unwrap();
    for (text, expected) in [
        ("x0123abcdx", "xdevice-1x"),
        ("/home/ada/.clawdbot/a /home/ada/b /home/ada", "/home/x/.state/a /home/x/b /home/x"),
        ("/home/ada/.clawdbot-dev /home/ada2 /home/ada.", "/home/x/.clawdbot-dev /home/ada2 /home/x."),
        ("{\"a\":\"\\n/home/ada\"} file:///home/ada/x", "{\"a\":\"\\n/home/x\"} file:///home/x/x"),
        ("/home/ada-s3cret", "/home/secret-1"),
    ] {
        assert_eq!(cleaner.clean(text, Look::Values), expected);
        assert_eq!(cleaner.first(expected.as_bytes(), 0, Look::Values), None, "{expected}");
    }
}

#[test]
fn a_private_key_is_known_by_its_lines() {
    let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcH\n-----END PRIVATE KEY-----";
    let text = format!("{key}\n{}\n", key.replace('\n', "\\n"));
    check(&[key], Look::Values, &text, "secret-1\nsecret-1\n");
    check(&[key], Look::Values, "one line: MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcH", "one line: secret-1");
}

#[test]
fn an_earlier_placeholder_is_no_secret() {
    check(
        &["secret-17", "cret-177"],
        Look::Places,
        "secret-177 {\"token\":\"secret-17\"}",
        "secret-177 {\"token\":\"secret-17\"}",
    );
}

#[test]
fn what_a_placeholder_makes_is_no_secret() {
    check(
        &["s3cret-value", "my secret-", "x secret-1y"],
        Look::Places,
        "my s3cret-value, x s3cret-valuey",
        "my secret-1, x secret-1y",
    );
}

/// A secret as people and programs make them.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9]{6,40}",
        "[A-Za-z0-9_-]{16,64}",
        "[ -~]{8,30}",
        "\\PC{8,20}",
        "[0-9]{6,12}",
        "[a-z]{6,15}"
    ]
}

proptest! {
    /// Whatever is known is gone, stays gone, and a document stays a document.
    #[test]
    fn nothing_that_is_known_stays(secrets in prop::collection::vec(secret(), 1..8), before in "\\PC{0,12}", after in "\\PC{0,12}") {
        let mut book = Book::new("secret-");
        for value in &secrets {
            book.note(value, Evidence::Place);
        }
        let cleaner = Cleaner::new(&book, &Names::default()).unwrap();
        let texts: Vec<String> = secrets.iter().map(|secret| format!("{before} {secret} {after}")).collect();
        let document = serde_json::json!({ "a": texts, "b": serde_json::to_string(&texts).unwrap() }).to_string();
        let clean = cleaner.clean(&document, Look::Places);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&clean).is_ok(), "{document}\n{clean}");
        prop_assert_eq!(cleaner.first(clean.as_bytes(), 0, Look::Values), None, "{}\n{}", document, clean);
        for value in secrets.iter().filter(|value| book.reach_of(value) == Some(Reach::Everywhere)) {
            let without = clean.replace("secret-", "");
            prop_assert!(!without.contains(value.as_str()), "{value}: {clean}");
        }
    }

    /// What a text says of its secrets is enough to take them out.
    #[test]
    fn what_is_recognised_goes(password in "[ -~&&[^\"\\\\]]{1,20}", token in "[A-Za-z0-9_-]{16,40}") {
        let text = format!("{{\"password\":\"{password}\",\"note\":\"Bearer {token}\"}}");
        let mut book = Book::new("secret-");
        secrets_of(&text, Kind::Document, &mut |value, evidence| book.note(value, evidence));
        let cleaner = Cleaner::new(&book, &Names::default()).unwrap();
        let clean = cleaner.clean(&text, Look::Places);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&clean).is_ok(), "{clean}");
        prop_assert!(!clean.contains(&token) || book.placeholder(&token).is_none(), "{clean}");
        let shown: serde_json::Value = serde_json::from_str(&clean).unwrap();
        if book.placeholder(&password).is_some() {
            prop_assert_ne!(shown["password"].as_str(), Some(password.as_str()));
        }
    }
}
