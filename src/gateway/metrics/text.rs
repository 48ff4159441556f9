//! The counters as text, in the format of Prometheus (`text/plain; version=0.0.4`).

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use super::counters::{CLASSES, Metrics, RESULTS};
use super::histogram::{BOUNDS, Snapshot};

/// What is not counted but looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gauges {
    /// Version of the program.
    pub(crate) version: &'static str,
    /// Number of this generation.
    pub(crate) generation: u64,
    /// Since the start.
    pub(crate) uptime_ms: u64,
    /// Clients that have said hello and are there.
    pub(crate) clients: usize,
    /// Events that clients have missed because they did not keep up.
    pub(crate) events_dropped: u64,
}

/// The whole text.
pub(crate) fn render(metrics: &Metrics, gauges: &Gauges) -> String {
    let mut text = Text(String::with_capacity(8 * 1024));
    let Gauges { version, generation, uptime_ms, clients, events_dropped } = gauges;
    text.about("clawdbot_build_info", "gauge", "The program; always 1.");
    text.line("clawdbot_build_info", &format!("version=\"{version}\""), "1");
    text.single("clawdbot_generation", "gauge", "Number of this generation of the gateway.", *generation);
    text.about("clawdbot_uptime_seconds", "gauge", "Time since the gateway was started.");
    text.line("clawdbot_uptime_seconds", "", &thousandths(*uptime_ms));
    text.single("clawdbot_clients", "gauge", "Clients that are connected.", *clients as u64);
    let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    // In this order: what has ended was accepted before.
    let (ended, accepted) = (load(&metrics.ended), load(&metrics.connections));
    text.single(
        "clawdbot_connections",
        "gauge",
        "Connections that are open, of every kind.",
        accepted.saturating_sub(ended),
    );
    text.single(
        "clawdbot_connections_total",
        "counter",
        "Connections that were accepted, of every kind.",
        accepted,
    );
    text.single(
        "clawdbot_connections_refused_total",
        "counter",
        "Connections that were refused for want of room.",
        load(&metrics.refused),
    );
    text.single(
        "clawdbot_events_dropped_total",
        "counter",
        "Events that clients missed because they did not keep up.",
        *events_dropped,
    );
    text.single(
        "clawdbot_reloads_total",
        "counter",
        "Configurations that were taken over in place; a restart is a generation.",
        load(&metrics.reloads),
    );
    requests(&mut text, metrics);
    text.about("clawdbot_http_requests_total", "counter", "Plain HTTP requests by class of the answer.");
    for (class, counter) in CLASSES.iter().zip(&metrics.http) {
        text.line("clawdbot_http_requests_total", &format!("class=\"{class}\""), &load(counter).to_string());
    }
    let name = "clawdbot_http_request_duration_seconds";
    text.about(name, "histogram", "Time until a plain HTTP request had its answer.");
    text.histogram(name, "", &metrics.http_took.snapshot());
    text.0
}

/// Requests of clients, of those methods that were called.
fn requests(text: &mut Text, metrics: &Metrics) {
    let total = "clawdbot_requests_total";
    text.about(total, "counter", "Requests over WebSockets by method and result.");
    for (method, of_method) in metrics.by_method() {
        for (result, counter) in RESULTS.iter().zip(&of_method.results) {
            let count = counter.load(Ordering::Relaxed);
            if count > 0 {
                let labels = format!("method=\"{method}\",result=\"{result}\"");
                text.line(total, &labels, &count.to_string());
            }
        }
    }
    let took = "clawdbot_request_duration_seconds";
    text.about(took, "histogram", "Time until a request over a WebSocket was answered, by method.");
    for (method, of_method) in metrics.by_method() {
        let snapshot = of_method.took.snapshot();
        if snapshot.count > 0 {
            text.histogram(took, &format!("method=\"{method}\""), &snapshot);
        }
    }
}

struct Text(String);

