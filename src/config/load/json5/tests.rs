//! The parser against the JSON5 specification.

use serde_json::{Value, json};

use super::*;

fn read(text: &str) -> (Option<Value>, Vec<String>) {
    let mut problems = Vec::new();
    match parse(text, 0, &Dotted::default(), &mut problems) {
        Ok(parsed) => {
            let lines = problems.into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect();
            (Some(parsed.root.to_value()), lines)
        }
        Err(fault) => (None, vec![fault.message, fault.cause.unwrap_or_default()]),
    }
}

#[track_caller]
fn check(text: &str, expect: Value) {
    assert_eq!(read(text), (Some(expect), Vec::new()), "{text}");
}

/// `words` is the message without its head; `cause` a part of the advice.
#[track_caller]
fn check_fault(text: &str, words: &str, cause: &str) {
    let (value, lines) = read(text);
    assert_eq!(value, None, "{text}");
    assert_eq!(lines[0], format!("JSON5 parse failed: SyntaxError: JSON5: {words}"), "{text}");
    assert!(lines[1].contains(cause), "{text}: {}", lines[1]);
}

#[test]
fn objects_and_arrays() {
    check("{}", json!({}));
    check(
        "{ a: 1, $b: 2, _c: 3, \"d e\": 4, 'f': 5, ünï: 6, null: 7, true: 8, Infinity: 9 }",
        json!({
            "a": 1, "$b": 2, "_c": 3, "d e": 4, "f": 5, "ünï": 6, "null": 7, "true": 8, "Infinity": 9
        }),
    );
    check("[1, 2,]", json!([1, 2]));
    check("{a: [{},],}", json!({"a": [{}]}));
    check("null", json!(null));
}

#[test]
fn comments_and_white_space() {
    check("// one\n{ /* two\n three */ a /**/ : // four\r\n 1 } // five", json!({"a": 1}));
    check("\u{b}\u{c}\u{a0}{\u{2028}a:\u{2029}1\u{2003}}", json!({"a": 1}));
}

