//! Where a caller's token may stand.

use crate::auth::shared_secret::bearer;

/// The token of a request: after `Bearer` in `Authorization`, in `X-Clawdbot-Token`, or as `token` in the query. The
/// first that is there counts, also when another one would be right.
pub(crate) fn given<'a>(
    authorization: Option<&'a str>,
    named: Option<&'a str>,
    query: Option<&'a str>,
) -> Option<&'a str> {
    let bearer = authorization.and_then(bearer);
    [bearer, named, query].into_iter().flatten().map(str::trim).find(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_that_has_one_counts() {
        for (authorization, named, query, expected) in [
            (Some("Bearer a"), Some("b"), Some("c"), Some("a")),
            (Some("bearer   a "), None, None, Some("a")),
            (Some("Bearer "), Some(" b "), Some("c"), Some("b")),
            (Some("Basic a"), None, Some("c"), Some("c")),
            (Some("Bearera"), None, None, None),
            (None, Some(" "), Some(""), None),
            (None, None, None, None),
        ] {
            assert_eq!(given(authorization, named, query), expected, "{authorization:?} {named:?} {query:?}");
        }
    }
}
