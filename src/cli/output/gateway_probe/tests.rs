use serde_json::json;

use super::*;
use crate::cli::output::paint::Paint;
use crate::cli::output::screens;
use crate::protocol::close::Close;
use crate::protocol::hello::HelloOk;

fn hello() -> Box<HelloOk> {
    let hello = json!({
        "type": "hello-ok", "protocol": 3,
        "server": { "version": "0.1.0", "host": "b\u{7}ox", "connId": "c" },
        "features": { "methods": [], "events": [] },
        "snapshot": {
            "presence": [], "health": { "ok": true }, "stateVersion": { "presence": 1, "health": 1 },
            "uptimeMs": 5000, "configPath": "/home/you/.clawdbot/clawdbot.json", "stateDir": "/home/you/.clawdbot",
        },
        "policy": { "maxPayload": 1, "maxBufferedBytes": 1, "tickIntervalMs": 1 },
    });
    Box::new(serde_json::from_value(hello).unwrap())
}

fn seen(kind: Kind, port: u16, pid: Option<u32>, answer: Answer) -> Seen {
    Seen { kind, url: format!("ws://127.0.0.1:{port}"), through: None, pid, answer }
}

fn report() -> Report {
    let through = Some(Through { server: "you@far".to_owned(), port: 18_789 });
    let answer = Answer::None("ssh: you@far: Permission denied (publickey).".to_owned());
    let refusal = Answer::Refused {
        latency_ms: 2,
        reason: "unauthorized: gateway token mismatch".to_owned(),
        close: Some(Close::policy("unauthorized")),
    };
    Report {
        ts: 1_769_248_800_000,
        duration_ms: 31,
        timeout_ms: 3000,
        own_url: "ws://127.0.0.1:18789".to_owned(),
        discovery: Discovery::Off("this machine is in no network".to_owned()),
        seen: vec![
            seen(Kind::Explicit, 4000, None, refusal),
            Seen { through, ..seen(Kind::Ssh, 18_789, None, answer) },
            seen(
                Kind::Own,
                18_789,
                Some(71),
                Answer::In { latency_ms: 3, hello: hello(), summary: Ok(json!({ "sessions": {} })) },
            ),
            seen(Kind::Remote(false), 4001, None, Answer::None("connection refused".to_owned())),
            seen(Kind::Profile(Some("work".to_owned())), 4002, Some(72), Answer::Greeted { latency_ms: 1 }),
        ],
    }
}

#[test]
fn the_screen() {
    let mut report = report();
    screens::check("gateway-probe.txt", &screen(&report, Paint::new(false)));
    screens::check("gateway-probe-colour.txt", &screen(&report, Paint::new(true)));
    report.seen.retain(|seen| !seen.answer.is_there());
    screens::check("gateway-probe-none.txt", &screen(&report, Paint::new(false)));
}

#[test]
fn the_object() {
    let json = json(&report());
    assert_eq!(json["ok"], true);
    assert_eq!(json["primaryTargetId"], "explicit");
    assert_eq!(json["warnings"][0]["targetIds"], json!(["sshTunnel"]));
    assert_eq!(json["warnings"][1]["code"], "multiple_gateways");
    assert_eq!(json["warnings"][1]["targetIds"], json!(["explicit", "localLoopback", "profile:work"]));
    assert_eq!(json["discovery"]["count"], 0);
    let ids: Vec<_> =
        json["targets"].as_array().unwrap().iter().map(|target| target["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["explicit", "sshTunnel", "localLoopback", "configRemote", "profile:work"]);
    assert_eq!(json["targets"][0]["connect"]["close"]["code"], 1008);
    assert_eq!(json["targets"][2]["self"]["uptimeMs"], 5000);
    assert_eq!(json["targets"][3]["active"], false);
    assert_eq!(json["targets"][4]["rpc"], json!(null));
}
