//! `health`, asked again as soon as it is answered, over many connections and over one.

use std::time::Duration;

use super::server::Server;
use crate::figures::Figures;
use crate::load::{self, Bound};
use crate::options::Options;

const REQUEST: &str = r#"{"type":"req","id":"1","method":"health"}"#;

/// Ours and the published program.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    measure(&Server::ours(options), "ours", options, figures);
    if let Some(published) = Server::published() {
        measure(&published, "published", options, figures);
        for links in [50, 1] {
            figures.put_comparison(&format!("protocol.health.{links}"));
        }
    }
}

fn measure(server: &Server, whose: &str, options: &Options, figures: &mut Figures) {
    let bound = |full| Bound { within: options.duration(Duration::from_secs(full)), at_most: usize::MAX };
    // What is compiled and cached on first use is not what is measured.
    let _ = load::requests(server.address, 4, REQUEST, bound(1));
    for links in [50, 1] {
        let pace = load::requests(server.address, links, REQUEST, bound(4));
        figures.put_pace(&format!("protocol.health.{links}.{whose}"), &pace);
    }
}
