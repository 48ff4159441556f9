//! Variables: which values are secrets, by their names and by what they look like. Pure.

use std::ops::Range;

use super::reach::Evidence;
use crate::config::is_secret_key;
use crate::profile::vars;

/// A variable in the text of a `.env`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable<'t> {
    /// Its name.
    pub(crate) name: &'t str,
    /// Where its value stands, without quotes.
    pub(crate) range: Range<usize>,
    /// How sure it is that this is a secret.
    pub(crate) evidence: Evidence,
}

/// Variables that say how a program runs. Whoever starts it again needs them as they are.
const HARMLESS: [&str; 16] = [
    "COLORTERM",
    "EDITOR",
    "HOME",
    "LANG",
    "LOGNAME",
    "NODE_ENV",
    "NODE_OPTIONS",
    "PATH",
    "PWD",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "SHELL",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
];

/// The variables of a `.env` that may be secrets: all but switches, numbers, and what says how a program runs.
pub(crate) fn assignments(text: &str) -> impl Iterator<Item = Variable<'_>> {
    text.lines().filter(|line| !line.trim_start().starts_with('#')).filter_map(move |line| {
        let at = line.find(['=', ':'])?;
        let name = line[..at].trim();
        let name = name.strip_prefix("export ").map_or(name, str::trim_start);
        let value = line[at + 1..].trim();
        let value = value.strip_prefix(['"', '\'', '`']).unwrap_or(value);
        let value = value.strip_suffix(['"', '\'', '`']).unwrap_or(value);
        let evidence = is_known_secret(name, value)?;
        let start = value.as_ptr() as usize - text.as_ptr() as usize;
        Some(Variable { name, range: start..start + value.len(), evidence })
    })
}

/// How sure it is that a variable holds a secret; `None` when it does not.
pub(crate) fn is_known_secret(name: &str, value: &str) -> Option<Evidence> {
    if is_secret_key(name) {
        return Some(Evidence::Place);
    }
    let is_switch =
        value.parse::<f64>().is_ok() || ["true", "false", "yes", "no", "on", "off", ""].contains(&value);
    let is_setting = HARMLESS.contains(&name) || name.starts_with("LC_") || is_ours(name);
    (!is_switch && !is_setting && !is_path(value) && !is_plain_url(value)).then_some(Evidence::Guess)
}

/// Those of ours that are no secrets.
fn is_ours(name: &str) -> bool {
    name.starts_with("CLAWDBOT_") && ![vars::GATEWAY_TOKEN, vars::GATEWAY_PASSWORD].contains(&name)
}

fn is_path(value: &str) -> bool {
    value.starts_with('/') || value.starts_with("~/")
}

/// A URL of words: `https://api.example.com/v1`. One with a number of some length in it, as many hooks have, is a key.
fn is_plain_url(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let is_word = |part: &str| {
        part.len() < 24 && part.chars().filter(char::is_ascii_digit).count() < 3
            || part.parse::<u16>().is_ok()
    };
    scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && !rest.contains(['@', '?', '#', '='])
        && rest.split(['/', ':']).enumerate().all(|(index, part)| index == 0 || is_word(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_a_file() {
        let text = "# A_TOKEN=x\nNAME=ada\nPORT=80\nDEBUG=true\nexport SOME_KEY=\"quoted value\"\nTZ=Europe/Berlin\n\
                    B: 'y'\nEMPTY=\nAPI=https://api.example.com/v1\nHOOK=https://h.example/T0123/B4567\nDIR=/srv/x\n";
        let found: Vec<(&str, &str, Evidence)> = assignments(text)
            .map(|variable| (variable.name, &text[variable.range], variable.evidence))
            .collect();
        assert_eq!(
            found,
            [
                ("NAME", "ada", Evidence::Guess),
                ("SOME_KEY", "quoted value", Evidence::Place),
                ("B", "y", Evidence::Guess),
                ("HOOK", "https://h.example/T0123/B4567", Evidence::Guess),
            ]
        );
    }

    #[test]
    fn a_name_may_say_it_all() {
        assert_eq!(is_known_secret("X_PASSWORD", "80"), Some(Evidence::Place));
        assert_eq!(is_known_secret("CLAWDBOT_GATEWAY_TOKEN", "x"), Some(Evidence::Place));
        assert_eq!(is_known_secret("CLAWDBOT_PROFILE", "dev"), None);
    }
}
