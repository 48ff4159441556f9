//! What a harness costs while nothing happens.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::subject::Subject;
use crate::figures::Figures;
use crate::machine;
use crate::options::Options;
use crate::stats;
use crate::support::process;
use crate::support::wait;

/// Cost of an idle harness with everything that belongs to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Processor time in a minute, milliseconds.
    pub(crate) cpu_ms: f64,
    /// Resident memory, MiB.
    pub(crate) rss: f64,
    /// The same with shared pages counted once.
    pub(crate) pss: f64,
}

/// Processor time by process and thread, nanoseconds.
type Cpu = BTreeMap<(u32, u32), u64>;

/// A minute of nothing.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let subject = Subject::start(options);
    let cost = observe(&subject, options);
    figures.put("idle.cpu", cost.cpu_ms);
    figures.put("idle.rss", cost.rss);
    figures.put("idle.pss", cost.pss);
    figures.put("idle.harness.rss", mib(process::memory_kib(subject.harness.pid()).0));
    figures.put("idle.processes", stats::count(subject.harness.processes().len()));
}

/// Measures an idle harness.
pub(crate) fn observe(subject: &Subject, options: &Options) -> Cost {
    // A whole minute after the first heartbeat holds each thing that happens once a minute exactly once.
    let period = Duration::from_secs(if options.quick { 5 } else { 60 });
    wait::pass(Duration::from_secs(if options.quick { 2 } else { 18 }));
    let pids: Vec<u32> = subject.harness.processes().iter().map(|process| process.pid).collect();
    let cpu = || pids.iter().flat_map(|pid| process::cpu_ns(*pid)).collect::<Cpu>();
    rest(cpu);
    let (begin, before) = (Instant::now(), cpu());
    wait::pass(period);
    let used = used(&before, &cpu());
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a few seconds")]
    let cpu_ms = used as f64 / 1e6 * 60_000.0 / machine::ms(begin);
    let memory: Vec<(u64, u64)> = pids.iter().map(|pid| process::memory_kib(*pid)).collect();
    Cost {
        cpu_ms,
        rss: mib(memory.iter().map(|(rss, _)| rss).sum()),
        pss: mib(memory.iter().map(|(_, pss)| pss).sum()),
    }
}

/// Waits until what the start left to do is done: files are read ahead in the background, which is work and not
/// idleness. Whatever does not come to rest is measured as it is.
fn rest(cpu: impl Fn() -> Cpu) {
    const SLICE: Duration = Duration::from_secs(1);
    const AT_REST_NS: u64 = 500_000;
    for _ in 0..30 {
        let before = cpu();
        wait::pass(SLICE);
        if used(&before, &cpu()) < AT_REST_NS {
            return;
        }
    }
}

/// What was used between two moments. Threads that ended in between are left out.
fn used(before: &Cpu, after: &Cpu) -> u64 {
    after.iter().map(|(thread, now)| now - before.get(thread).copied().unwrap_or(0)).sum()
}

/// KiB as MiB.
#[expect(clippy::cast_precision_loss, reason = "sizes of memory are far below 2^52")]
fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}