#[test]
fn texts() {
    check(r#"["a'b", 'a"b', 'a\'b', "a\"b"]"#, json!(["a'b", "a\"b", "a'b", "a\"b"]));
    check(r"['\b\f\n\r\t\v\0\\\/\x41\u00e9\ud83e\udd16\q']", json!(["\u{8}\u{c}\n\r\t\u{b}\0\\/Aé🤖q"]));
    check("['one \\\n two \\\r\n three']", json!(["one  two  three"]));
    check("['\u{2028}\u{2029}\t']", json!(["\u{2028}\u{2029}\t"]));
}

#[test]
fn numbers() {
    check("[0, -0, +1, -2, 1.5, .5, 5., -.5, +.5, 5.e1]", json!([0, 0, 1, -2, 1.5, 0.5, 5, -0.5, 0.5, 50]));
    check("[0x10, 0XfF, -0x1, +0xdecaf]", json!([16, 255, -1, 0xdecaf]));
    check("[1e3, 1E-2, 18789.0, 1.8789e4]", json!([1000, 0.01, 18789, 18789]));
    check(
        "[9007199254740991, 9007199254740993, 1e300]",
        json!([9_007_199_254_740_991_i64, 9_007_199_254_740_993_i64, 1e300]),
    );
}

#[test]
fn numbers_without_json_form_are_kept_apart() {
    use NonFinite::{Infinity, NaN, NegativeInfinity};

    let mut problems = Vec::new();
    let parsed =
        parse("[Infinity, -Infinity, +Infinity, NaN, -NaN, 1e999]", 0, &Dotted::default(), &mut problems)
            .unwrap();
    let Content::List(items) = parsed.root.content else { panic!("an array") };
    let kinds: Vec<_> = items
        .iter()
        .map(|item| match item.content {
            Content::NonFinite(kind) => kind,
            ref other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, [Infinity, NegativeInfinity, Infinity, NaN, NaN, Infinity]);
}

#[test]
fn broken_texts_are_explained() {
    check_fault("", "invalid end of input at 1:1", "empty");
    check_fault(" \n\t", "invalid end of input at 2:2", "empty");
    check_fault("// nothing", "invalid end of input at 1:11", "only comments");
    check_fault("{gateway: {port: 1 mode: 2}}", "invalid character 'm' at 1:20", "comma is missing");
    check_fault("{a: 1 /* x */\n // y\n b: 2}", "invalid character 'b' at 3:2", "comma is missing");
    check_fault("[1 2]", "invalid character '2' at 1:4", "comma is missing");
    check_fault("['a' {}]", "invalid character '{' at 1:6", "comma is missing");
    check_fault(
        "{\"gateway\": {\"mode\": \"local\"",
        "invalid end of input at 1:29",
        "the { on line 1, column 13 is never closed",
    );
    check_fault("[1,\n2", "invalid end of input at 2:2", "the [ on line 1, column 1 is never closed");
    check_fault("{a: \"x\nb: 1}", "invalid character '\\n' at 1:7", "close the text with \"");
    check_fault("{a: 'x", "invalid end of input at 1:7", "close the text with '");
    check_fault("{a: 1}}", "invalid character '}' at 1:7", "closing bracket too many");
    check_fault("{a: foo}", "invalid character 'f' at 1:5", "quotes");
    check_fault("{a: True}", "invalid character 'T' at 1:5", "write true");
    check_fault("{a 1}", "invalid character '1' at 1:4", "colon");
    check_fault("{a: }", "invalid character '}' at 1:5", "");
    check_fault("{a:", "invalid end of input at 1:4", "");
    check_fault("[1,,2]", "invalid character ',' at 1:4", "comma too many");
    check_fault("{,}", "invalid character ',' at 1:2", "");
    check_fault("[,]", "invalid character ',' at 1:2", "");
    check_fault("{a: 01}", "invalid character '1' at 1:6", "");
    check_fault("{a: 0x}", "invalid character '}' at 1:7", "");
    check_fault("{a: '\\x4'}", "invalid character '\\\\' at 1:6", "two hexadecimal digits");
    check_fault("{a: '\\1'}", "invalid character '\\\\' at 1:6", "backslash");
    check_fault("/* x", "invalid end of input at 1:5", "the /* on line 1, column 1 is never closed");
    check_fault("{a: [1}", "invalid character '}' at 1:7", "");
    check_fault("#", "invalid character '#' at 1:1", "");
}

#[test]
fn keys_that_need_quotes_are_named() {
    let (value, lines) = read("{x: {a-b: 1, 10: 2}}");
    assert_eq!(value, Some(json!({"x": {"a-b": 1, "10": 2}})));
    assert_eq!(
        lines,
        [
            "x: JSON5 parse failed: SyntaxError: JSON5: invalid character '-' at 1:7",
            "x: JSON5 parse failed: SyntaxError: JSON5: invalid character '1' at 1:14",
        ]
    );
}

#[test]
fn duplicates_are_named_in_small_and_large_objects() {
    let (value, lines) = read("{x: {a: 1, b: 2, 'a': 3}}");
    assert_eq!(value, Some(json!({"x": {"a": 3, "b": 2}})));
    assert_eq!(lines, ["x: Duplicate key: \"a\""]);
    for (first, again) in [("k0", 0), ("k15", 15), ("k11", 11), ("k12", 12)] {
        let members: Vec<_> = (0..40).map(|n| format!("k{n}: {n}")).collect();
        let (_, lines) = read(&format!("{{{}, k{again}: 0}}", members.join(", ")));
        assert_eq!(lines, [format!(": Duplicate key: \"{first}\"")]);
    }
}

#[test]
fn depth_is_limited_without_recursion() {
    let text = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(read(&text).1[0], "Nested too deeply: more than 64 levels");
    assert!(read(&format!("{}{}", "[".repeat(64), "]".repeat(64))).0.is_some());
}
