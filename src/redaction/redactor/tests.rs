use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn redactor(secrets: &[&str], patterns: &[&str]) -> Redactor {
    let secrets: Vec<Secret> = secrets.iter().map(|&text| Secret::new(text)).collect();
    let patterns: Vec<String> = patterns.iter().map(|&text| text.to_owned()).collect();
    let (redactor, bad) = Redactor::new(&secrets, &patterns);
    assert_eq!(bad, []);
    redactor
}

#[track_caller]
fn check(redactor: &Redactor, text: &str, expected: &str) {
    assert_eq!(redactor.clean(text), expected);
}

#[test]
fn own_secrets_are_found_by_value() {
    let own = redactor(&["correct horse battery", "short", "ab", "quo\"te-and-more", "correct horse"], &[]);
    check(&own, "got correct horse battery.", "got [redacted].");
    check(&own, "xcorrect horsex", "x[redacted]x");
    check(&own, "short, shorter, (short)", "[redacted], shorter, ([redacted])");
    check(&own, "ab is not looked for", "ab is not looked for");
    check(&own, r#"error: "quo\"te-and-more""#, r#"error: "[redacted]""#);
}

#[test]
fn every_way_to_recognise_a_secret_at_once() {
    let redactor = redactor(&["s3cret-value"], &["cust-[0-9]+"]);
    check(
        &redactor,
        "sk-abcdefghijklmnop1234 ?token=x ws://me:pw@host/ s3cret-value CUST-99 fine",
        "[redacted] ?token=[redacted] ws://[redacted]@host/ [redacted] [redacted] fine",
    );
    check(&redactor, "token=s3cret-value", "token=[redacted]");
    check(&redactor, "Authorization: Bearer sk-abcdefghijklmnop1234", "Authorization: [redacted]");
    check(&redactor, "nothing to hide here: 127.0.0.1:18789", "nothing to hide here: 127.0.0.1:18789");
}

#[test]
fn patterns_of_the_configuration() {
    check(&redactor(&[], &["ID-([0-9]+)-x"]), "id-42-X", "id-[redacted]-X");
    check(&redactor(&[], &["/ID-[0-9]+/g"]), "id-42 ID-42", "id-42 [redacted]");
    check(&redactor(&[], &["/id-[0-9]+/gi"]), "id-42 ID-42", "[redacted] [redacted]");
    check(&redactor(&[], &["/home/you"]), "at /home/you/x", "at [redacted]/x");
    check(&redactor(&[], &["", "x*"]), "abc", "abc");
}

#[test]
fn a_pattern_that_cannot_be_used_is_reported() {
    let patterns = ["fine".to_owned(), "(".to_owned(), r"(a)\1".to_owned(), "a{9999}{9999}".to_owned()];
    let (redactor, bad) = Redactor::new(&[], &patterns);
    let places: Vec<usize> = bad.iter().map(|bad| bad.index).collect();
    assert_eq!(places, [1, 2, 3]);
    assert!(bad.iter().all(|bad| !bad.problem.is_empty() && !bad.problem.contains('\n')), "{bad:?}");
    check(&redactor, "fine", "[redacted]");
}

#[test]
fn hostile_texts_take_no_time() {
    let redactor = redactor(&["s3cret-value"], &["(a+)+$"]);
    for piece in [
        "-a",
        "eyJ",
        "sk-",
        "--token ",
        "token=",
        "1:",
        "bearer ",
        "-----BEGIN ",
        "a.",
        "://",
        "\\\"",
        "%3D",
        "a",
    ] {
        let text = piece.repeat(200_000 / piece.len());
        let begin = Instant::now();
        redactor.clean(&text);
        let took = begin.elapsed();
        // The square of the length would take minutes.
        assert!(took < Duration::from_secs(5), "{piece:?}: {took:?}");
    }
}

proptest! {
    #[test]
    fn any_text_stays_a_text(text in r#"(token|=|:|"|'|\\|%3D|--password| |sk-|eyJ|://|@|é|-----BEGIN |[a-z0-9]{1,20}|\PC){0,40}"#) {
        let redactor = redactor(&["s3cret-value"], &[]);
        let clean = redactor.clean(&text).into_owned();
        prop_assert!(clean.len() <= text.len() + REDACTED.len() * text.len());
    }

    #[test]
    fn no_secret_survives(before in "\\PC{0,30}", after in "\\PC{0,30}") {
        let redactor = redactor(&["s3cret-value"], &[]);
        let clean = redactor.clean(&format!("{before}s3cret-value{after}")).into_owned();
        prop_assert!(!clean.contains("s3cret-value"), "{clean}");
    }
}
