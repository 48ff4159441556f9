//! Comparison of secrets.

use subtle::ConstantTimeEq;

/// Whether two secrets are equal, in time that depends on neither content.
///
/// Hashing first makes both sides equally long, so that the time does not tell the secret's length either.
pub fn equal(left: &str, right: &str) -> bool {
    let digest = |text: &str| blake3::hash(text.as_bytes());
    digest(left).as_bytes().ct_eq(digest(right).as_bytes()).into()
}

/// The token of `Authorization: Bearer TOKEN` (RFC 6750, 2.1).
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(char::is_whitespace)?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::{bearer, equal};

    #[test]
    fn equal_only_when_the_same() {
        for (left, right) in [("", "a"), ("a", ""), ("a", "b"), ("token", "token "), ("ü", "u")] {
            assert!(!equal(left, right), "{left:?} {right:?}");
        }
        for text in ["", "a", "a longer secret ü"] {
            assert!(equal(text, text));
        }
    }

    #[test]
    fn bearer_tokens() {
        for (header, expected) in [
            ("Bearer s3cret", Some("s3cret")),
            ("bearer  s3cret ", Some("s3cret")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Basic s3cret", None),
            ("s3cret", None),
        ] {
            assert_eq!(bearer(header), expected, "{header}");
        }
    }
}
