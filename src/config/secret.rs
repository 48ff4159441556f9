//! What is secret in a configuration and in texts about it, so that it is never shown.

use std::ops::Range;

/// Whether the value under this key must not be shown. The match is by name: a false alarm hides a harmless
/// value, a miss would print a secret.
pub(crate) fn is_secret_key(key: &str) -> bool {
    let plain: String =
        key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    // How many tokens a model may use is no secret.
    let counts = ["max", "min", "limit", "context", "reserve", "budget", "total"];
    plain.ends_with("token")
        || plain.ends_with("tokens") && !counts.iter().any(|count| plain.contains(count))
        || matches!(plain.as_str(), "authorization" | "cookie" | "pass")
        || ["password", "passwd", "passphrase", "secret", "apikey", "accesskey", "privatekey", "credential"]
            .iter()
            .any(|part| plain.contains(part))
        || key.ends_with("_KEY")
}

/// What stands before the `@` of the URLs in `text`.
pub(crate) fn url_credentials(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(|(at, separator)| {
        let start = at + separator.len();
        let after = &text[start..];
        let is_end = |c: char| "/?#\"'`<>".contains(c) || c.is_whitespace();
        let authority = &after[..after.find(is_end).unwrap_or(after.len())];
        authority.rfind('@').map(|end| start..start + end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, secret: bool) {
        assert_eq!(is_secret_key(key), secret, "{key}");
    }

    #[test]
    fn credentials_in_urls() {
        let text = "ws://ada:pw@host/x, see http://u@h and http://h/@, mail a@b://";
        let found: Vec<&str> = url_credentials(text).map(|range| &text[range]).collect();
        assert_eq!(found, ["ada:pw", "u"]);
    }

    #[test]
    fn secret_keys_are_known_by_name() {
        for key in [
            "token",
            "botToken",
            "password",
            "apiKey",
            "OPENAI_API_KEY",
            "SSH_KEY",
            "clientSecret",
            "Authorization",
            "tokens",
            "botTokens",
            &format!("{}Token", "long".repeat(50)),
        ] {
            check(key, true);
        }
        for key in [
            "maxTokens",
            "mainKey",
            "port",
            "reserveTokensFloor",
            "contextTokens",
            "keyPath",
            "allowInsecureAuth",
            "",
        ] {
            check(key, false);
        }
    }
}
