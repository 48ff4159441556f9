//! A million requests and a hundred thousand reconnects: whether memory grows with them.

use std::time::Duration;

use super::server::Server;
use crate::figures::Figures;
use crate::load::{self, Bound, Identity, Pace};
use crate::options::Options;
use crate::stats;
use crate::support::wait;

const REQUEST: &str = r#"{"type":"req","id":"1","method":"health"}"#;
const REQUESTS: usize = 1_000_000;
const RECONNECTS: usize = 100_000;
const LINKS: usize = 50;

/// Nothing that lasts may take longer than this.
const WITHIN: Duration = Duration::from_secs(75);

/// The first tenth fills what is filled once; from then on memory must stand still.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let server = Server::ours(options);
    let part = |full: usize| options.rounds(full);
    let ask = |at_most| load::requests(server.address, LINKS, REQUEST, Bound { within: WITHIN, at_most });
    let come = |at_most| {
        let clients = (0..LINKS).map(|_| Identity::Token).collect();
        load::handshakes(server.address, clients, Bound { within: WITHIN, at_most })
    };
    let figure = |name: &str| format!("protocol.endurance.{name}");
    for (name, full, load) in
        [("requests", REQUESTS, &ask as &dyn Fn(usize) -> Pace), ("reconnects", RECONNECTS, &come)]
    {
        let _ = load(part(full) / 10);
        let before = rss(&server);
        let pace = load(part(full));
        if let Some(failure) = &pace.failure {
            crate::report::line(&format!("  {name}: {failure}"));
        }
        figures.put(&figure(name), stats::count(pace.took.len()));
        figures.put(&figure(&format!("{name}.growth")), (rss(&server) - before).max(0.0));
    }
}

/// Resident memory once the last connections are gone, MiB.
#[expect(clippy::cast_precision_loss, reason = "sizes of memory are far below 2^52")]
fn rss(server: &Server) -> f64 {
    wait::pass(Duration::from_millis(1500));
    server.rss_kib() as f64 / 1024.0
}
