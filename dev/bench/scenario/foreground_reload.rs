//! `clawdbot gateway` without a harness: from a save of its configuration to the moment at which it counts.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::figures::Figures;
use crate::machine;
use crate::options::Options;
use crate::stats;
use crate::support::edits::Save;
use crate::support::gateway::{self, Gateway, configure, prompt};
use crate::support::hammer::{Hammer, Traffic};
use crate::support::home::Home;
use crate::support::http;
use crate::support::wait;
use crate::support::wire::Wire;

/// How long an edit may take before it counts as lost.
const LOST: Duration = Duration::from_secs(3);

/// Edits that are taken over in place as one connected client sees them, and edits that need a restart under one
/// connection per millisecond.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let home = Home::new();
    let config = configure(&home, &text("0", 0));
    let gateway = gateway::in_home(&home).binary(&options.binary).start();
    let mut lost = 0;

    let mut client = gateway.client("any");
    let applied: Vec<f64> =
        (1..=options.rounds(100)).filter_map(|turn| apply(&config, &mut client, turn, &mut lost)).collect();
    figures.put_spread("foreground.reload.apply", &applied);

    let hammer = Hammer::start(gateway.address(), Traffic::Health);
    let restarted: Vec<f64> =
        (1..=options.rounds(100)).filter_map(|turn| restart(&config, &gateway, turn, &mut lost)).collect();
    let tally = hammer.stop();
    figures.put_spread("foreground.reload.restart", &restarted);
    figures.put("foreground.reload.unserved", stats::count(tally.failed()));
    figures.put("foreground.reload.lost", stats::count(lost));
}

fn text(name: &str, proxy: usize) -> String {
    let agents = format!("agents: {{ list: [{{ id: 'dev', identity: {{ name: '{name}' }} }}] }},");
    prompt(&format!("trustedProxies: ['10.0.{}.{}']", proxy / 200, proxy % 200), &agents)
}

/// Milliseconds from the save to the first answer with the new name, on the connection from before.
fn apply(config: &Path, client: &mut Wire, turn: usize, lost: &mut usize) -> Option<f64> {
    rest();
    let name = format!("Name {turn}");
    let begin = Save::ALL[turn % 3].write(config, &text(&name, 0));
    while begin.elapsed() < LOST {
        if client.payload("agents.list", &json!({}))["agents"][0]["identity"]["name"] == *name {
            return Some(machine::ms(begin));
        }
    }
    *lost += 1;
    None
}

/// Milliseconds from the save to the first answer by the gateway that follows.
fn restart(config: &Path, gateway: &Gateway, turn: usize, lost: &mut usize) -> Option<f64> {
    rest();
    let address = gateway.address();
    let before = http::health(address, LOST).ok()?.generation;
    let begin: Instant = Save::ALL[turn % 3].write(config, &text("Last", turn));
    while begin.elapsed() < LOST {
        if http::health(address, LOST).is_ok_and(|health| health.generation > before) {
            return Some(machine::ms(begin));
        }
    }
    *lost += 1;
    None
}

/// A person does not save twice in a tenth of a second.
fn rest() {
    wait::pass(Duration::from_millis(100 + machine::below(50)));
}
