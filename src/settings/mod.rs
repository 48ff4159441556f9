//! Flags + environment + configuration → what a gateway runs with.
//!
//! Precedence everywhere: flag > environment > config > default. Pure: no files, no process environment, no
//! clock.

mod agent;
mod auth;
mod bind;
mod canvas;
mod control_ui;
mod given;
mod guard;
mod hooks;
mod ledger;
mod log;
mod model;
mod proxies;
mod reload;
mod resolve;
mod tailscale;
mod tls;

pub use crate::config::schema::LogLevel;
pub use agent::{configured_workspace, configured_workspaces};
pub use bind::{BindPlan, InterfaceAddress, PlannedAddress};
pub use canvas::CanvasSettings;
pub use control_ui::{ControlUiSettings, control_ui};
pub use given::guard_given;
pub use guard::guard;
pub use hooks::HookSettings;
pub use ledger::{Setting, Source};
pub use log::{Console, LogSettings, WsLog, log_file};
pub use model::{
    AuthMode, AuthSettings, BindMode, GatewaySettings, RecordingSettings, Refusal, RunFlags, Secret,
    TailscaleMode, TailscaleSettings,
};
pub use reload::{reload_debounce, reload_mode};
pub use resolve::{explain, resolve};
pub use tls::{TlsSettings, tls};
