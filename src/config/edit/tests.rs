use serde_json::{Value, json};

use super::*;

mod random;

#[track_caller]
pub(super) fn check(text: &str, edit: &Edit, expected: &str) {
    let mut value = super::super::load::tree(text).map_or_else(|| json!({}), |node| node.to_value());
    apply(&mut value, edit).unwrap();
    let found = rewrite(text, &value).unwrap();
    assert_eq!(found, expected, "\n{text}\n→\n{found}\nbut expected\n{expected}");
    assert_eq!(rewrite(&found, &value).as_deref(), Ok(found.as_str()), "a second time changes nothing");
}

fn to(path: &str, value: Value) -> Edit {
    Edit::Set { path: ConfigPath::parse(path).unwrap(), value }
}

fn without(path: &str) -> Edit {
    Edit::Unset { path: ConfigPath::parse(path).unwrap() }
}

#[test]
fn only_the_text_of_the_value_changes() {
    let text = "// mine\n{\n  gateway : {\n    port:18789, // why\n    'bind': 'lan' /* x */\n  },}\n";
    check(text, &to("gateway.port", json!(1)), &text.replace("18789", "1"));
    check(text, &to("gateway.bind", json!("auto")), &text.replace("lan", "auto"));
    check(text, &to("gateway.bind", json!("it's")), &text.replace("lan", "it\\'s"));
    check(text, &to("gateway.port", json!("1")), &text.replace("18789", "'1'"));
    check(text, &to("gateway.port", json!(18789)), text);
    check("{a: 0x10, b: +1., c: 1e3}", &to("a", json!(16)), "{a: 0x10, b: +1., c: 1e3}");
    check(
        "\r\n{\r\n\ta: 1\r\n}",
        &to("b", json!({"c": 2})),
        "\r\n{\r\n\ta: 1,\r\n\tb: {\r\n\t\tc: 2\r\n\t}\r\n}",
    );
}

#[test]
fn new_keys_look_like_their_neighbours() {
    check("{\n  \"a\": 1\n}\n", &to("b", json!("x")), "{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n");
    check("{\n    a: 'x',\n}\n", &to("b", json!("y")), "{\n    a: 'x',\n    b: 'y',\n}\n");
    check(
        "{\n  a: 1, // one\n  // b: 2\n}\n",
        &to("c", json!(3)),
        "{\n  a: 1, // one\n  c: 3,\n  // b: 2\n}\n",
    );
    check("{\n  a: 1 // one\n}\n", &to("c", json!(3)), "{\n  a: 1, // one\n  c: 3\n}\n");
    check("{a:1}", &to("b", json!({"c": [1, 2]})), "{a:1, b:{c:[1, 2]}}");
    check("{ a: { b: 1 } }", &to("a.c.d", json!("x")), "{ a: { b: 1, c: { d: \"x\" } } }");
    check("{ a: 1 /* one */ }", &to("b", json!(2)), "{ a: 1, /* one */ b: 2 }");
    check("{ a: 1 // one\n}", &to("b", json!(2)), "{ a: 1, b: 2 // one\n}");
    check("{ 'a': 1 }", &to("b-c", json!(2)), "{ 'a': 1, 'b-c': 2 }");
    check("{ a: 1 }", &to("b-c", json!(2)), "{ a: 1, \"b-c\": 2 }");
    check(
        "{\n  a: {\n    b: 1,\n  },\n}",
        &to("c.d", json!(["x", "y"])),
        "{\n  a: {\n    b: 1,\n  },\n  c: {\n    d: [\"x\", \"y\"],\n  },\n}",
    );
    check(
        "{\n  list: [\n    { id: 'a' },\n  ],\n}",
        &to("list[1].id", json!("b")),
        "{\n  list: [\n    { id: 'a' },\n    {\n      id: 'b',\n    },\n  ],\n}",
    );
    check("{ list: [1,2] }", &to("list[2]", json!(3)), "{ list: [1,2,3] }");
    check("{ list: ['a', 'b'] }", &to("list[2]", json!("c")), "{ list: ['a', 'b', 'c'] }");
}

