//! `health`, asked again as soon as it is answered, over many connections and over one.

use std::time::Duration;

use super::server::Server;
use crate::figures::Figures;
use crate::load::{self, Bound};
use crate::options::Options;
use crate::stats;

/// How often each has its turn. Many short ones: what else the machine does meanwhile then meets both alike.
const TURNS: usize = 20;
const REQUEST: &str = r#"{"type":"req","id":"1","method":"health"}"#;

/// Ours and the published program.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    measure(&Server::ours(options), "ours", options, figures);
    record(options, figures);
    if let Some(published) = Server::published() {
        measure(&published, "published", options, figures);
        for links in [50, 1] {
            figures.put_comparison(&format!("protocol.health.{links}"));
        }
    }
}

/// What a recording costs: the same load in turns, as the machine is never twice the same.
fn record(options: &Options, figures: &mut Figures) {
    let (plain, recording) = (Server::ours(options), Server::ours_told(options, "--record"));
    let bound = || Bound { within: options.duration(Duration::from_millis(500)), at_most: usize::MAX };
    let pace = |server: &Server| load::requests(server.address, 50, REQUEST, bound());
    let (mut rates, mut tails) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for _ in 0..TURNS {
        for (index, server) in [&plain, &recording].into_iter().enumerate() {
            let pace = pace(server);
            rates[index].push(pace.per_second);
            tails[index].push(stats::percentile(&pace.took, 99.0));
        }
    }
    let [without, with] = rates.map(|rates| stats::median(&rates));
    figures.put("protocol.recording.times", with / without);
    let [without, with] = tails.map(|tails| stats::median(&tails));
    figures.put("protocol.recording.p99", with - without);
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
