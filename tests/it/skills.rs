//! Skills over the wire: what is told of them, changed about them, and installed for them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::pids::Alive;
use crate::support::program::{BINARY, command, fresh_mark};
use crate::support::wait::{self, PATIENCE, VIGIL};
use crate::support::wire::{Credentials, Wire};

const CONFIG: &str = "{
  // Mine.
  gateway: { mode: 'local', auth: { token: 'any' } },
  skills: {
    entries: {
      plain: { env: { KEPT: '${FROM_OUTSIDE}' } }, // as it was
    },
  },
}
";

/// A gateway whose `PATH` leads to `bin` of its home and nowhere else.
fn start(home: &Home) -> Started {
    let mut command = command(Path::new(BINARY), home.path(), &fresh_mark());
    command.args(["gateway", "--port", "0"]).env("PATH", home.path().join("bin"));
    command.env("FROM_OUTSIDE", "outside").env("CLAWDBOT_GATEWAY_TOKEN", "any");
    Started::of(command)
}

fn furnish() -> Home {
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", CONFIG);
    home.write("bin/.keep", "");
    home
}

fn client(gateway: &Started) -> Wire {
    Wire::hello(gateway.address(), &Credentials::Token("any".to_owned())).unwrap().0
}

fn skill(home: &Home, name: &str, own: &Value) {
    let metadata = json!({ "clawdbot": own });
    let text = format!("---\nname: {name}\ndescription: {name}\nmetadata: {metadata}\n---\n");
    home.write(&format!("clawd/skills/{name}/SKILL.md"), &text);
}

fn program(home: &Home, name: &str, script: &str) {
    let path = home.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The row of a skill in a report of now.
#[track_caller]
fn row(client: &mut Wire, name: &str) -> Value {
    let report = client.payload("skills.status", &json!({}));
    let rows = report["skills"].as_array().unwrap();
    rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("no {name}: {report}")).clone()
}

#[test]
fn an_update_changes_the_file_and_disconnects_nobody() {
    let home = furnish();
    skill(&home, "plain", &json!({ "primaryEnv": "KEY", "requires": { "env": ["KEY", "KEPT"] } }));
    let gateway = start(&home);
    let mut client = client(&gateway);
    assert_eq!(row(&mut client, "plain")["missing"]["env"], json!(["KEY"]));

    let update =
        json!({ "skillKey": "plain", "enabled": true, "apiKey": " fixture-key\n", "env": { "MORE": "1" } });
    let answer = client.payload("skills.update", &update);
    let shown = json!({
        "env": { "KEPT": "${FROM_OUTSIDE}", "MORE": "1" }, "enabled": true, "apiKey": "__redacted__",
    });
    assert_eq!(answer, json!({ "ok": true, "skillKey": "plain", "config": shown }));
    let text = home.read(".clawdbot/clawdbot.json");
    for kept in ["// Mine.", "// as it was", "KEPT: '${FROM_OUTSIDE}'", "fixture-key"] {
        assert!(text.contains(kept), "{kept} is gone: {text}");
    }
    // At once, whenever the gateway takes the file over.
    assert_eq!(row(&mut client, "plain")["eligible"], true);

    // What was shown comes back, and stays what it is. Nothing is written for it.
    let before = fs::metadata(home.path().join(".clawdbot/clawdbot.json")).unwrap().modified().unwrap();
    client.payload("skills.update", &json!({ "skillKey": "plain", "apiKey": "__redacted__" }));
    assert_eq!(home.read(".clawdbot/clawdbot.json"), text);
    let after = fs::metadata(home.path().join(".clawdbot/clawdbot.json")).unwrap().modified().unwrap();
    assert_eq!(before, after);
    let refused =
        client.call("skills.update", &json!({ "skillKey": "new", "apiKey": "__redacted__" })).unwrap();
    assert_eq!(refused["error"]["message"], "invalid config", "{refused}");
    assert_eq!(refused["error"]["details"]["issues"][0]["path"], "skills.entries.new.apiKey");

    client.payload("skills.update", &json!({ "skillKey": "plain", "apiKey": "", "env": { "MORE": " " } }));
    let text = home.read(".clawdbot/clawdbot.json");
    assert!(!text.contains("fixture-key") && !text.contains("MORE"), "{text}");
    wait::never("an end of the connection", VIGIL, || client.call("health", &json!({})).err());
}

#[test]
fn an_unusable_configuration_is_left_alone() {
    let home = furnish();
    skill(&home, "plain", &json!({}));
    let gateway = start(&home);
    let mut client = client(&gateway);
    home.write(".clawdbot/clawdbot.json", "{ gateway: { nope");
    let answer = client.call("skills.update", &json!({ "skillKey": "plain", "enabled": false })).unwrap();
    assert_eq!(answer["error"]["code"], "INVALID_REQUEST", "{answer}");
    assert_eq!(home.read(".clawdbot/clawdbot.json"), "{ gateway: { nope");
    assert_eq!(row(&mut client, "plain")["disabled"], false);
}

