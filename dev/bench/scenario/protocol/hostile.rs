//! What clients that mean no good cost those that behave: how long an answer takes without and with them.

use std::time::Duration;

use super::server::Server;
use crate::figures::Figures;
use crate::load::{self, Bound, Hostile, Pace};
use crate::machine::Apart;
use crate::options::Options;
use crate::stats;

const REQUEST: &str = r#"{"type":"req","id":"1","method":"health"}"#;
/// Clients that behave, and how often each asks: far from what the server can do, so that nobody waits for another.
const BEHAVED: usize = 8;
const EVERY: Duration = Duration::from_millis(5);
/// Four of each kind.
const HOSTILE: usize = 24;

/// One after the other, on one server.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let server = Server::ours(options);
    // Hostile clients take processor time as well, and all of it where there is little. That is not the gateway's
    // doing: it has its own, and the good clients share theirs with the bad ones, or with nobody.
    let _apart = Apart::from(server.pid());
    let bound = |full| Bound { within: options.duration(Duration::from_secs(full)), at_most: usize::MAX };
    let paced = |full| load::paced(server.address, BEHAVED, REQUEST, EVERY, bound(full));
    let _ = paced(2);
    let before = server.rss_kib();
    put(figures, "protocol.hostile.without", &paced(20));
    let hostile = Hostile::begin(server.address, HOSTILE);
    let among = paced(20);
    let rounds = hostile.rounds();
    drop(hostile);
    put(figures, "protocol.hostile.with", &among);
    figures.put("protocol.hostile.rounds", stats::count(rounds));
    figures.put("protocol.hostile.failed", f64::from(u8::from(among.failure.is_some())));
    let grown = usize::try_from(server.rss_kib().saturating_sub(before)).expect("less than everything");
    figures.put("protocol.hostile.growth", stats::count(grown) / 1024.0);
    let p99 = |id: &str| figures.get(&format!("protocol.hostile.{id}.p99"));
    if let (Some(without), Some(with)) = (p99("without"), p99("with")) {
        figures.put("protocol.hostile.share", with / without);
    }
}

fn put(figures: &mut Figures, id: &str, pace: &Pace) {
    match &pace.failure {
        Some(failure) => crate::report::line(&format!("  {id}: {failure}")),
        None => figures.put_spread(id, &pace.took),
    }
}
