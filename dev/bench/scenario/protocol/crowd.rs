//! Ten thousand connections that do nothing: what they cost, and how soon all of them hear an event.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;

use super::server::Server;
use crate::figures::Figures;
use crate::load::{self, Identity, Link};
use crate::machine;
use crate::options::Options;
use crate::stats;

/// Connections from one source address; there are 28,000 ports by default, and others use them too.
const PER_SOURCE: usize = 5000;

/// So long may it take until all are there.
const GATHERING: Duration = Duration::from_mins(1);

/// One connection more than this asks for the broadcasts.
const REQUEST: &str = r#"{"type":"req","id":"1","method":"voicewake.set","params":{"triggers":["hello"]}}"#;
const EVENT: &str = r#"{"type":"event","event":"voicewake.changed""#;

/// Memory first, then broadcasts.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let wanted = if options.quick { 1000 } else { 10_000 };
    // Ours; the other end of each is the server's.
    clawdbot::platform::limits::allow_open_files(stats::rounded(wanted) + 500);
    let server = Server::ours(options);
    load::on_one_thread(async {
        let before = settled(&server).await;
        let crowd = match Crowd::gather(&server, wanted).await {
            Ok(crowd) => crowd,
            Err(failure) => return crate::report::line(&format!("  no crowd: {failure}")),
        };
        let grown = settled(&server).await.saturating_sub(before);
        figures.put("protocol.crowd.connection", stats::count(grown) / stats::count(wanted));
        match crowd.broadcasts(&server, options.rounds(30)).await {
            Ok(took) => figures.put_spread("protocol.crowd.broadcast", &took),
            Err(failure) => crate::report::line(&format!("  no broadcast: {failure}")),
        }
    });
}

/// Resident memory once what the last connections caused is over, KiB.
async fn settled(server: &Server) -> usize {
    tokio::time::sleep(Duration::from_millis(2500)).await;
    usize::try_from(server.rss_kib()).expect("less than everything")
}

/// Connections that only listen.
struct Crowd {
    count: usize,
    /// When the event was asked for that they hear next.
    asked: Arc<Mutex<Instant>>,
    /// How long after that each of them heard it, milliseconds.
    heard: UnboundedReceiver<f64>,
}

impl Crowd {
    /// Connects `count` of them, one after another.
    async fn gather(server: &Server, count: usize) -> Result<Self, String> {
        let asked = Arc::new(Mutex::new(Instant::now()));
        let (told, heard) = tokio::sync::mpsc::unbounded_channel();
        let begin = Instant::now();
        for number in 0..count {
            let octet = u8::try_from(1 + number / PER_SOURCE).expect("few sources");
            let link = Link::hello(server.address, Ipv4Addr::new(127, 0, 0, octet), &Identity::Token).await;
            let mut link = link.map_err(|failure| format!("connection {number}: {failure}"))?;
            if begin.elapsed() > GATHERING {
                return Err(format!("{number} connections after {GATHERING:?}"));
            }
            let (asked, told) = (Arc::clone(&asked), told.clone());
            tokio::spawn(async move {
                link.rest();
                while link.event(EVENT).await.is_ok() {
                    let _ = told.send(machine::ms(moment(&asked)));
                }
            });
        }
        Ok(Self { count, asked, heard })
    }

    /// How long after a request each connection has the event that follows from it, over `rounds` of them.
    async fn broadcasts(mut self, server: &Server, rounds: usize) -> Result<Vec<f64>, String> {
        let mut caller = Link::hello(server.address, Ipv4Addr::LOCALHOST, &Identity::Token).await?;
        let mut took = Vec::new();
        for round in 0..=rounds {
            tokio::time::sleep(Duration::from_millis(100)).await;
            *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            caller.call(&load::text(REQUEST)).await?;
            let everybody = async {
                for _ in 0..self.count {
                    let value = self.heard.recv().await;
                    // The first round is for pages that were never touched.
                    took.extend(value.filter(|_| round > 0));
                }
            };
            let all = tokio::time::timeout(Duration::from_secs(5), everybody).await;
            all.map_err(|_| "one did not reach everybody within 5 s".to_owned())?;
        }
        Ok(took)
    }
}

fn moment(asked: &Mutex<Instant>) -> Instant {
    *asked.lock().unwrap_or_else(PoisonError::into_inner)
}
