//! Hooks: what other programs tell the gateway over HTTP (`wire-protocol` E.7), as decisions. Pure; requests are read
//! and answered in `http::hooks`.
//!
//! - `token`: where a caller's token may stand.
//! - `payload`: what `wake` and `agent` take.
//! - `rules`, `template`: what becomes of bodies of other shapes.

mod payload;
mod rules;
mod template;
mod token;

pub(crate) use payload::{AgentTask, Wake};
pub(crate) use rules::{Mapped, Rules};
pub(crate) use template::Scope;
pub(crate) use token::given;
