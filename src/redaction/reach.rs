//! Where a value counts as a secret: everywhere, or only where a name says so. Pure.

/// How it is known that a value is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Evidence {
    /// Something like `token=value` in a text, or a variable: it may be anything.
    Guess,
    /// It stands where a secret belongs: a member of a document with such a name, or a form that issuers use.
    Place,
}

/// Where a secret is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Where a name says that it is one. Anywhere else it is a word or a number like others.
    There,
    /// Wherever it stands alone, and is not the name of a member.
    Alone,
    /// Anywhere, within other text too, and in every encoding.
    Everywhere,
}

/// Shorter ones are in half of all words.
const SHORTEST: usize = 6;

/// From here on nobody writes it by chance.
const LONG: usize = 8;

/// Letters alone are a word below this.
const LONGEST_WORD: usize = 16;

/// Where `value` is looked for.
pub(crate) fn reach(value: &str, evidence: Evidence) -> Reach {
    let length = value.chars().count();
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = value.chars().all(char::is_alphabetic) && length < LONGEST_WORD;
    let is_token = value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.~+/=:!@#$%^&*".contains(&byte));
    match evidence {
        _ if length < SHORTEST => Reach::There,
        Evidence::Place if is_number || is_word || length < LONG => Reach::Alone,
        Evidence::Guess if is_number || is_word || length < LONG || !is_token => Reach::There,
        Evidence::Place | Evidence::Guess => Reach::Everywhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_and_odder_the_farther() {
        for (value, place, guess) in [
            ("abc", Reach::There, Reach::There),
            ("12345", Reach::There, Reach::There),
            ("123456", Reach::Alone, Reach::There),
            ("12345678901234567890", Reach::Alone, Reach::There),
            ("sesame", Reach::Alone, Reach::There),
            ("hunter2", Reach::Alone, Reach::There),
            ("production", Reach::Alone, Reach::There),
            ("correcthorsebatterystaple", Reach::Everywhere, Reach::There),
            ("two words 4", Reach::Everywhere, Reach::There),
            ("s3cret-value", Reach::Everywhere, Reach::Everywhere),
            ("tokens[index0]", Reach::Everywhere, Reach::There),
        ] {
            assert_eq!(
                (reach(value, Evidence::Place), reach(value, Evidence::Guess)),
                (place, guess),
                "{value}"
            );
        }
    }
}
