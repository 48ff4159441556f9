//! In which forms a value stands in texts: as it is, escaped, in URLs, in base64. Pure.

use std::fmt::Write as _;

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

/// A part of base64 that is shorter than this is in anything.
const SHORTEST_BASE64: usize = 6;

/// Lines of a value that are shorter than this mean nothing alone.
const SHORTEST_LINE: usize = 24;

/// Every form of `value` in which somebody can read it, itself first, none twice.
pub(super) fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    let mut add = |form: String| {
        if !forms.contains(&form) {
            forms.push(form);
        }
    };
    let once = json(value);
    add(once.replace('/', "\\/"));
    add(once.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"));
    // A message that carries JSON is quoted once more when it is logged, and again in a frame that carries the log; with
    // and without anything but ASCII.
    let mut quoted = vec![value.to_owned()];
    for _ in 0..3 {
        quoted = quoted.iter().flat_map(|text| [json(text), ascii(&json(text))]).collect();
        quoted.sort_unstable();
        quoted.dedup();
        for form in &quoted {
            add(form.clone());
        }
    }
    add(value.escape_debug().to_string());
    add(value.replace('\n', "\r\n"));
    // What `encodeURIComponent` leaves alone, then `encodeURI`, then a form, then nothing but letters and digits.
    for kept in ["-_.!~*'()", "-_.!~*'();/?:@&=+$,#", "-_.*", "-_.~", ""] {
        let escaped = escaped(value, kept);
        add(escaped.replace("%20", "+"));
        add(lower(&escaped));
        add(escaped);
    }
    forms
}

/// What every base64 has in it that has `value` in it. One of them, as it depends on what stands before.
pub(super) fn encodings(value: &str) -> impl Iterator<Item = String> {
    let of = |offset| {
        [
            within_base64(value.as_bytes(), offset, &STANDARD_NO_PAD),
            within_base64(value.as_bytes(), offset, &URL_SAFE_NO_PAD),
        ]
    };
    (0..3).flat_map(of).filter(|core| core.len() >= SHORTEST_BASE64)
}

/// The parts of a value that are secret by themselves: the lines of a private key.
pub(super) fn parts(value: &str) -> impl Iterator<Item = &str> {
    let lines = if value.contains('\n') { value } else { "" };
    lines.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE && !line.starts_with("-----"))
}

/// As the content of a string in JSON.
fn json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The same without anything but ASCII, as Python writes it.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a text cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// With `%XX` for everything but letters, digits, and what is `kept`.
fn escaped(text: &str, kept: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        let is_kept = byte.is_ascii_alphanumeric() || byte.is_ascii() && kept.contains(char::from(byte));
        if is_kept {
            out.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// With the digits of the escapes in lower case.
fn lower(escaped: &str) -> String {
    let mut out = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        out.push('%');
        let (digits, after) = after.split_at(after.len().min(2));
        out.push_str(&digits.to_ascii_lowercase());
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What is the same in every base64 that has these bytes in it, `offset` bytes behind a group of three.
fn within_base64(bytes: &[u8], offset: usize, engine: &impl base64::Engine) -> String {
    let mut padded = vec![0; offset];
    padded.extend_from_slice(bytes);
    let text = engine.encode(&padded);
    // A character is 6 bits: those that the bytes before or behind share are not the same.
    let start = (offset * 8).div_ceil(6);
    let end = padded.len() * 8 / 6;
    text.get(start..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::*;

    use super::*;

    fn stands_in(text: &str, value: &str) -> bool {
        forms(value).into_iter().chain(encodings(value)).any(|form| text.contains(&form))
    }

    #[test]
    fn forms_that_people_meet() {
        let value = "pä\"ss/w&rd\n<x>";
        let forms = forms(value);
        for form in [
            value,
            r#"pä\"ss/w&rd\n<x>"#,
            r#"pä\\\"ss/w&rd\\n<x>"#,
            r#"pä\"ss\/w&rd\n<x>"#,
            r#"pä\"ss/w\u0026rd\n\u003cx\u003e"#,
            r#"p\u00e4\"ss/w&rd\n<x>"#,
            "p%C3%A4%22ss%2Fw%26rd%0A%3Cx%3E",
            "p%c3%a4%22ss%2fw%26rd%0a%3cx%3e",
            "p%C3%A4%22ss/w&rd%0A%3Cx%3E",
        ] {
            assert!(forms.iter().any(|known| known == form), "{form}");
        }
        assert_eq!(super::forms("simple"), ["simple"]);
    }

    #[test]
    fn the_lines_of_a_key() {
        let key =
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAcHBwcHBw\nshort\n-----END PRIVATE KEY-----\n";
        assert_eq!(parts(key).collect::<Vec<_>>(), ["MC4CAQAwBQYDK2VwBCIEIAcHBwcHBw"]);
        assert_eq!(parts("MC4CAQAwBQYDK2VwBCIEIAcHBwcHBw").count(), 0);
    }

    proptest! {
        #[test]
        fn base64_of_anything_with_the_value_in_it(before in ".{0,8}", value in "[ -~]{6,40}", after in ".{0,8}") {
            let text = format!("{before}{value}{after}");
            prop_assert!(stands_in(&STANDARD.encode(&text), &value));
            prop_assert!(stands_in(&URL_SAFE.encode(&text), &value));
        }

        #[test]
        fn json_and_urls_with_the_value_in_it(value in "\\PC{6,20}") {
            let once = serde_json::to_string(&value).unwrap();
            let twice = serde_json::to_string(&once).unwrap();
            prop_assert!(stands_in(&once, &value));
            prop_assert!(stands_in(&twice, &value));
            let url = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC).to_string();
            prop_assert!(stands_in(&url, &value));
        }
    }
}
