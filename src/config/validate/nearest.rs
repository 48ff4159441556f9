//! The name that was probably meant.

use strsim::damerau_levenshtein;

/// Candidates are compared only with names up to this length: the distance is quadratic.
const LENGTH_LIMIT: usize = 64;

/// The candidate nearest to what was written, if one is near enough.
pub(super) fn nearest<'c>(written: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    if written.is_empty() || written.len() > LENGTH_LIMIT {
        return None;
    }
    let plain = fold(written);
    // A third of the letters may differ, and one letter always may.
    let limit = (plain.chars().count() / 3).max(1);
    candidates
        .map(|candidate| (damerau_levenshtein(&plain, &fold(candidate)), candidate))
        .filter(|&(distance, candidate)| distance <= limit && distance < candidate.chars().count())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Case and separators do not count: `control-ui` is `controlUi`.
fn fold(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, expect: Option<&str>) {
        let candidates = ["port", "bind", "controlUi", "trustedProxies", "auth"];
        assert_eq!(nearest(written, candidates.into_iter()), expect, "{written}");
    }

    #[test]
    fn near_misses_are_recognized() {
        check("prot", Some("port"));
        check("Port", Some("port"));
        check("control-ui", Some("controlUi"));
        check("trustedProxy", Some("trustedProxies"));
        check("foo", None);
        check("x", None);
        check("", None);
        check(&"a".repeat(1000), None);
    }
}
