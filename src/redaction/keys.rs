//! What looks like a key, wherever it stands: the forms that issuers of keys have published. Pure.
//!
//! Written out instead of one regular expression, because that would have to be compiled before the first line of
//! every start. One pass; no character is looked at more than a few times, whatever the text.

use std::ops::Range;

/// One form: how it starts, which characters follow, and how many of them at least.
struct Form {
    prefix: &'static str,
    follows: fn(u8) -> bool,
    least: usize,
}

const fn form(prefix: &'static str, follows: fn(u8) -> bool, least: usize) -> Form {
    Form { prefix, follows, least }
}

const FORMS: [Form; 35] = [
    // OpenAI, Anthropic, OpenRouter, and many who followed them.
    form("sk-", is_key, 16),
    form("sk_live_", is_key, 10),
    form("sk_test_", is_key, 10),
    form("rk_live_", is_key, 10),
    form("ghp_", is_key, 16),
    form("gho_", is_key, 16),
    form("ghu_", is_key, 16),
    form("ghs_", is_key, 16),
    form("ghr_", is_key, 16),
    form("github_pat_", is_key, 16),
    form("glpat-", is_key, 16),
    form("xoxa-", is_key, 10),
    form("xoxb-", is_key, 10),
    form("xoxc-", is_key, 10),
    form("xoxd-", is_key, 10),
    form("xoxe-", is_key, 10),
    form("xoxp-", is_key, 10),
    form("xoxr-", is_key, 10),
    form("xoxs-", is_key, 10),
    form("xapp-", is_key, 10),
    form("AKIA", is_upper, 16),
    form("ASIA", is_upper, 16),
    form("AIza", is_key, 30),
    form("ya29.", is_key, 16),
    form("gsk_", is_key, 16),
    form("xai-", is_key, 16),
    form("pplx-", is_key, 16),
    form("hf_", is_key, 16),
    form("r8_", is_key, 16),
    form("npm_", is_key, 16),
    form("pypi-", is_key, 16),
    form("tskey-", is_key, 10),
    form("whsec_", is_key, 16),
    form("SG.", is_dotted, 20),
    form("AGE-SECRET-KEY-", is_upper, 16),
];

const PEM_BEGIN: &str = "-----BEGIN ";
const PEM_KEY: &str = "PRIVATE KEY";
const PEM_END: &str = "-----END ";

/// Every place of `text` that looks like a key.
pub(super) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b'-' => private_key(text, at),
            _ if !byte.is_ascii_alphanumeric() || !is_start(bytes, at) => None,
            b'0'..=b'9' => bot_token(bytes, at),
            b'b' | b'B' => credentials(bytes, at).or_else(|| dotted_token(bytes, at)),
            _ if may_be_issued(byte, bytes.get(at + 1)) => {
                issued(text, at).or_else(|| dotted_token(bytes, at))
            }
            _ => dotted_token(bytes, at),
        };
        match end {
            Some(end) => {
                found.push(at..end);
                at = end;
            }
            None => at += 1,
        }
    }
}

/// Whether one of the forms begins with these two. Most words stop here, and a line is mostly words.
fn may_be_issued(first: u8, second: Option<&u8>) -> bool {
    let Some(&second) = second else { return false };
    matches!(
        (first, second),
        (b's' | b'r', b'k')
            | (b'g', b'h' | b'i' | b'l' | b's')
            | (b'x', b'o' | b'a')
            | (b'A', b'K' | b'S' | b'I' | b'G')
            | (b'p', b'p' | b'y')
            | (b'y', b'a')
            | (b'h', b'f')
            | (b'r', b'8')
            | (b'n', b'p')
            | (b't', b's')
            | (b'w', b'h')
            | (b'S', b'G')
    )
}

/// A published prefix with what follows it.
fn issued(text: &str, at: usize) -> Option<usize> {
    let rest = &text.as_bytes()[at..];
    FORMS.iter().find_map(|form| {
        let body = rest.strip_prefix(form.prefix.as_bytes())?;
        let length = run(body, form.follows);
        (length >= form.least).then_some(at + form.prefix.len() + length)
    })
}

/// `Bearer …` and `Basic …`. The scheme is hidden too, which says no less.
fn credentials(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let scheme = ["bearer", "basic"].into_iter().find(|scheme| {
        rest.get(..scheme.len()).is_some_and(|word| word.eq_ignore_ascii_case(scheme.as_bytes()))
    })?;
    let gap = run(&rest[scheme.len()..], |byte| byte == b' ');
    let value = &rest[scheme.len() + gap..];
    let length = run(value, |byte| is_key(byte) || b".~+/=".contains(&byte));
    (gap > 0 && is_unlike_prose(&value[..length], 8)).then_some(at + scheme.len() + gap + length)
}

