//! One small process per generation: it starts the child, and when the child ends, on order, or when the
//! supervisor is gone, it kills and collects everything that the generation has left behind.
//!
//! A keeper of its own, because only a process that adopts orphans sees those that chose another group or
//! session; one adopter for all generations could not tell whose orphan it holds, and would die with the
//! supervisor. It has no runtime, no threads, and no knowledge of gateways.
//!
//! A keeper that is killed takes its child with it (Linux), and the supervisor ends what comes to it by that. Only
//! who kills both at once can leave something behind.
//!
//! Its standard input is the *lifeline*, a Unix socket to the supervisor: orders come in, reports go out, one
//! JSON object per line, and its end means that the supervisor is gone.

mod cleanup;
mod lifeline;
mod message;
mod serve;

pub(crate) use message::{Order, Report, Start, decode, encode};
pub use serve::run;
