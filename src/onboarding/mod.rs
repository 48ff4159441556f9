//! What somebody wants → a configuration that a gateway starts with. `clawdbot onboard` and the wizard over RPC ask the
//! questions, each in its way; what comes of the answers is decided and written here. Asks nobody, prints nothing.

mod apply;
mod plan;
mod words;

pub(crate) use apply::{Applied, apply, fresh_token, usable};
pub(crate) use plan::{Answers, OnboardAuth, Plan, present_auth};
pub(crate) use words::{BIND_MODES, RISK, bind_name};
