//! Output for a terminal whose locale is not UTF-8: the same lines, spelled in ASCII. Pure.
//!
//! Pipes and files get UTF-8 whatever the locale says, so that scripts read the same everywhere. A locale that nobody
//! has set says nothing about the terminal: that is how containers are.

use std::borrow::Cow;

use crate::profile::{EnvMap, vars};

/// Whether the locale is one, and not of UTF-8.
pub(super) fn is_asked_for(env: &EnvMap) -> bool {
    let locale = vars::LOCALE.iter().find_map(|name| env.get(name));
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        !locale.contains("utf-8") && !locale.contains("utf8")
    })
}

/// The text with this program's own marks spelled out. What people wrote themselves stays as they wrote it.
pub(super) fn spelled(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let spell = |letter: char| match letter {
        '✓' | '┌' | '┐' | '└' | '┘' | '╭' | '╮' | '╰' | '╯' | '├' | '┤' => {
            Cow::Borrowed("+")
        }
        '✗' | '×' => Cow::Borrowed("x"),
        '…' => Cow::Borrowed("..."),
        '→' => Cow::Borrowed("->"),
        '–' | '—' | '─' | '·' => Cow::Borrowed("-"),
        '│' => Cow::Borrowed("|"),
        letter => Cow::Owned(letter.to_string()),
    };
    Cow::Owned(text.chars().map(spell).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_locale_that_is_set_counts() {
        let check = |variables: &[(&'static str, &str)], expected: bool| {
            let mut env = EnvMap::default();
            for (name, value) in variables {
                env.set(name, value);
            }
            assert_eq!(is_asked_for(&env), expected, "{variables:?}");
        };
        check(&[], false);
        check(&[("LC_ALL", "C")], true);
        check(&[("LC_ALL", "POSIX"), ("LANG", "en_GB.UTF-8")], true);
        check(&[("LC_ALL", ""), ("LANG", "en_GB.UTF-8")], false);
        check(&[("LC_CTYPE", "UTF-8")], false);
        check(&[("LANG", "C.utf8")], false);
        check(&[("LANG", "de_DE.ISO-8859-1")], true);
    }

    #[test]
    fn marks_are_spelled_and_the_rest_stays() {
        assert_eq!(spelled("✓ dev config created"), "+ dev config created");
        assert_eq!(spelled("✗ kept … → 🤖"), "x kept ... -> 🤖");
        assert!(matches!(spelled("plain"), Cow::Borrowed("plain")));
    }
}