/// JSON Web Tokens (`eyJ….….…`), and Discord's three parts.
fn dotted_token(bytes: &[u8], at: usize) -> Option<usize> {
    // Not at every hyphen of the same run, which would take the square of its length.
    if matches!(at.checked_sub(1).map(|index| bytes[index]), Some(b'-' | b'_')) {
        return None;
    }
    let head = run(&bytes[at..], is_key);
    if head < 10 {
        return None;
    }
    let is_json = bytes[at..].starts_with(b"eyJ");
    let second = part(bytes, at + head)?;
    let third = part(bytes, second);
    let is_discord = || head >= 23 && second - (at + head) == 7 && third.is_some_and(|end| end - second > 27);
    (is_json && second - (at + head) > 8 || is_discord()).then(|| third.unwrap_or(second))
}

/// The end of `.` with what may follow it in a token.
fn part(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?.strip_prefix(b".")?;
    let length = run(rest, is_key);
    (length > 0).then_some(at + 1 + length)
}

/// Telegram: the number of a bot, a colon, and 35 characters.
fn bot_token(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = run(&bytes[at..], |byte| byte.is_ascii_digit());
    let rest = bytes[at + digits..].strip_prefix(b":")?;
    let length = run(rest, is_key);
    ((6..=12).contains(&digits) && length >= 30).then_some(at + digits + 1 + length)
}

/// From `-----BEGIN … PRIVATE KEY` to the end of its last line, or of the text when that is cut off.
fn private_key(text: &str, at: usize) -> Option<usize> {
    let label = text[at..].strip_prefix(PEM_BEGIN)?;
    let label = &label[..label.find("-----")?];
    if label.len() > 64 || !label.ends_with(PEM_KEY) && !label.contains("PRIVATE KEY ") {
        return None;
    }
    let Some(last) = text[at..].find(PEM_END) else { return Some(text.len()) };
    let after = at + last + PEM_END.len();
    Some(text[after..].find("-----").map_or(text.len(), |dashes| after + dashes + "-----".len()))
}

/// Whether a key may start here: not in the middle of a word. An escape before it (`\n`, `%3D`) is no word.
fn is_start(bytes: &[u8], at: usize) -> bool {
    let before = |distance: usize| at.checked_sub(distance).map(|index| bytes[index]);
    let Some(last) = before(1) else { return true };
    // `bot123456:…` is how the token stands in a URL.
    if !last.is_ascii_alphanumeric() || bytes[at].is_ascii_digit() && !last.is_ascii_digit() {
        return true;
    }
    before(2) == Some(b'\\') && matches!(last, b'n' | b'r' | b't')
        || before(3) == Some(b'%')
            && last.is_ascii_hexdigit()
            && before(2).is_some_and(|b| b.is_ascii_hexdigit())
}

/// Whether this is a value rather than a word: long, or of some length and with a digit.
pub(super) fn is_unlike_prose(value: &[u8], with_digit: usize) -> bool {
    value.len() >= 20 || value.len() >= with_digit && value.iter().any(u8::is_ascii_digit)
}

fn run(bytes: &[u8], belongs: fn(u8) -> bool) -> usize {
    bytes.iter().position(|&byte| !belongs(byte)).unwrap_or(bytes.len())
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn is_dotted(byte: u8) -> bool {
    is_key(byte) || byte == b'.'
}

fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text, &mut found);
        found.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn every_form_is_found_wherever_it_stands() {
        let body = "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2";
        for form in &FORMS {
            let upper = body.to_ascii_uppercase();
            let body = if (form.follows)(b'a') { body } else { &upper };
            let key = format!("{}{body}", form.prefix);
            for text in [
                key.clone(),
                format!("see {key}, please"),
                format!("{{\"x\":\"{key}\"}}"),
                format!("a=\\n{key}\\n"),
                format!("q%3D{key}&r"),
                format!("<{key}>"),
            ] {
                assert_eq!(hidden(&text), [&key], "{text}");
            }
        }
    }

    #[test]
    fn tokens_of_several_parts() {
        for token in [
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4",
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0In0",
            "123456789:AAF-abcdefghijklmnopqrstuvwxyz_0123",
            "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0123",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADAN",
            "Bearer 0123456789abcdef",
            "bearer  abc.def-ghi_jkl~mno+pqr/stu==",
            "Basic YWRhOmh1bnRlcjI=",
        ] {
            assert_eq!(hidden(&format!("at {token}")), [token]);
        }
        assert_eq!(hidden("/bot123456:AAF-abcdefghijklmnopqrstuvwxyz_0123/getMe").len(), 1);
    }

    #[test]
    fn what_people_write_stays() {
        for text in [
            "the task-scheduler-of-the-gateway-reloads",
            "risk-assessment-of-a-long-name sk-short",
            "2026-11-23T03:18:38.848Z 1795403508177:1795403508177",
            "ws://[2001:db8::1]:18789 listening on ws://127.0.0.1:18789 (PID 12345)",
            "bearer authentication, basic configuration, bearer of tokens1",
            "7f3c1c1e-4f3a-4c0e-9f6b-0d9f2f1f9a11 conn",
            "AKIA is a prefix; eyJ too; a.b.c; agents.defaults.workspace.of.the.default.agent",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
            "/home/you/.clawdbot/agents/main/sessions/sessions.json",
            "",
        ] {
            assert_eq!(hidden(text), [""; 0], "{text}");
        }
    }
}