#[test]
fn odd_things_among_skills_do_no_harm() {
    let home = furnish();
    skill(&home, "good", &json!({}));
    home.write("clawd/skills/broken/SKILL.md", "---\nname: broken\ndescription: a: b\n---\n");
    home.write("clawd/skills/huge/SKILL.md", &format!("---\nx: {}\n", "y".repeat(8 << 20)));
    for odd in ["pipe", "device"] {
        fs::create_dir_all(home.path().join("clawd/skills").join(odd)).unwrap();
    }
    let pipe = home.path().join("clawd/skills/pipe/SKILL.md");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
        .unwrap();
    symlink("/dev/zero", home.path().join("clawd/skills/device/SKILL.md")).unwrap();
    symlink("..", home.path().join("clawd/skills/circle")).unwrap();
    let gateway = start(&home);
    let mut client = client(&gateway);
    let report = client.payload("skills.status", &json!({}));
    assert_eq!(report["skills"].as_array().unwrap().len(), 1, "{report}");
    let skipped: Vec<&str> = (report["skipped"].as_array().unwrap().iter())
        .map(|row| row["path"].as_str().unwrap().rsplit('/').nth(1).unwrap())
        .collect();
    assert_eq!(skipped, ["broken", "device", "huge", "pipe"]);
}

#[test]
fn an_installer_runs_and_tells_what_came_of_it() {
    let home = furnish();
    let install = json!([{ "kind": "node", "package": "tool@1", "bins": ["tool"] }]);
    skill(&home, "needs", &json!({ "requires": { "bins": ["tool"] }, "install": install }));
    let gateway = start(&home);
    let mut client = client(&gateway);
    let button = &row(&mut client, "needs")["install"][0];
    assert_eq!(button["label"], "Install tool@1 (npm)");
    let request = json!({ "name": "needs", "installId": button["id"] });

    let answer = client.call("skills.install", &request).unwrap();
    let message =
        "npm not installed (install it, or set skills.install.nodeManager to npm, pnpm, yarn, or bun)";
    let nothing = json!({ "ok": false, "message": message, "stdout": "", "stderr": "", "code": null });
    assert_eq!((&answer["ok"], &answer["payload"]), (&json!(false), &nothing));
    assert_eq!(answer["error"], json!({ "code": "UNAVAILABLE", "message": message }));

    program(&home, "npm", "echo no such package >&2; exit 7");
    let answer = client.call("skills.install", &request).unwrap();
    assert_eq!(answer["payload"]["code"], 7);
    assert_eq!(answer["error"]["message"], "Install failed (exit 7): no such package");

    let tool = home.path().join("bin/tool");
    let script = format!(
        "echo \"$* ${{CLAWDBOT_GATEWAY_TOKEN-kept}}\"; echo '#!/bin/sh' >{0}; /bin/chmod +x {0}",
        tool.display()
    );
    program(&home, "npm", &script);
    let done = json!({ "ok": true, "message": "Installed", "stdout": "install -g tool@1 kept", "stderr": "", "code": 0 });
    assert_eq!(client.payload("skills.install", &request), done);
    assert_eq!(row(&mut client, "needs")["eligible"], true);
}

#[test]
fn a_slow_installer_holds_nobody_up_and_ends_with_the_gateway() {
    let home = furnish();
    skill(&home, "slow", &json!({ "install": [{ "kind": "node", "package": "p" }] }));
    let pid = home.path().join("pid");
    program(
        &home,
        "npm",
        &format!("echo $$ >{0}.new; /bin/mv {0}.new {0}; exec /bin/sleep 100", pid.display()),
    );
    let gateway = start(&home);
    let mut client = client(&gateway);
    let request = |id: &str, limit: u64| {
        let params = json!({ "name": "slow", "installId": "node-0", "timeoutMs": limit });
        json!({ "type": "req", "id": id, "method": "skills.install", "params": params })
    };
    client.send(&request("first", 100_000)).unwrap();
    let running = wait::until("the installer runs", PATIENCE, || fs::read_to_string(&pid).ok());
    let installer = Alive::new(running.trim().parse().unwrap());
    // One at a time, and nobody waits longer than they want to.
    client.send(&request("second", 1000)).unwrap();
    client.payload("health", &json!({}));
    client.payload("skills.status", &json!({}));
    let second = client.answer("second").unwrap();
    assert_eq!(second["error"]["message"], "another installation is still running; retry when it has ended");
    installer.assert_alive();
    let begin = Instant::now();
    gateway.stop();
    assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());
    installer.assert_ends_within(PATIENCE);
}
