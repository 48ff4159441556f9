//! Two texts of which one is from a recording: whether they say the same.

use super::learned::{Learned, Pair};
use super::lexeme::{Kind, Piece, is_placeholder, pieces};

/// What stands for what, when two texts differ in nothing else; `None` when they do, or when an identifier stands for
/// another one than before. `pairs` were learned a moment ago.
pub(super) fn equivalent(recorded: &str, here: &str, learned: &Learned, pairs: &[Pair]) -> Option<Vec<Pair>> {
    let (before, now) = (pieces(recorded), pieces(here));
    if before.len() != now.len() {
        return None;
    }
    let mut found: Vec<Pair> = Vec::new();
    for (before, now) in before.iter().zip(&now) {
        if before.kind.map(class) != now.kind.map(class) {
            return None;
        }
        if before.text == now.text {
            continue;
        }
        let kind = before.kind?;
        if !is_name(kind) {
            continue;
        }
        if is_contradiction(kind, before, now, learned, &pairs.iter().chain(&found)) {
            return None;
        }
        found.push(Pair { kind, recorded: before.text.to_owned(), here: now.text.to_owned() });
    }
    Some(found)
}

/// What may stand for each other: a placeholder stands for a secret of any form.
fn class(kind: Kind) -> Kind {
    if kind == Kind::Hash { Kind::Id } else { kind }
}

fn is_name(kind: Kind) -> bool {
    matches!(kind, Kind::Id | Kind::Hash)
}

/// Whether an identifier would stand for two things, or two for one. A hash may: what it was computed from has changed.
fn is_contradiction<'a>(
    kind: Kind,
    before: &Piece<'_>,
    now: &Piece<'_>,
    learned: &'a Learned,
    pairs: &(impl Iterator<Item = &'a Pair> + Clone),
) -> bool {
    if is_placeholder(before.text) && is_placeholder(now.text) {
        return true;
    }
    if kind == Kind::Hash {
        return false;
    }
    let just = |wanted: &dyn Fn(&Pair) -> bool| pairs.clone().find(|pair| wanted(pair));
    let here = learned
        .get(before.text)
        .or_else(|| just(&|pair| pair.recorded == before.text).map(|pair| pair.here.as_str()));
    let origin = learned
        .origin(now.text)
        .or_else(|| just(&|pair| pair.here == now.text).map(|pair| pair.recorded.as_str()));
    here.is_some_and(|here| here != now.text) || origin.is_some_and(|origin| origin != before.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const B: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    const C: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";

    #[track_caller]
    fn check(recorded: &str, here: &str, expected: Option<&[(&str, &str)]>) {
        let mut learned = Learned::default();
        learned.learn(Pair { kind: Kind::Id, recorded: A.to_owned(), here: B.to_owned() });
        let found = equivalent(recorded, here, &learned, &[]);
        let found: Option<Vec<(&str, &str)>> = found
            .as_ref()
            .map(|pairs| pairs.iter().map(|pair| (pair.recorded.as_str(), pair.here.as_str())).collect());
        assert_eq!(found.as_deref(), expected, "{recorded} {here}");
    }

    #[test]
    fn texts_that_say_the_same() {
        check(A, B, Some(&[(A, B)]));
        check(A, C, None);
        check(B, C, Some(&[(B, C)]));
        check(C, B, None);
        check(&format!("{B} {C}"), &format!("{A} {A}"), None);
        check(&format!("node:{B}"), &format!("node:{C}"), Some(&[(B, C)]));
        check(&format!("node:{B}"), &format!("edge:{C}"), None);
        check(B, "none", None);
        check("took 3ms", "took 12ms", Some(&[]));
        check("ws://127.0.0.1:1", "ws://127.0.0.1:18789", None);
        check("ws://127.0.0.1:19001", "ws://127.0.0.1:18789", Some(&[]));
        check("capsule-secret-1", "capsule-secret-2", None);
        check(
            "capsule-secret-1",
            "0f8fad5bd9cb469fa16570867728950e",
            Some(&[("capsule-secret-1", "0f8fad5bd9cb469fa16570867728950e")]),
        );
        check("capsule-secret-1", "[redacted]", None);
    }
}
