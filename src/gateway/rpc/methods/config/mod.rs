//! `config.*` (`wire-protocol` D.2): reading with the secrets taken out, and writing with them put back.

mod get;
mod restart;
mod schema;
mod write;

pub(crate) use get::get;
pub(crate) use schema::schema;
pub(crate) use write::{apply, merge, patch, set};
