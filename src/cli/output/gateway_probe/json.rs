//! The same for scripts, with the published members.

use serde_json::{Value, json};

use super::report::{Answer, Discovery, Kind, Report, Seen};
use super::warnings::warnings;

/// The object.
pub(crate) fn json(report: &Report) -> Value {
    json!({
        "ok": report.count() > 0,
        "ts": report.ts,
        "durationMs": report.duration_ms,
        "timeoutMs": report.timeout_ms,
        "primaryTargetId": report.primary().map(|seen| seen.kind.id()),
        "warnings": warnings(report),
        "discovery": discovery(&report.discovery),
        "network": { "localLoopbackUrl": report.own_url },
        "targets": report.seen.iter().map(target).collect::<Vec<_>>(),
    })
}

/// What was listened to, and what came of it.
fn discovery(discovery: &Discovery) -> Value {
    let (off, error) = match discovery {
        Discovery::Off(why) => (Some(why), None),
        Discovery::Failed(why) => (None, Some(why)),
        Discovery::Found(_) => (None, None),
    };
    let beacons = discovery.beacons();
    json!({ "count": beacons.len(), "beacons": beacons, "off": off, "error": error })
}

fn target(seen: &Seen) -> Value {
    let mut value = json!({
        "id": seen.kind.id(),
        "kind": seen.kind.word(),
        "url": seen.url,
        "active": !matches!(seen.kind, Kind::Remote(false)),
        "tunnel": seen.through.as_ref().map(|through| {
            json!({ "kind": "ssh", "target": through.server, "remotePort": through.port })
        }),
        "connect": connect(&seen.answer),
        "rpc": rpc(&seen.answer),
        "self": null,
        "config": null,
        "health": null,
        "summary": null,
        "presence": null,
    });
    if let Some(pid) = seen.pid {
        value["pid"] = json!(pid);
    }
    if let Answer::In { hello, summary, .. } = &seen.answer {
        let snapshot = &hello.snapshot;
        value["self"] = json!({
            "host": hello.server.host,
            "version": hello.server.version,
            "uptimeMs": snapshot.uptime_ms,
            "stateDir": snapshot.state_dir,
        });
        value["config"] = json!({ "path": snapshot.config_path });
        value["health"] = snapshot.health.clone();
        value["presence"] = snapshot.presence.clone();
        value["summary"] = summary.as_ref().ok().cloned().unwrap_or_default();
    }
    value
}

fn connect(answer: &Answer) -> Value {
    let (latency_ms, error, close) = match answer {
        Answer::None(reason) => (None, Some(reason), None),
        Answer::Greeted { latency_ms } | Answer::In { latency_ms, .. } => (Some(latency_ms), None, None),
        Answer::Refused { latency_ms, close, .. } => (Some(latency_ms), None, close.as_ref()),
    };
    json!({
        "ok": answer.is_there(),
        "latencyMs": latency_ms,
        "error": error,
        "close": close.map(|close| json!({ "code": close.code, "reason": close.reason })),
    })
}

/// Whether it answers requests; `null` when it was not asked.
fn rpc(answer: &Answer) -> Value {
    match answer {
        Answer::None(_) | Answer::Greeted { .. } => Value::Null,
        Answer::Refused { reason, .. } | Answer::In { summary: Err(reason), .. } => {
            json!({ "ok": false, "error": reason })
        }
        Answer::In { .. } => json!({ "ok": true }),
    }
}