impl Text {
    fn about(&mut self, name: &str, kind: &str, help: &str) {
        // A text never refuses to be written to.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &str, value: &str) {
        let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        self.about(name, kind, help);
        self.line(name, "", &value.to_string());
    }

    fn histogram(&mut self, name: &str, labels: &str, snapshot: &Snapshot) {
        let comma = if labels.is_empty() { "" } else { "," };
        let bucket = format!("{name}_bucket");
        for ((_, bound), count) in BOUNDS.iter().zip(&snapshot.cumulative) {
            self.line(&bucket, &format!("{labels}{comma}le=\"{bound}\""), &count.to_string());
        }
        self.line(&bucket, &format!("{labels}{comma}le=\"+Inf\""), &snapshot.count.to_string());
        self.line(&format!("{name}_sum"), labels, &millionths(snapshot.sum_us));
        self.line(&format!("{name}_count"), labels, &snapshot.count.to_string());
    }
}

/// Milliseconds as seconds.
fn thousandths(ms: u64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

/// Microseconds as seconds.
fn millionths(us: u64) -> String {
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::protocol::error::ErrorCode;
    use crate::protocol::methods::Method;

    #[test]
    fn the_text_of_a_gateway_that_has_answered() {
        let metrics = Metrics::new();
        metrics.answered(Some(Method::Health), None, Duration::from_micros(80));
        metrics.answered(Some(Method::Health), Some(ErrorCode::Unavailable), Duration::from_millis(3));
        metrics.answered(None, Some(ErrorCode::InvalidRequest), Duration::ZERO);
        metrics.http_answered(404, Duration::from_micros(10));
        metrics.connection_accepted();
        metrics.connection_accepted();
        metrics.connection_ended();
        metrics.reloaded();
        let gauges =
            Gauges { version: "1.2.3", generation: 4, uptime_ms: 12_034, clients: 2, events_dropped: 7 };
        let text = render(&metrics, &gauges);
        for line in [
            "clawdbot_build_info{version=\"1.2.3\"} 1",
            "clawdbot_generation 4",
            "clawdbot_uptime_seconds 12.034",
            "clawdbot_clients 2",
            "clawdbot_connections 1",
            "clawdbot_connections_total 2",
            "clawdbot_connections_refused_total 0",
            "clawdbot_events_dropped_total 7",
            "clawdbot_reloads_total 1",
            "clawdbot_requests_total{method=\"health\",result=\"ok\"} 1",
            "clawdbot_requests_total{method=\"health\",result=\"UNAVAILABLE\"} 1",
            "clawdbot_requests_total{method=\"unknown\",result=\"INVALID_REQUEST\"} 1",
            "clawdbot_request_duration_seconds_bucket{method=\"health\",le=\"0.0001\"} 1",
            "clawdbot_request_duration_seconds_bucket{method=\"health\",le=\"+Inf\"} 2",
            "clawdbot_request_duration_seconds_sum{method=\"health\"} 0.003080",
            "clawdbot_request_duration_seconds_count{method=\"health\"} 2",
            "clawdbot_http_requests_total{class=\"4xx\"} 1",
            "clawdbot_http_request_duration_seconds_bucket{le=\"0.00005\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(!text.contains("agents.list"), "methods that nobody has called are left out");
    }

    #[test]
    fn every_line_is_of_the_format() {
        let metrics = Metrics::new();
        metrics.answered(Some(Method::Health), None, Duration::ZERO);
        let gauges = Gauges { version: "1", generation: 1, uptime_ms: 0, clients: 0, events_dropped: 0 };
        let mut announced = std::collections::BTreeSet::new();
        for line in render(&metrics, &gauges).lines() {
            if let Some(rest) = line.strip_prefix("# ") {
                let mut words = rest.split(' ');
                assert!(matches!(words.next(), Some("HELP" | "TYPE")), "{line}");
                announced.insert(words.next().unwrap().to_owned());
                continue;
            }
            let (series, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let name = series.split('{').next().unwrap();
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
            assert!(announced.contains(name) || base.is_some_and(|base| announced.contains(base)), "{line}");
        }
    }
}
