//! Ten thousand edits and mutations of a foreground gateway's configuration: a client only ever sees what was valid,
//! never goes back in time, and ends with the last valid content.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::dice::Dice;
use crate::support::edits::Save;
use crate::support::gateway::{self, Gateway, configure};
use crate::support::home::Home;
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::{Credentials, Wire};

const EDITS: u64 = 10_000;
const SEED: u64 = 7;

/// What one person does to two files, in no sensible order.
struct Vandal {
    dice: Dice,
    config: PathBuf,
    include: PathBuf,
    /// Counts what was valid when it was written.
    serial: u64,
}

fn main_text(proxy: u64) -> String {
    format!(
        "{{\n  gateway: {{ mode: 'local', reload: {{ debounceMs: 0 }}, trustedProxies: ['10.0.0.{proxy}'] }},\n  \
         agents: {{ $include: './agents.json5' }},\n}}\n"
    )
}

fn agents_text(serial: u64) -> String {
    format!("{{ list: [{{ id: 'dev', default: true, identity: {{ name: 'Droid {serial}' }} }}] }}\n")
}

impl Vandal {
    fn edit(&mut self) {
        let way = Save::ALL[usize::try_from(self.dice.below(3)).unwrap()];
        let file = if self.dice.below(2) == 0 { self.config.clone() } else { self.include.clone() };
        match self.dice.below(16) {
            0..=6 => {
                self.serial += 1;
                way.write(&self.include, &agents_text(self.serial));
            }
            7 => _ = way.write(&self.config, &main_text(1)),
            8 => _ = way.write(&self.config, &main_text(2 + self.dice.below(20))),
            9 => {
                let whole = fs::read(&file).unwrap_or_default();
                let kept = self.dice.below(whole.len() as u64 + 1);
                fs::write(&file, &whole[..usize::try_from(kept).unwrap()]).unwrap();
            }
            10 => _ = way.write(&file, "{ broken: [, }"),
            11 => {
                let wrong = main_text(1).replace("mode: 'local'", "mode: 'local', nonsense: 1");
                way.write(&self.config, &wrong);
            }
            12 => _ = way.write(&self.config, &main_text(1).replace("'local'", "'remote'")),
            13 => gone(fs::remove_file(&file)),
            14 => gone(fs::rename(&file, file.with_extension("away"))),
            _ => {
                let mut bytes = fs::read(&file).unwrap_or_default();
                // Never a digit: what is served must still tell when it was written.
                if let Some(at) = bytes.iter().position(|byte| *byte == b'{') {
                    bytes[at] = b' ' + u8::try_from(self.dice.below(16)).unwrap();
                }
                fs::write(&file, bytes).unwrap();
            }
        }
    }

    fn last(&mut self) -> u64 {
        self.serial += 1;
        Save::Rename.write(&self.include, &agents_text(self.serial));
        Save::Rename.write(&self.config, &main_text(1));
        self.serial
    }
}

/// An earlier edit may have removed it.
fn gone(result: std::io::Result<()>) {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
        _ => {}
    }
}

/// The serial number in what `agents.list` says.
fn serial(answer: &Value) -> Option<u64> {
    let agents = answer["payload"]["agents"].as_array()?;
    let [agent] = agents.as_slice() else { return None };
    agent["identity"]["name"].as_str()?.strip_prefix("Droid ")?.parse().ok()
}

/// Asks all the time, on one connection as long as that lasts; how often, and on how many connections.
fn watch(gateway: &Gateway, newest: &AtomicU64, over: &AtomicBool) -> (u64, u64) {
    let (mut asked, mut connections, mut served) = (0, 0, 0);
    while !over.load(Ordering::Relaxed) {
        let token = Credentials::Token("any".to_owned());
        let (mut wire, _) = Wire::hello(gateway.address(), &token).expect("never refused");
        connections += 1;
        while !over.load(Ordering::Relaxed) {
            // A restart has closed the connection, or is about to.
            let Ok(answer) = wire.call("agents.list", &json!({})) else { break };
            if answer["error"]["code"] == "UNAVAILABLE" {
                break;
            }
            let now = serial(&answer).unwrap_or_else(|| panic!("seed {SEED}: not valid: {answer}"));
            assert!(now >= served, "seed {SEED}: {now} was served after {served}");
            assert!(now <= newest.load(Ordering::Acquire), "seed {SEED}: {now} was never written");
            served = now;
            asked += 1;
            wait::pass(Duration::from_millis(1));
        }
    }
    (asked, connections)
}

#[test]
fn ten_thousand_edits_show_only_what_was_valid() {
    let home = Home::new();
    let config = configure(&home, &main_text(1));
    let include = home.write(".clawdbot/agents.json5", &agents_text(0));
    let gateway = gateway::in_home(&home).start();
    let mut vandal = Vandal { dice: Dice(SEED), config, include, serial: 0 };
    let (newest, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let begin = Instant::now();
    thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(&gateway, &newest, &over));
        let mut rest = vandal.dice.below(40);
        for _ in 0..EDITS {
            // Before it is written: it may be served before the writer goes on.
            newest.store(vandal.serial + 1, Ordering::Release);
            vandal.edit();
            rest = if rest > 0 { rest - 1 } else { vandal.dice.below(40) };
            if rest == 0 {
                wait::pass(Duration::from_millis(vandal.dice.below(120)));
            }
            assert!(!watcher.is_finished(), "the client has given up");
        }
        newest.store(vandal.serial + 1, Ordering::Release);
        let last = vandal.last();
        wait::until("the last valid content is served", PATIENCE, || {
            let (mut wire, _) = Wire::hello(gateway.address(), &Credentials::Token("any".to_owned())).ok()?;
            let answer = wire.call("agents.list", &json!({})).ok()?;
            (serial(&answer) == Some(last)).then_some(())
        });
        over.store(true, Ordering::Relaxed);
        let (asked, connections) = watcher.join().unwrap();
        let reloads = gateway.since(0).iter().filter(|line| line.starts_with("✓ re")).count();
        assert!(asked > 500 && connections > 5 && reloads > 30, "{asked}, {connections}, {reloads}");
    });
    assert!(begin.elapsed() < Duration::from_secs(90), "{:?}", begin.elapsed());
    gateway.stop();
}
