//! The row of the table for a place in a document.

use super::super::edit::{ConfigPath, Segment};
use super::kind::Kind;
use super::tables::ROOT;

static DOCUMENT: Kind = Kind::Object(&ROOT);

/// What may stand at a path; `None` where the table has nothing to say.
fn kind_at(path: &ConfigPath) -> Option<&'static Kind> {
    path.segments().iter().try_fold(&DOCUMENT, |kind, segment| step(kind, segment))
}

fn step(kind: &'static Kind, segment: &Segment) -> Option<&'static Kind> {
    match kind {
        Kind::Either(kinds) => kinds.iter().find_map(|kind| step(kind, segment)),
        Kind::List(kind) => segment.as_index().map(|_| *kind),
        Kind::Map(kind) => segment.as_key().map(|_| *kind),
        Kind::Object(object) => {
            let key = segment.as_key()?;
            object.find(key).map(|key| &key.kind).or(object.rest.as_ref())
        }
        _ => None,
    }
}

/// Whether nothing but a text may stand at a path.
pub(in crate::config) fn wants_text(path: &ConfigPath) -> bool {
    matches!(kind_at(path), Some(Kind::Text(_) | Kind::Choice(_) | Kind::Option(_) | Kind::Only(_)))
}

/// Whether the path is one that a configuration may have.
pub fn is_known(path: &ConfigPath) -> bool {
    kind_at(path).is_some()
}
