//! A client that comes back at once after close 1012.

use std::time::Instant;

use super::subject::{Subject, token_hello};
use crate::figures::Figures;
use crate::machine;
use crate::options::Options;
use crate::stats;
use crate::support::edits::Save;

/// The gap that such a client feels, and what it was promised.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let mut subject = Subject::start(options);
    let (mut gaps, mut promised) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds(100) {
        let Some((mut wire, _)) = token_hello(subject.address) else { continue };
        subject.save(Save::Plain);
        if let Ok(shutdown) = wire.event("shutdown") {
            promised.extend(shutdown["payload"]["restartExpectedMs"].as_f64());
        }
        let closed = wire.closed();
        let begin = Instant::now();
        if closed.code == 1012 && token_hello(subject.address).is_some() {
            gaps.push(machine::ms(begin));
        } else {
            crate::report::line(&format!("  no way back after {closed:?}"));
        }
        subject.settle();
    }
    figures.put_spread("reconnect.gap", &gaps);
    figures.put("reconnect.promised.p50", stats::median(&promised));
}
