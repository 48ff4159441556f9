//! Clawdbot gateway and the hot-reloading development harness around it.
//!
//! The code map (see `dev/ARCHITECTURE.md` for the flows):
//!
//! - [`cli`]: everything the user types or reads; the only module that prints and chooses an exit code.
//! - [`profile`]: names, environment, and every path, resolved once. Pure.
//! - [`config`]: the configuration file: reading, validation, comparison.
//! - [`settings`]: flags + environment + configuration → what a gateway runs with. Pure.
//! - `onboarding`: what somebody wants → a configuration that a gateway starts with, for `onboard` and the wizard.
//! - [`protocol`]: wire types of protocol 3. Pure.
//! - [`auth`]: shared secrets, device signatures, locality of a peer. Pure.
//! - [`gateway`]: the gateway itself: listeners, connections, RPC, events.
//! - [`harness`]: the development harness: seeding and supervision. Never imports [`gateway`].
//! - [`recording`]: what `--record` writes: journals of frames, copies of profiles.
//! - [`removal`]: takes a profile away, as a whole or in parts. Never imports [`gateway`].
//! - [`watch`]: which edits of files matter, for the harness and for a gateway that reloads itself.
//! - [`listeners`]: the sockets of a bind plan, which outlive the gateways that serve on them.
//! - [`doctor`]: what is wrong with an installation, and what helps.
//! - [`capsule`]: reports in one file: made without secrets, read without trust.
//! - [`client`]: the WebSocket client behind `health`, `status`, and the like.
//! - [`service`]: the gateway as a service of the system. Never imports [`gateway`].
//! - [`testing`]: a gateway in the process of a test.
//! - [`tls`]: certificates, keys, and pins of the gateway's port and of its clients.
//! - `fuzzing`: properties of what reads foreign bytes; in tests and for `dev/fuzz` only.
//! - [`platform`]: the only code that touches the machine. Imports nothing of ours.
//! - [`logging`]: the log file and its rotation.
//! - `redaction`: secrets in texts, found and replaced.

pub mod auth;
pub mod capsule;
pub mod cli;
pub mod client;
pub mod config;
pub mod discovery;
pub mod doctor;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod gateway;
pub mod harness;
pub mod listeners;
pub mod logging;
pub(crate) mod onboarding;
pub mod platform;
pub mod profile;
pub mod protocol;
pub mod recording;
pub(crate) mod redaction;
pub mod removal;
pub mod service;
pub mod settings;
pub mod testing;
pub mod tls;
pub mod watch;
