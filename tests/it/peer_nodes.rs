//! The published node host against our gateway.

use std::process::{Child, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::support::foreground::Started;
use crate::support::home::Home;
#[cfg(target_os = "linux")]
use crate::support::own_process::{in_own_network, ip};
use crate::support::peer::{self, Peer, SLOW};
use crate::support::program::Run;
use crate::support::wait;
use crate::support::wire::Wire;

/// A node host that runs; killed when dropped.
struct NodeHost(Child);

impl NodeHost {
    fn start(run: Run) -> Self {
        // One process, so that killing it leaves nothing behind.
        let mut command = run.env("CLAWDBOT_NO_RESPAWN", "1").into_command();
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for NodeHost {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_published_node_host_is_seen_by_both_clients() {
    let Some(peer) = Peer::find() else { return };
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local' } }");
    let gateway = Started::new(&home, &["gateway", "--port", "0"]);
    let (port, node, client) = (gateway.port().to_string(), Home::new(), Home::new());
    let url = format!("ws://127.0.0.1:{port}");
    let arguments = ["node", "run", "--host", "127.0.0.1", "--port", &port, "--display-name", "Attic"];
    let mut host = NodeHost::start(peer.command(&node, &arguments));

    let own = wait::until("the node host is connected", SLOW, || {
        assert!(host.0.try_wait().unwrap().is_none(), "the node host ended at its start");
        let list = ["gateway", "call", "node.list", "--json", "--url", &url];
        attic(&Run::new(&home, &list).finish().expect_code(0).stdout)
    });
    check(&own);
    let status = peer.run(&client, &["nodes", "status", "--json", "--url", &url]).expect_code(0);
    let published = attic(&status.stdout).unwrap_or_else(|| panic!("no such node: {}", status.stdout));
    check(&published);
    assert_eq!(published["nodeId"], own["nodeId"]);

    let on_node = |words: &[&str]| {
        let rest = ["--node", "Attic", "--json", "--url", &url];
        peer.command(&client, &[words, &rest].concat())
    };
    let [described, found, approvals] = peer::together([
        on_node(&["nodes", "describe"]),
        on_node(&["nodes", "invoke", "--command", "system.which", "--params", r#"{"bins":["sh"]}"#]),
        on_node(&["approvals", "get"]),
    ]);
    check(&peer::json(&described));
    let found = peer::json(&found);
    assert!(found["payload"]["bins"]["sh"].as_str().is_some_and(|path| path.ends_with("/sh")), "{found}");
    let approvals = peer::json(&approvals);
    let file = node.path().join(".clawdbot/exec-approvals.json");
    assert_eq!(approvals["path"], file.to_str().unwrap(), "the approvals are those of the node");

    // It runs what somebody has approved.
    let mut approver = Wire::operator(gateway.address(), "any", &["operator.approvals"]);
    let words = ["nodes", "run", "--node", "Attic", "--url", &url, "--", "echo", "kettle"];
    let runs = peer.command(&client, &words);
    let finished = thread::scope(|scope| {
        let runs = scope.spawn(|| runs.finish());
        approver.patience(SLOW);
        let asked = approver.event("exec.approval.requested").unwrap()["payload"].clone();
        let allow = json!({ "id": asked["id"], "decision": "allow-once" });
        assert!(asked["request"]["command"].as_str().unwrap().contains("echo kettle"), "{asked}");
        approver.payload("exec.approval.resolve", &allow);
        runs.join().unwrap()
    });
    assert!(finished.expect_code(0).stdout.contains("kettle"));
}

#[test]
#[cfg(target_os = "linux")]
fn the_published_node_host_of_another_machine_waits_for_its_approval() {
    let Some(peer) = Peer::find() else { return };
    in_own_network("peer_nodes::the_published_node_host_of_another_machine_waits_for_its_approval", || {
        ip("link add lan0 type veth peer name lan1");
        ip("link set lan1 up");
        ip("link set lan0 up");
        ip("addr add 10.1.2.3/24 dev lan0");
        let home = Home::new();
        home.write(
            ".clawdbot/clawdbot.json",
            "{ gateway: { mode: 'local', auth: { token: 'of-the-lan' } } }",
        );
        let gateway = Started::new(&home, &["gateway", "--port", "0", "--bind", "lan"]);
        let lan = gateway.lines.iter().find_map(|line| line.split_once("ws://10.1.2.3:")).unwrap().1;
        let port = lan.split(' ').next().unwrap();
        let node = Home::new();
        let arguments = ["node", "run", "--host", "10.1.2.3", "--port", port, "--display-name", "Attic"];
        let start =
            || NodeHost::start(peer.command(&node, &arguments).env("CLAWDBOT_GATEWAY_TOKEN", "of-the-lan"));
        let mut host = start();

        let ours = |words: &[&str]| Run::new(&home, words).finish().expect_code(0).stdout;
        let request = wait::until("the node host asks", SLOW, || {
            let list = peer::json(&ours(&["gateway", "call", "device.pair.list", "--json"]));
            list["pending"][0]["requestId"].as_str().map(str::to_owned)
        });
        assert_eq!(attic(&ours(&["gateway", "call", "node.list", "--json"])), None, "nobody has approved it");
        // It does not wait for that, and is started again.
        let refused = || host.0.try_wait().unwrap();
        wait::until("the node host gives up", SLOW, refused);
        let port = port.parse().unwrap();
        peer.local(&home, port, &["devices", "approve", &request]).finish().expect_code(0);
        let _host = start();
        let node = wait::until("the node host is connected", SLOW, || {
            attic(&ours(&["gateway", "call", "node.list", "--json"]))
        });
        check(&node);
        let params = json!({
            "nodeId": node["nodeId"], "command": "system.which", "params": { "bins": ["sh"] },
            "idempotencyKey": "once",
        });
        let found = ours(&["gateway", "call", "node.invoke", "--json", "--params", &params.to_string()]);
        assert!(peer::json(&found)["payload"]["bins"]["sh"].is_string(), "{found}");
    });
}

/// The node of this test in an answer, once it is connected.
#[track_caller]
fn attic(answer: &str) -> Option<Value> {
    let answer: Value = serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
    let nodes = answer["nodes"].as_array().unwrap_or_else(|| panic!("no nodes: {answer}"));
    nodes.iter().find(|node| node["displayName"] == "Attic" && node["connected"] == true).cloned()
}

#[track_caller]
fn check(node: &Value) {
    assert_eq!(node["paired"], true, "{node}");
    let commands = node["commands"].as_array().unwrap_or_else(|| panic!("no commands: {node}"));
    for command in ["system.run", "system.which"] {
        assert!(commands.iter().any(|known| known == command), "{command}: {node}");
    }
}
