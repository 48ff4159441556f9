//! A harness under measurement, and what is asked of it again and again.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::machine;
use crate::options::Options;
use crate::support::edits::Save;
use crate::support::harness::{self, Harness};
use crate::support::home::{self, Home};
use crate::support::http;
use crate::support::wait;
use crate::support::wire::{Credentials, Wire};

/// A save that has shown no effect after this long is lost.
pub(crate) const LOST: Duration = Duration::from_secs(3);

/// Pause between two attempts of a client that waits for a new generation.
const ATTEMPT: Duration = Duration::from_micros(200);

/// A harness that serves, in a home of its own.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The harness. Before the home, so that it ends first.
    pub(crate) harness: Harness,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Its home.
    pub(crate) home: Home,
    serial: u64,
}

impl Subject {
    /// Starts one in a fresh home.
    pub(crate) fn start(options: &Options) -> Self {
        let home = Home::new();
        let harness = harness::in_home(&home).binary(&options.binary).start();
        Self::of(home, harness)
    }

    /// Wraps one that runs.
    pub(crate) fn of(home: Home, harness: Harness) -> Self {
        let address = harness.address();
        // Until the watch is armed a save is found by comparison, which is another path than the one to measure.
        let _ = harness.try_wait(0, Duration::from_secs(5), |event| event.is("armed"));
        wait::pass(Duration::from_millis(100));
        Self { harness, address, home, serial: 0 }
    }

    /// A file of the workspace.
    pub(crate) fn file(&self) -> PathBuf {
        self.home.workspace().join("AGENTS.md")
    }

    /// A text that was never saved before.
    pub(crate) fn text(&mut self) -> String {
        self.serial += 1;
        format!("# Agents\n\nEdit number {}.\n{}", self.serial, "Some text to make it a file.\n".repeat(20))
    }

    /// A configuration that was never saved before, and the agent's name in it.
    pub(crate) fn config(&mut self) -> (String, String) {
        self.serial += 1;
        let name = format!("Name {}", self.serial);
        (home::config_text(&self.home, &name, ""), name)
    }

    /// Saves a file of the workspace; returns the moment before and the moment after.
    pub(crate) fn save(&mut self, way: Save) -> (Instant, Instant) {
        let text = self.text();
        let path = self.file();
        let begin = Instant::now();
        (begin, way.write(&path, &text))
    }

    /// The generation that answers.
    pub(crate) fn generation(&self) -> u64 {
        self.harness.health().generation
    }

    /// When `GET /health` is first answered by a generation above `old`.
    pub(crate) fn fresh_health(&self, old: u64) -> Option<Instant> {
        attempts(|| {
            let health = http::health(self.address, LOST).ok()?;
            (health.generation > old).then(Instant::now)
        })
    }

    /// When a hello is first answered by a generation that started after `begin`.
    pub(crate) fn fresh_hello(&self, begin: Instant) -> Option<Instant> {
        attempts(|| {
            let (_wire, hello) = token_hello(self.address)?;
            let answered = Instant::now();
            // Rounded to whole milliseconds on the other side.
            let age = hello["snapshot"]["uptimeMs"].as_f64()?;
            (age <= machine::ms(begin) + 1.0).then_some(answered)
        })
    }

    /// When a hello is first answered by a generation whose agent is called `name`.
    pub(crate) fn fresh_name(&self, name: &str) -> Option<Instant> {
        attempts(|| name_answered(self.address, name))
    }

    /// Waits until no generation has changed for a while, and for a moment that no pattern follows.
    pub(crate) fn settle(&self) {
        let mut mark = self.harness.mark();
        loop {
            wait::pass(Duration::from_millis(120 + machine::below(80)));
            if self.harness.mark() == mark {
                return;
            }
            mark = self.harness.mark();
        }
    }
}

/// One hello with a token; `None` when it was cut off.
pub(crate) fn token_hello(address: SocketAddr) -> Option<(Wire, serde_json::Value)> {
    let (wire, hello) = Wire::hello(address, &Credentials::Token("any".to_owned())).ok()?;
    let _ = socket2::SockRef::from(wire.stream()).set_linger(Some(Duration::ZERO));
    Some((wire, hello))
}

/// When a hello was answered by a gateway whose agent is called `name`; `None` when it is called otherwise.
fn name_answered(address: SocketAddr, name: &str) -> Option<Instant> {
    let (mut wire, _) = token_hello(address)?;
    let answered = Instant::now();
    let answer = wire.call("agents.list", &json!({})).ok()?;
    let agents = answer["payload"]["agents"].as_array()?;
    agents.iter().any(|agent| agent["identity"]["name"] == name).then_some(answered)
}

/// Whether the agent of the gateway that answers now is called `name`.
pub(crate) fn name_known(address: SocketAddr, name: &str) -> bool {
    name_answered(address, name).is_some()
}

fn attempts(mut attempt: impl FnMut() -> Option<Instant>) -> Option<Instant> {
    let end = Instant::now() + LOST;
    while Instant::now() < end {
        if let Some(answered) = attempt() {
            return Some(answered);
        }
        wait::pass(ATTEMPT);
    }
    None
}
