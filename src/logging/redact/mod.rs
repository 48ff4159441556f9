//! Taking secrets out of what is logged.
//!
//! Works on texts alone: whoever logs hands over the message and each field before they become a line. Finding too
//! much is harmless, finding too little is not. It must stay fast, for every line goes through it.

mod keys;
mod named;
mod redactor;

pub use redactor::secrets_in;
pub(super) use redactor::{BadPattern, REDACTED, Redactor};
