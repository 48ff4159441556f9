//! The Control UI: the published browser interface, served from files that somebody else has built
//! (`wire-protocol` E.2). There are none of ours but one small page, for when there are no files.
//!
//! `target` reads a path, `document` adds to a page what the interface has to know, and `kind` names content types; all
//! three are pure. `places` finds the files, `files` opens them and remembers their hashes, `answer` puts it together.

mod answer;
mod document;
mod files;
mod kind;
mod page;
mod places;
mod target;

pub(super) use answer::{answer, body};
pub(super) use files::{Content, Files, Lookup};
pub(super) use kind::content_type;
pub(crate) use places::ControlUi;
pub(super) use places::installed;
