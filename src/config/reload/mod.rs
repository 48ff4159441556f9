//! What an edit of the configuration means for a gateway that runs: nothing, a value that is read anew, or a
//! restart. Pure: documents in, a decision out.

mod plan;
mod rules;

pub use plan::{Verdict, decide, hold};
pub use rules::{Effect, effect};
