//! Where a value counts as a secret: everywhere, or only where a name says so. Pure.

/// How it is known that a value is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Evidence {
    /// Something like `token=value` in a text, or a variable: it may be anything.
    Guess,
    /// A member with such a name, in any text: of a frame, of a log line. It may be a word like others.
    Told,
    /// It stands where a secret belongs: in a document of the profile, or in a form that issuers use.
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
    let is_like_others = is_number || is_word || length < LONG;
    let is_prose = !value.contains(|c: char| c.is_ascii_digit());
    match evidence {
        _ if length < SHORTEST => Reach::There,
        Evidence::Place if is_like_others => Reach::Alone,
        Evidence::Told if is_like_others || is_prose => Reach::There,
        Evidence::Guess if is_like_others || !is_token => Reach::There,
        Evidence::Place | Evidence::Told | Evidence::Guess => Reach::Everywhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_and_odder_the_farther() {
        use Reach::{Alone, Everywhere, There};
        for (value, place, told, guess) in [
            ("abc", There, There, There),
            ("12345", There, There, There),
            ("123456", Alone, There, There),
            ("12345678901234567890", Alone, There, There),
            ("sesame", Alone, There, There),
            ("hunter2", Alone, There, There),
            ("production", Alone, There, There),
            ("Gateway Token", Everywhere, There, There),
            ("correcthorsebatterystaple", Everywhere, There, There),
            ("two words 4", Everywhere, Everywhere, There),
            ("s3cret-value", Everywhere, Everywhere, Everywhere),
            ("tokens[index0]", Everywhere, Everywhere, There),
        ] {
            assert_eq!(reach(value, Evidence::Told), told, "{value}");
            assert_eq!(
                (reach(value, Evidence::Place), reach(value, Evidence::Guess)),
                (place, guess),
                "{value}"
            );
        }
    }
}
