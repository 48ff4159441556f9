//! systemd user units.
//!
//! - `unit`: the text of a unit file and back, by systemd.syntax(7).
//! - `render`: the unit of a gateway.
//! - `read`: a unit as a definition, whoever wrote it.
//! - `show`: what `systemctl show` says.
//! - `hints`: what helps when the manager cannot be reached.
//! - `control`: `systemctl`, `journalctl`, `loginctl`, each answer judged in one place.
//! - `manager`: the operations.

mod control;
mod hints;
mod manager;
mod read;
mod render;
mod show;
mod unit;

pub(super) use manager::Systemd;
