//! `clawdbot gateway` without a harness: how soon it answers, and what it costs.

use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::subject::token_hello;
use crate::figures::Figures;
use crate::machine;
use crate::options::Options;
use crate::support::home::Home;
use crate::support::process;
use crate::support::program;
use crate::support::wait;

/// A configuration as small as one can be.
const SMALL: &str = "{ gateway: { mode: 'local' } }\n";

/// Starts on a small and on a large configuration, and the memory of one that has nothing to do.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    figures.put_spread("foreground.hello", &starts(options, SMALL));
    figures.put_spread("foreground.large", &starts(options, &large()));

    let home = configured(SMALL);
    if let (gateway, Some(_)) = start(options, &home) {
        wait::pass(Duration::from_secs(2));
        let (kib, _) = process::memory_kib(gateway.0.id());
        #[expect(clippy::cast_precision_loss, reason = "sizes of memory are far below 2^52")]
        figures.put("foreground.rss", kib as f64 / 1024.0);
    }
}

/// Milliseconds from the start of the program to the first hello.
fn starts(options: &Options, config: &str) -> Vec<f64> {
    let home = configured(config);
    // The first one makes the state directory, and reads the program from the disk.
    let _ = start(options, &home);
    (0..options.rounds(50)).filter_map(|_| start(options, &home).1).collect()
}

fn configured(config: &str) -> Home {
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", config);
    home
}

/// A gateway; killed when dropped.
struct Gateway(Child);

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(options: &Options, home: &Home) -> (Gateway, Option<f64>) {
    let port = machine::free_port();
    let mut command = program::command(&options.binary, home.path(), &program::fresh_mark());
    command.args(["gateway", "--port", &port.to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    let gateway = Gateway(command.spawn().expect("the gateway starts"));
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    while begin.elapsed() < Duration::from_secs(10) {
        if token_hello(address).is_some() {
            return (gateway, Some(machine::ms(begin)));
        }
        wait::pass(Duration::from_micros(200));
    }
    (gateway, None)
}

/// 300 agents and 500 bindings: about 200 KB.
fn large() -> String {
    let mut text = String::from("{\n  gateway: { mode: \"local\" },\n  agents: { list: [\n");
    for number in 0..300 {
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "    // Written by hand, like everything here.\n    {{ id: \"agent-{number}\", name: \"Agent number {number}\", \
             workspace: \"~/agents/number-{number}\", model: \"anthropic/claude-opus-4-5\",\n      identity: {{ name: \
             \"Agent {number}\", theme: \"an agent among many, with a theme of \
             its own that is as long as the ones that people write for theirs\" }}, groupChat: {{ \
             mentionPatterns: [\"@agent{number}\", \"agent {number}\"] }},\n      subagents: {{ allowAgents: \
             [\"agent-0\", \"agent-1\", \"agent-2\"] }} }},"
        );
    }
    text.push_str("  ] },\n  bindings: [\n");
    for number in 0..500 {
        let agent = number % 300;
        let _ = writeln!(
            text,
            "    {{ agentId: \"agent-{agent}\", match: {{ channel: \"telegram\", accountId: \"account-{number}\", peer: \
             {{ kind: \"group\", id: \"-100{number:010}\" }} }} }},"
        );
    }
    text.push_str("  ],\n}\n");
    text
}
