//! The scenarios. Each starts what it needs in homes of its own, and leaves nothing.

mod burst;
mod capture;
mod clients;
mod commands;
mod dev_run;
mod foreground;
mod foreground_reload;
mod idle;
mod leftovers;
mod protocol;
mod quiet;
mod reconnect;
mod replay;
mod save;
mod start;
mod subject;
mod tree;

use crate::figures::Figures;
use crate::options::Options;

/// A scenario by name.
pub(crate) type Scenario = (&'static str, fn(&Options, &mut Figures));

/// Every scenario, in the order in which they run.
pub(crate) const ALL: [Scenario; 22] = [
    ("start", start::run),
    ("save", save::run),
    ("burst", burst::run),
    ("clients", clients::run),
    ("reconnect", reconnect::run),
    ("quiet", quiet::run),
    ("leftovers", leftovers::run),
    ("idle", idle::run),
    ("tree", tree::run),
    ("commands", commands::run),
    ("run", dev_run::run),
    ("replay", replay::run),
    ("capture", capture::run),
    ("foreground", foreground::run),
    ("foreground.reload", foreground_reload::run),
    ("protocol.health", protocol::health::run),
    ("protocol.connect", protocol::connect::run),
    ("protocol.crowd", protocol::crowd::run),
    ("protocol.sessions", protocol::sessions::run),
    ("protocol.files", protocol::files::run),
    ("protocol.hostile", protocol::hostile::run),
    ("protocol.endurance", protocol::endurance::run),
];
