//! From the start of the program to the first hello.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use super::subject::token_hello;
use crate::figures::Figures;
use crate::machine;
use crate::options::Options;
use crate::support::harness::{self, Harness};
use crate::support::home::Home;
use crate::support::wait;

/// First starts, and starts on a profile that exists.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let mut firsts = Vec::new();
    for _ in 0..options.rounds(20) {
        let home = Home::new();
        let (_harness, took) = start(options, &home);
        firsts.extend(took);
    }
    figures.put_spread("start.first", &firsts);

    let home = Home::new();
    let _ = start(options, &home);
    let (mut times, mut stops) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds(50) {
        let (harness, took) = start(options, &home);
        times.extend(took);
        let begin = Instant::now();
        harness.stop();
        stops.push(machine::ms(begin));
    }
    figures.put_spread("start.hello", &times);
    figures.put_spread("start.stop", &stops);
}

/// Starts a harness; milliseconds to the first hello. The port is chosen beforehand, so that a client can knock
/// from the first moment.
pub(crate) fn start(options: &Options, home: &Home) -> (Harness, Option<f64>) {
    let port = machine::free_port();
    let harness = harness::in_home(home).binary(&options.binary).port(port).spawn();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let end = harness.begun + Duration::from_secs(10);
    while Instant::now() < end {
        if token_hello(address).is_some() {
            let took = machine::ms(harness.begun);
            return (harness, Some(took));
        }
        wait::pass(Duration::from_micros(200));
    }
    (harness, None)
}
