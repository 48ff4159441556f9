use proptest::prelude::*;

use super::*;

#[test]
fn a_unit_is_its_assignments() {
    let unit = Unit::parse(
        "# A comment.\n; Another.\n[Unit]\nDescription = Some gateway \n\n[Service]\nExecStart=\nExecStart=/bin/a \\\n# between\n  b\\\n c\nEnvironment=A=1\nEnvironment=B=2\nnonsense\n[Install]\nWantedBy=default.target",
    );
    assert_eq!(unit.last("Unit", "Description"), Some("Some gateway"));
    assert_eq!(unit.list("Service", "ExecStart"), ["/bin/a  b c"]);
    assert_eq!(unit.list("Service", "Environment"), ["A=1", "B=2"]);
    assert_eq!(unit.last("Install", "WantedBy"), Some("default.target"));
    assert_eq!(unit.last("Service", "Description"), None);
    assert_eq!(Unit::parse("[Service]\nA=1\nA=\n").last("Service", "A"), None);
    assert_eq!(Unit::parse("[Service]\nA=x\\").last("Service", "A"), Some("x"), "a file that ends in a line");
    assert_eq!(Unit::parse("[Service]\nA=x\\\\\nB=y\n").last("Service", "B"), Some("y"), "an escaped one");
}

#[test]
fn values_are_split_as_systemd_does() {
    for (value, expected) in [
        ("a b  c", &["a", "b", "c"][..]),
        ("\"a b\" c", &["a b", "c"]),
        ("'a \"b\"' c", &["a \"b\"", "c"]),
        ("A=\"b c\"d", &["A=b cd"]),
        (r#"a\x20b \t "\"""#, &["a b", "\t", "\""]),
        (r"a\qb \x2", &[r"a\qb", r"\x2"]),
        (r"\u00e9 \s", &["é", " "]),
        ("\"\" x", &["", "x"]),
        ("", &[]),
        ("\"open", &["open"]),
    ] {
        assert_eq!(words(value), expected, "{value}");
    }
}

#[test]
fn only_what_has_to_be_is_quoted() {
    for (text, expected) in [
        ("/usr/local/bin/clawdbot", "/usr/local/bin/clawdbot"),
        ("sessions", "sessions"),
        ("A=b", "A=b"),
        ("a b", "\"a b\""),
        ("", "\"\""),
        (r#"say "x""#, r#""say \"x\"""#),
        (r"C:\x", r#""C:\\x""#),
        ("100%", "100%%"),
        ("50% of", "\"50%% of\""),
        ("two\nlines", "\"two\\nlines\""),
        (";", "\";\""),
        ("día", "día"),
    ] {
        assert_eq!(word(text), expected);
    }
    assert_eq!(argument("$HOME"), "$$HOME");
    assert_eq!(line("a %h\nExecStart=/bin/evil"), "a %%h ExecStart=/bin/evil");
    assert_eq!(unpercent("%h/x %% %i %", "/home/you"), "/home/you/x % %i %");
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(text in "\\PC*|[ -~\\n\\t\"'\\\\%$]{0,40}") {
        let read: Vec<_> = words(&word(&text)).iter().map(|word| unpercent(word, "/home/you")).collect();
        prop_assert_eq!(read, vec![text.clone()]);
        prop_assert_eq!(word(&text).lines().count(), 1);
        let file = format!("[Service]\nExecStart=/bin/x {}\nNext=1\n", word(&text));
        let unit = Unit::parse(&file);
        prop_assert_eq!(words(unit.last("Service", "ExecStart").unwrap()).len(), 2);
        prop_assert_eq!(unit.last("Service", "Next"), Some("1"));
    }
}