#[test]
fn empty_containers_are_filled() {
    check("{}", &to("a", json!(1)), "{\n  \"a\": 1\n}");
    check("{}\n", &to("a.b", json!(1)), "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n");
    check("{ // nothing\n}", &to("a", json!(1)), "{ // nothing\n  \"a\": 1\n}");
    check("{\n  a: {},\n}", &to("a.b", json!(1)), "{\n  a: {\n    b: 1,\n  },\n}");
    check("{ a: {} }", &to("a.b", json!(1)), "{ a: { b: 1 } }");
    check("{ a: { /* x */ } }", &to("a.b", json!(1)), "{ a: { /* x */ b: 1 } }");
    check("{ a: [] }", &to("a[0]", json!(1)), "{ a: [1] }");
    check("{\n  a: [],\n}", &to("a[0]", json!("x")), "{\n  a: [\"x\"],\n}");
}

#[test]
fn a_text_without_a_value_becomes_a_document() {
    let document = "{\n  \"gateway\": {\n    \"mode\": \"local\"\n  }\n}\n";
    for blank in ["", "  \n", "\n\n"] {
        check(blank, &to("gateway.mode", json!("local")), document);
    }
    check("// mine\n\n", &to("gateway.mode", json!("local")), &format!("// mine\n{document}"));
    check("\u{feff}", &to("a", json!(1)), "\u{feff}{\n  \"a\": 1\n}\n");
}

#[test]
fn what_is_removed_takes_its_line_and_its_comma_along() {
    check("{\n  a: 1,\n  b: 2,\n  c: 3\n}", &without("b"), "{\n  a: 1,\n  c: 3\n}");
    check("{\n  a: 1,\n  c: 3\n}", &without("c"), "{\n  a: 1\n}");
    check("{\n  a: 1,\n  c: 3,\n}", &without("c"), "{\n  a: 1,\n}");
    check(
        "{\n  // about a\n  a: 1, // one\n  b: 2,\n}",
        &without("a"),
        "{\n  // about a\n  // one\n  b: 2,\n}",
    );
    check("{ a: 1, b: 2, c: 3 }", &without("a"), "{ b: 2, c: 3 }");
    check("{ a: 1, b: 2, c: 3 }", &without("b"), "{ a: 1, c: 3 }");
    check("{ a: 1, b: 2, c: 3 }", &without("c"), "{ a: 1, b: 2 }");
    check("{ a: 1 }", &without("a"), "{}");
    check("{ a: 1, // one\n  b: 2 }", &without("b"), "{ a: 1 // one\n  }");
    check("{ a: 1,\n  b: 2 }", &without("b"), "{ a: 1 }");
    check("{ a: 1 /* x */ , b: 2 }", &without("a"), "{ /* x */  b: 2 }");
    check("{ a: [1, 2, 3] }", &without("a[1]"), "{ a: [1, 3] }");
    check("{ a: [{}, { /* x */ }] }", &without("a[0]"), "{ a: [{ /* x */ }] }");
    check("{\n  a: {\n    b: 1,\n  },\n}", &without("a.b"), "{\n  a: {},\n}");
}

#[test]
fn a_merge_changes_as_little_as_possible() {
    let text = "{\n  // keep\n  gateway: { port: 1, mode: 'local' }, // here\n  agents: { list: [{ id: 'a' }, { id: 'b' }] },\n}\n";
    let patch = json!({ "gateway": { "port": 2 }, "agents": { "list": [{ "id": "b" }] }, "x": null });
    let expected = "{\n  // keep\n  gateway: { port: 2, mode: 'local' }, // here\n  agents: { list: [{ id: 'b' }] },\n}\n";
    check(text, &Edit::Merge(patch), expected);
    check("{ a: 1 }", &Edit::Merge(json!({ "a": null, "b": 2 })), "{ b: 2 }");
}

#[test]
fn what_cannot_be_read_is_left_alone() {
    for text in ["{ a: ", "{ a: 1, a: 2 }", "{ a 1 }"] {
        assert_eq!(rewrite(text, &json!({})), Err(RewriteError::Unreadable), "{text}");
    }
}
