//! The published node host against our gateway.

use std::process::{Child, Stdio};

use serde_json::Value;

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::peer::{Peer, SLOW};
use crate::support::program::Run;
use crate::support::wait;

/// A node host that runs; killed when dropped.
struct NodeHost(Child);

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
    // One process, so that killing it leaves nothing behind.
    let mut host = peer.command(&node, &arguments).env("CLAWDBOT_NO_RESPAWN", "1").into_command();
    let mut host = NodeHost(host.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());

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
