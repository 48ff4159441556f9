//! Comparison of secrets.

use subtle::ConstantTimeEq;

/// Whether two secrets are equal, in time that depends on neither content.
///
/// Hashing first makes both sides equally long, so that the time does not tell the secret's length either.
pub fn equal(left: &str, right: &str) -> bool {
    let digest = |text: &str| blake3::hash(text.as_bytes());
    digest(left).as_bytes().ct_eq(digest(right).as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::equal;

    #[test]
    fn equal_only_when_the_same() {
        for (left, right) in [("", "a"), ("a", ""), ("a", "b"), ("token", "token "), ("ü", "u")] {
            assert!(!equal(left, right), "{left:?} {right:?}");
        }
        for text in ["", "a", "a longer secret ü"] {
            assert!(equal(text, text));
        }
    }
}
