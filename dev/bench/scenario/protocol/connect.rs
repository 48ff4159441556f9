//! Complete handshakes: connect, upgrade, challenge, `connect`, hello.

use std::time::Duration;

use super::server::Server;
use crate::figures::Figures;
use crate::load::{self, Bound, Identity};
use crate::options::Options;

/// Clients that come at the same time.
const CLIENTS: u8 = 16;

/// Ours and the published program, with the shared secret and with device signatures.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    measure(&Server::ours(options), "ours", options, figures);
    if let Some(published) = Server::published() {
        measure(&published, "published", options, figures);
        for way in ["token", "device"] {
            figures.put_comparison(&format!("protocol.connect.{way}"));
        }
    }
}

fn measure(server: &Server, whose: &str, options: &Options, figures: &mut Figures) {
    let bound = |full| Bound { within: options.duration(Duration::from_secs(full)), at_most: usize::MAX };
    let tokens = || (0..CLIENTS).map(|_| Identity::Token).collect();
    let devices = || (0..CLIENTS).map(Identity::device).collect();
    // Devices are paired on first sight, which happens once.
    let paired = load::handshakes(server.address, devices(), Bound { at_most: CLIENTS.into(), ..bound(10) });
    if let Some(failure) = paired.failure {
        crate::report::line(&format!("  pairing: {failure}"));
    }
    let pace = load::handshakes(server.address, tokens(), bound(4));
    figures.put_pace(&format!("protocol.connect.token.{whose}"), &pace);
    let pace = load::handshakes(server.address, devices(), bound(4));
    figures.put_pace(&format!("protocol.connect.device.{whose}"), &pace);
}
