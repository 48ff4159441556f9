//! Every figure that the benchmark reports, what it must reach, and how it is compared with a baseline.

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Milliseconds. Compared by ratio after division by the calibration figure.
    Ms,
    /// A number of things. A target on a count holds on every machine.
    Count,
    /// Mebibytes. Compared by ratio.
    Mib,
    /// Kibibytes. Compared by ratio.
    Kib,
    /// How many in a second. Compared by ratio after multiplication by the calibration figure.
    PerSecond,
    /// How many times another figure of the same run, which no machine changes much.
    Times,
}

/// What a figure must reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Limit {
    /// Not more than this.
    AtMost(f64),
    /// Not less than this.
    AtLeast(f64),
}

impl Limit {
    /// Whether `value` is on the right side.
    pub(crate) fn is_kept(self, value: f64) -> bool {
        match self {
            Self::AtMost(limit) => value <= limit,
            Self::AtLeast(limit) => value >= limit,
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    /// Name in the JSON.
    pub(crate) id: &'static str,
    /// What it is.
    pub(crate) what: &'static str,
    /// What it counts.
    pub(crate) unit: Unit,
    /// What it must reach.
    pub(crate) limit: Option<Limit>,
}

/// Start and end of the smallest program: the measure of the machine.
pub(crate) const CALIBRATION: &str = "machine.spawn";

const fn at_most(id: &'static str, unit: Unit, limit: f64, what: &'static str) -> Row {
    Row { id, what, unit, limit: Some(Limit::AtMost(limit)) }
}

const fn at_least(id: &'static str, unit: Unit, limit: f64, what: &'static str) -> Row {
    Row { id, what, unit, limit: Some(Limit::AtLeast(limit)) }
}

const fn shown(id: &'static str, unit: Unit, what: &'static str) -> Row {
    Row { id, what, unit, limit: None }
}

use Unit::{Count, Kib, Mib, Ms, PerSecond, Times};

/// The table, in the order in which it is shown.
pub(crate) const TABLE: &[Row] = &[
    shown(CALIBRATION, Ms, "this machine: start and end of `true`"),
    at_most("start.hello.p50", Ms, 20.0, "start on an existing profile → hello, median"),
    shown("start.hello.p99", Ms, "the same, 99th percentile"),
    shown("start.first.p50", Ms, "first start ever → hello, median"),
    shown("start.first.p99", Ms, "the same, 99th percentile"),
    shown("start.stop.p50", Ms, "SIGTERM → harness gone, median"),
    shown("start.stop.p99", Ms, "the same, 99th percentile"),
    at_most("save.plain.p50", Ms, 10.0, "plain save → new generation says hello, median"),
    at_most("save.plain.p99", Ms, 30.0, "the same, 99th percentile"),
    at_most("save.rename.p50", Ms, 10.0, "save by rename → hello, median"),
    at_most("save.rename.p99", Ms, 30.0, "the same, 99th percentile"),
    at_most("save.vim.p50", Ms, 10.0, "save by vim → hello, median"),
    at_most("save.vim.p99", Ms, 30.0, "the same, 99th percentile"),
    at_most("save.config.p50", Ms, 10.0, "config save → hello that knows the new content, median"),
    at_most("save.config.p99", Ms, 30.0, "the same, 99th percentile"),
    shown("save.health.p50", Ms, "plain save → new generation answers GET /health, median"),
    shown("save.health.p99", Ms, "the same, 99th percentile"),
    at_most("save.lost", Count, 0.0, "saves without a new generation within 3 s"),
    shown("save.told.p50", Ms, "the harness's own figure (`ms.total`), median"),
    at_most("burst.respawns.max", Count, 2.0, "respawns for 100 writes in 200 ms, most"),
    at_most("burst.fresh.p50", Ms, 60.0, "last write of the burst → hello with its content, median"),
    shown("burst.fresh.p99", Ms, "the same, 99th percentile"),
    shown("clients.reloads", Count, "reloads of every kind under 1 connection per ms"),
    shown("clients.health.sent", Count, "connections made meanwhile, GET /health"),
    at_most("clients.health.refused", Count, 0.0, "refused"),
    at_most("clients.health.reset", Count, 0.0, "reset"),
    at_most("clients.health.timeout", Count, 0.0, "unanswered after 4 s, or answered wrongly"),
    at_most("clients.health.worst", Ms, 25.0, "slowest answer"),
    shown("clients.hello.sent", Count, "connections made meanwhile, complete hello"),
    at_most("clients.hello.refused", Count, 0.0, "refused"),
    at_most("clients.hello.reset", Count, 0.0, "reset"),
    at_most("clients.hello.timeout", Count, 0.0, "unanswered after 4 s, or answered wrongly"),
    at_most("clients.hello.worst", Ms, 25.0, "slowest hello"),
    at_most("clients.lost", Count, 0.0, "edits among them without a new generation"),
    shown("reconnect.gap.p50", Ms, "close 1012 → hello again, for a client that does not wait, median"),
    at_most("reconnect.gap.p99", Ms, 50.0, "the same, 99th percentile"),
    shown("reconnect.promised.p50", Ms, "`restartExpectedMs`, median"),
    at_most("quiet.same", Count, 0.0, "respawns for 5 saves of the same content"),
    at_most("quiet.touch", Count, 0.0, "respawns for 5 × `touch`"),
    at_most("quiet.droppings", Count, 0.0, "respawns for 5 × editor droppings"),
    at_most("quiet.git", Count, 0.0, "respawns for 5 × 20 rewrites of `.git/index`"),
    at_most("quiet.comment", Count, 0.0, "respawns for 5 comment edits of the config"),
    at_most("broken.diagnosis.p50", Ms, 10.0, "broken config saved → diagnosis, median"),
    shown("broken.diagnosis.p99", Ms, "the same, 99th percentile"),
    at_most("broken.respawns", Count, 0.0, "respawns for broken configs"),
    at_most("crash.respawns", Count, 1.0, "respawns for a child that dies at start"),
    at_most("crash.unserved", Count, 0.0, "connections without an answer meanwhile"),
    at_most("leftovers.term", Count, 0.0, "processes left 1 s after SIGTERM at a random moment"),
    at_most("leftovers.kill", Count, 0.0, "processes left 1 s after SIGKILL at a random moment"),
    at_most("idle.cpu", Ms, 1.0, "CPU of all processes in an idle minute"),
    at_most("idle.rss", Mib, 20.0, "resident memory of all processes"),
    shown("idle.pss", Mib, "the same, shared pages counted once"),
    shown("idle.harness.rss", Mib, "of which the harness"),
    shown("idle.processes", Count, "processes"),
    at_most("tree.penalty", Ms, 10.0, "50,000 files in the workspace: hello later by, median"),
    shown("tree.hello.p50", Ms, "50,000 files: start → hello, median"),
    at_most("tree.armed.p50", Ms, 150.0, "50,000 files: start → watch armed, median"),
    at_most("tree.lost", Count, 0.0, "50,000 files: edits lost that were made during the start"),
    at_most("tree.cpu", Ms, 1.0, "50,000 files: CPU in an idle minute"),
    at_most("tree.rss", Mib, 20.0, "50,000 files: resident memory"),
    shown("tree.watches", Count, "50,000 files: inotify watches"),
    at_most("command.version.p50", Ms, 3.0, "`clawdbot --version`, median"),
    at_most("command.health.p50", Ms, 15.0, "`clawdbot gateway health`, median"),
    at_most("command.status.p50", Ms, 30.0, "`clawdbot gateway status` without a service manager, median"),
    at_most("command.probe.p50", Ms, 60.0, "`clawdbot gateway probe` over ten gateways, median"),
    at_most("run.true.p50", Ms, 60.0, "`clawdbot dev run -- true`, all of it, median"),
    shown("run.true.p99", Ms, "the same, 99th percentile"),
    at_most("run.many.ready", Ms, 3000.0, "100 × `dev run` at once → the last one is ready"),
    at_most("run.many.pss", Mib, 15.0, "memory of each, shared pages counted once"),
    at_most("run.many.left", Count, 0.0, "processes and directories left of them"),
    at_most("run.kill.left", Count, 0.0, "the same after 300 × SIGKILL at random moments"),
    at_most("run.exec.kill.left", Count, 0.0, "the same with --exec"),
    at_most("replay.one", Ms, 5000.0, "`clawdbot dev replay` of 100,000 frames of one connection, all of it"),
    at_most("replay.ten", Ms, 5000.0, "the same of ten connections at once"),
    at_most("capture.large", Ms, 20_000.0, "`dev capture` of 1 GiB of conversations, median"),
    at_most("capture.large.memory", Mib, 64.0, "the most memory meanwhile"),
    shown("capture.session", Ms, "`dev capture` of a recorded session with 2,000 requests"),
    at_most("capture.session.size", Kib, 1024.0, "the capsule of it"),
    at_most("foreground.hello.p50", Ms, 15.0, "start of `clawdbot gateway` → hello, median"),
    shown("foreground.hello.p99", Ms, "the same, 99th percentile"),
    at_most("foreground.large.p50", Ms, 25.0, "the same with 300 agents and 500 bindings (200 KB), median"),
    shown("foreground.large.p99", Ms, "the same, 99th percentile"),
    at_most("foreground.rss", Mib, 12.0, "resident memory of an idle `clawdbot gateway`"),
    at_most("foreground.reload.apply.p50", Ms, 5.0, "save → taken over in place, median"),
    shown("foreground.reload.apply.p99", Ms, "the same, 99th percentile"),
    at_most("foreground.reload.restart.p50", Ms, 50.0, "save → served by the gateway that follows, median"),
    shown("foreground.reload.restart.p99", Ms, "the same, 99th percentile"),
    at_most("foreground.reload.unserved", Count, 0.0, "connections without an answer meanwhile, 1 per ms"),
    at_most("foreground.reload.lost", Count, 0.0, "edits without effect within 3 s"),
    shown("protocol.health.50.ours.rate", PerSecond, "`health` over 50 connections"),
    shown("protocol.health.50.ours.p50", Ms, "the same, median"),
    shown("protocol.health.50.ours.p99", Ms, "the same, 99th percentile"),
    shown(
        "protocol.health.50.published.rate",
        PerSecond,
        "the published program: `health` over 50 connections",
    ),
    shown("protocol.health.50.published.p50", Ms, "the same, median"),
    shown("protocol.health.50.published.p99", Ms, "the same, 99th percentile"),
    at_least("protocol.health.50.times", Times, 50.0, "ours: so many times its requests per second"),
    at_most("protocol.health.50.share", Times, 0.05, "and so much of its 99th percentile"),
    at_least("protocol.recording.times", Times, 0.95, "with --record: so many times the requests per second"),
    at_most("protocol.recording.p99", Ms, 1.0, "and so much more of the 99th percentile"),
    shown("protocol.health.1.ours.rate", PerSecond, "`health` over 1 connection"),
    shown("protocol.health.1.ours.p50", Ms, "the same, median"),
    shown("protocol.health.1.ours.p99", Ms, "the same, 99th percentile"),
    shown("protocol.health.1.published.rate", PerSecond, "the published program: `health` over 1 connection"),
    shown("protocol.health.1.published.p50", Ms, "the same, median"),
    shown("protocol.health.1.published.p99", Ms, "the same, 99th percentile"),
    at_least("protocol.health.1.times", Times, 5.0, "ours: so many times its requests per second"),
    at_most("protocol.health.1.share", Times, 0.05, "and so much of its 99th percentile"),
    shown("protocol.connect.token.ours.rate", PerSecond, "handshakes with a token"),
    shown("protocol.connect.token.ours.p50", Ms, "the same, 16 at a time, median"),
    shown("protocol.connect.token.ours.p99", Ms, "the same, 99th percentile"),
    shown(
        "protocol.connect.token.published.rate",
        PerSecond,
        "the published program: handshakes with a token",
    ),
    shown("protocol.connect.token.published.p50", Ms, "the same, 16 at a time, median"),
    shown("protocol.connect.token.published.p99", Ms, "the same, 99th percentile"),
    at_least("protocol.connect.token.times", Times, 100.0, "ours: so many times its handshakes per second"),
    shown("protocol.connect.token.share", Times, "and so much of its 99th percentile"),
    shown("protocol.connect.device.ours.rate", PerSecond, "handshakes with a device signature"),
    shown("protocol.connect.device.ours.p50", Ms, "the same, 16 at a time, median"),
    shown("protocol.connect.device.ours.p99", Ms, "the same, 99th percentile"),
    shown(
        "protocol.connect.device.published.rate",
        PerSecond,
        "the published program: with a device signature",
    ),
    shown("protocol.connect.device.published.p50", Ms, "the same, 16 at a time, median"),
    shown("protocol.connect.device.published.p99", Ms, "the same, 99th percentile"),
    at_least("protocol.connect.device.times", Times, 20.0, "ours: so many times its handshakes per second"),
    shown("protocol.connect.device.share", Times, "and so much of its 99th percentile"),
    at_most("protocol.crowd.connection", Kib, 20.0, "10,000 idle connections: memory of each"),
    shown("protocol.crowd.broadcast.p50", Ms, "an event to all of them: request → received, median"),
    at_most("protocol.crowd.broadcast.p99", Ms, 150.0, "the same, 99th percentile"),
    shown(
        "protocol.sessions.all.rate",
        PerSecond,
        "`sessions.list` of 10,000 sessions, 1 GiB of transcripts: all",
    ),
    at_most("protocol.sessions.all.p50", Ms, 20.0, "the same, median"),
    shown("protocol.sessions.all.p99", Ms, "the same, 99th percentile"),
    shown("protocol.sessions.page.rate", PerSecond, "the 50 last used"),
    at_most("protocol.sessions.page.p50", Ms, 20.0, "the same, median"),
    shown("protocol.sessions.page.p99", Ms, "the same, 99th percentile"),
    shown("protocol.sessions.titles.rate", PerSecond, "the 50 last used, with derived titles"),
    at_most("protocol.sessions.titles.p50", Ms, 20.0, "the same, median"),
    shown("protocol.sessions.titles.p99", Ms, "the same, 99th percentile"),
    shown("protocol.sessions.last.rate", PerSecond, "the 50 last used, with last messages"),
    at_most("protocol.sessions.last.p50", Ms, 20.0, "the same, median"),
    shown("protocol.sessions.last.p99", Ms, "the same, 99th percentile"),
    shown(
        "protocol.sessions.search.rate",
        PerSecond,
        "a search that finds 111, with titles and last messages",
    ),
    at_most("protocol.sessions.search.p50", Ms, 20.0, "the same, median"),
    shown("protocol.sessions.search.p99", Ms, "the same, 99th percentile"),
    shown("protocol.schema.rate", PerSecond, "`config.schema`"),
    at_most("protocol.schema.p50", Ms, 5.0, "the same, median"),
    shown("protocol.schema.p99", Ms, "the same, 99th percentile"),
    at_least("protocol.files.whole.rate", PerSecond, 20_000.0, "a file of 4 KiB, over 32 connections"),
    shown("protocol.files.whole.p50", Ms, "the same, median"),
    shown("protocol.files.whole.p99", Ms, "the same, 99th percentile"),
    at_least("protocol.files.unchanged.rate", PerSecond, 20_000.0, "the same, only if it has changed (304)"),
    shown("protocol.files.unchanged.p50", Ms, "the same, median"),
    shown("protocol.files.unchanged.p99", Ms, "the same, 99th percentile"),
    shown("protocol.hostile.without.p50", Ms, "`health` of 8 clients, each every 5 ms, median"),
    shown("protocol.hostile.without.p99", Ms, "the same, 99th percentile"),
    shown("protocol.hostile.rounds", Count, "misdeeds of 24 hostile clients"),
    shown("protocol.hostile.with.p50", Ms, "`health` meanwhile, median"),
    shown("protocol.hostile.with.p99", Ms, "the same, 99th percentile"),
    at_most("protocol.hostile.share", Times, 2.0, "so many times what it is without them"),
    at_most("protocol.hostile.failed", Count, 0.0, "clients that behaved and were not answered"),
    at_most("protocol.hostile.growth", Mib, 72.0, "memory more than before"),
    shown("protocol.endurance.requests", Count, "requests over 50 connections"),
    at_most("protocol.endurance.requests.growth", Mib, 1.0, "memory more than after the first tenth"),
    shown("protocol.endurance.reconnects", Count, "reconnects, 50 at a time"),
    at_most("protocol.endurance.reconnects.growth", Mib, 1.0, "memory more than after the first tenth"),
];
