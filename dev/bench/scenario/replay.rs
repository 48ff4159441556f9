//! `dev replay`: a hundred thousand frames, of one connection and of ten at once, from the start to the end of all.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::figures::Figures;
use crate::options::Options;
use crate::report;
use crate::support::capsule::{Capsule, Recorded};
use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::program::{self, Run, fresh_mark};
use crate::support::wire::{Credentials, Wire};

/// Frames in both directions.
const FRAMES: usize = 100_000;

/// Everything about `dev replay`.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    for (connections, name) in [(1, "replay.one"), (10, "replay.ten")] {
        let directory = Home::new();
        let capsule = recorded(options, &directory, connections, options.rounds(FRAMES / 2));
        let home = Home::new();
        let path = capsule.path().to_str().expect("a path is text");
        let replayed = Run::of(&options.binary, &home, &["dev", "replay", path, "--json"]).finish();
        let found: Value = serde_json::from_str(&replayed.stdout).unwrap_or_default();
        if found["differ"] != 0 {
            report::line(&format!("{name}: it does not behave as recorded: {}", replayed.stderr));
        }
        figures.put(name, replayed.took.as_secs_f64() * 1e3);
    }
}

/// So many requests of so many connections at once.
fn recorded(options: &Options, directory: &Home, connections: usize, requests: usize) -> Capsule {
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local' } }");
    home.write("clawd/AGENTS.md", "# Agents\n");
    Capsule::base(&home, directory.path());
    let journal = Home::new();
    let record = format!("--record={}", journal.path().display());
    let mut command: Command = program::command(&options.binary, home.path(), &fresh_mark());
    command.args(["gateway", "--port", "0", &record]).stderr(Stdio::null());
    let gateway = Started::of(command);
    let address = gateway.address();
    thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(move || ask(address, requests / connections));
        }
    });
    gateway.stop();
    let args = ["gateway", "--port", "0"];
    let recorded =
        Recorded { home: &home, profile: None, journal: journal.path(), devices: &[], args: &args };
    Capsule::complete(directory.path(), &recorded)
}

fn ask(address: SocketAddr, requests: usize) {
    let (mut client, _) = Wire::hello(address, &Credentials::Token("any".to_owned())).expect("hello");
    for _ in 0..requests {
        client.payload("health", &json!({}));
    }
}
