//! The configuration as typed sections, one file per section, for what the gateway's run path reads.
//!
//! Every field is optional: defaults are applied where settings are resolved, never here. Keys that no section
//! names are known to validation only.

mod agents;
mod document;
mod env;
mod gateway;
mod hooks;
mod logging;
mod model;
mod session;
mod skills;
mod small;

pub use agents::{ActiveHours, AgentDefaults, AgentEntry, Agents, Heartbeat, Identity};
pub use document::Config;
pub use env::{EnvSection, ShellEnv};
pub use gateway::{
    ControlUi, Gateway, GatewayAuth, GatewayHttp, GatewayMode, GatewayNodes, GatewayReload, GatewayRemote,
    GatewayTailscale, GatewayTls, HttpEndpoint, HttpEndpoints, NodesBrowser, NodesBrowserMode, ReloadMode,
    RemoteTransport,
};
pub use hooks::{HookAction, HookMapping, HookMatch, HookTransform, Hooks, InternalHooks, WakeMode};
pub use logging::{ConsoleStyle, LogLevel, Logging, Redaction};
pub use model::ModelChoice;
pub use session::{DmScope, Session, SessionScope};
pub use skills::{NodeManager, SkillEntry, Skills, SkillsInstall, SkillsLoad};
pub use small::{Assistant, CanvasHost, Commands, Cron, Ui};
