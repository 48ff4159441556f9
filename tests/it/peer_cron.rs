//! Jobs of the published program and of ours: its commands at our gateway, and one file for both.

use serde_json::{Value, json};

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::peer::{self, Peer};
use crate::support::wire::Wire;

const CONFIG: &str =
    "{ gateway: { mode: 'local', reload: { mode: 'off' } }, canvasHost: { enabled: false } }";

/// The file of both.
const FILE: &str = ".clawdbot/cron/jobs.json";

fn operator(address: std::net::SocketAddr) -> Wire {
    Wire::operator(address, "any", &["operator.admin"])
}

fn jobs(wire: &mut Wire) -> Value {
    wire.payload("cron.list", &json!({ "includeDisabled": true }))["jobs"].clone()
}

#[test]
fn its_commands_work_at_our_gateway() {
    let Some(peer) = Peer::find() else { return };
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", CONFIG);
    let gateway = Started::new(&home, &["gateway", "--port", "0"]);
    let run = |arguments: &[&str]| peer.local(&home, gateway.port(), &[&["cron"], arguments].concat());
    run(&["status"]).finish().expect_code(0);
    let event = ["--system-event", "Stand up"];
    let add = |more: &[&str]| run(&[&["add", "--json"], more].concat());
    let [every, at, cron, agent] = peer::together([
        add(&[&["--name", "Stretch", "--every", "1h"], &event[..]].concat()),
        add(&[&["--name", "Tea", "--at", "20m", "--wake", "now", "--delete-after-run"], &event[..]].concat()),
        add(&[&["--name", "Daily", "--cron", "0 9 * * 1-5", "--tz", "Europe/Berlin"], &event[..]].concat()),
        add(&["--name", "Report", "--every", "1d", "--session", "isolated", "--message", "Sum it up"]),
    ]);
    let [every, at, cron, agent] = [every, at, cron, agent].map(|text| peer::json(&text));
    assert_eq!(every["schedule"], json!({ "kind": "every", "everyMs": 3_600_000 }), "{every}");
    assert_eq!(at["deleteAfterRun"], true, "{at}");
    assert_eq!(cron["schedule"]["tz"], "Europe/Berlin", "{cron}");
    assert_eq!(agent["payload"]["kind"], "agentTurn", "{agent}");
    let id = |job: &Value| job["id"].as_str().unwrap().to_owned();
    let [list, status] = peer::together([run(&["list"]), run(&["status", "--json"])]);
    let [edited, off, ran] = peer::together([
        run(&["edit", &id(&every), "--every", "2h", "--description", "For the back"]),
        run(&["disable", &id(&cron)]),
        run(&["run", &id(&at), "--force"]),
    ]);
    assert!(["Stretch", "Tea", "Daily", "Report"].iter().all(|name| list.contains(name)), "{list}");
    assert_eq!(peer::json(&status)["jobs"], 4, "{status}");
    assert_eq!(peer::json(&edited)["schedule"]["everyMs"], 7_200_000, "{edited}");
    assert_eq!(peer::json(&off)["enabled"], false, "{off}");
    assert_eq!(peer::json(&ran), json!({ "ok": true, "ran": true }));
    let ran = run(&["run", &id(&agent), "--force"]).finish().expect_code(0).stdout;
    assert_eq!(peer::json(&ran)["ran"], true, "{ran}");
    let [runs, removed, on] = peer::together([
        run(&["runs", "--id", &id(&agent)]),
        run(&["rm", &id(&every), "--json"]),
        run(&["enable", &id(&cron)]),
    ]);
    let entry = &peer::json(&runs)["entries"][0];
    assert!(entry["error"].as_str().unwrap().contains("not part of this gateway yet"), "{runs}");
    assert_eq!(peer::json(&removed)["removed"], true, "{removed}");
    assert_eq!(peer::json(&on)["enabled"], true, "{on}");
    let left = jobs(&mut operator(gateway.address()));
    let mut names: Vec<&str> =
        left.as_array().unwrap().iter().map(|job| job["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Daily", "Report"], "the others have gone, one of them by running");
}

#[test]
fn one_file_serves_both() {
    let Some(peer) = Peer::find() else { return };
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", CONFIG);
    let theirs = peer.gateway(&home);
    let mut wire = operator(theirs.address());
    let yearly = json!({ "kind": "cron", "expr": "0 3 1 1 *", "tz": "UTC" });
    for (name, schedule, target, payload) in [
        ("event", &yearly, "main", json!({ "kind": "systemEvent", "text": "x" })),
        ("turn", &yearly, "isolated", json!({ "kind": "agentTurn", "message": "x", "deliver": false })),
        (
            "once",
            &json!({ "kind": "at", "atMs": 4_000_000_000_000_u64 }),
            "main",
            json!({ "kind": "systemEvent", "text": "y" }),
        ),
    ] {
        let params = json!({ "name": name, "schedule": schedule, "sessionTarget": target, "wakeMode": "next-heartbeat", "payload": payload });
        wire.payload("cron.add", &params);
    }
    let by_theirs = jobs(&mut wire);
    drop(wire);
    theirs.stop();
    let mut file: Value = serde_json::from_str(&home.read(FILE)).unwrap();
    file["jobs"][0]["futureField"] = json!({ "kept": [1, null] });
    home.write(FILE, &file.to_string());

    let ours = Started::new(&home, &["gateway", "--port", "0"]);
    let mut wire = operator(ours.address());
    let mut told = jobs(&mut wire);
    let first = told.as_array_mut().unwrap().iter_mut().find(|job| job["futureField"].is_object()).unwrap();
    first.as_object_mut().unwrap().remove("futureField");
    assert_eq!(told, by_theirs);
    let id = |name: &str| {
        by_theirs.as_array().unwrap().iter().find(|job| job["name"] == name).unwrap()["id"].clone()
    };
    wire.payload("cron.update", &json!({ "id": id("event"), "patch": { "name": "renamed" } }));
    wire.payload("cron.remove", &json!({ "id": id("turn") }));
    wire.payload("cron.run", &json!({ "id": id("once"), "mode": "force" }));
    let mut by_ours = jobs(&mut wire);
    let runs = wire.payload("cron.runs", &json!({ "id": id("once") }));
    drop(wire);
    ours.stop();
    assert!(home.read(FILE).contains("futureField"), "what neither knows is kept");
    let beside = std::fs::read_dir(home.path().join(".clawdbot/cron")).unwrap();
    let mut beside: Vec<_> = beside.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    beside.sort();
    assert_eq!(beside, ["jobs.json", "jobs.json.bak", "runs"], "nothing else is left");

    let theirs = peer.gateway(&home);
    let mut wire = operator(theirs.address());
    let mut told = jobs(&mut wire);
    for list in [&mut by_ours, &mut told] {
        for job in list.as_array_mut().unwrap() {
            job.as_object_mut().unwrap().remove("futureField");
        }
    }
    assert_eq!(told, by_ours);
    assert_eq!(wire.payload("cron.runs", &json!({ "id": id("once") })), runs);
}
