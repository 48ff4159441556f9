//! Flags + environment + configuration → what a gateway runs with.
//!
//! Precedence everywhere: flag > environment > config > default. Pure: no files, no process environment, no
//! clock.

mod model;

pub use model::{
    AuthMode, AuthSettings, BindMode, GatewaySettings, LogLevel, Refusal, RunFlags, Secret, TailscaleMode,
};
