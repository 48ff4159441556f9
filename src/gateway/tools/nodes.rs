//! `nodes`: which nodes there are, and who may become one.

use serde_json::{Value, json};

use super::call::{Answer, Invocation};

/// Actions of the published tool that command a node.
const COMMANDS: [&str; 9] = [
    "notify",
    "run",
    "camera_snap",
    "camera_list",
    "camera_clip",
    "screen_record",
    "location_get",
    "canvas_snapshot",
    "sms_send",
];

pub(super) async fn nodes(invocation: &Invocation<'_>) -> Result<Answer, String> {
    let action = invocation.required("action")?;
    let node = invocation.text("node");
    perform(invocation, action, node).await.map_err(|why| {
        let (agent, node) = (&invocation.session.agent, node.unwrap_or("auto"));
        format!("agent={agent} node={node} gateway=default action={action}: {why}")
    })
}

async fn perform(invocation: &Invocation<'_>, action: &str, node: Option<&str>) -> Result<Answer, String> {
    match action {
        "status" => invocation.answer("node.list", json!({})).await,
        "describe" => {
            let id = find(invocation, node).await?;
            invocation.answer("node.describe", json!({ "nodeId": id })).await
        }
        "pending" => invocation.answer("node.pair.list", json!({})).await,
        "approve" | "reject" => {
            let id = invocation.required("requestId")?;
            invocation.answer(&format!("node.pair.{action}"), json!({ "requestId": id })).await
        }
        command if COMMANDS.contains(&command) => {
            find(invocation, node).await?;
            Err(format!("{command} is not offered over HTTP; call the method node.invoke"))
        }
        _ => Err(format!("Unknown action: {action}")),
    }
}

/// The id of the node that is meant: by its id, its address, its name, or the beginning of its id.
async fn find(invocation: &Invocation<'_>, node: Option<&str>) -> Result<String, String> {
    let wanted = node.ok_or("node required")?;
    let list = invocation.ask("node.list", json!({})).await?;
    let nodes = list["nodes"].as_array().map_or(&[][..], Vec::as_slice);
    match find_among(nodes, wanted).as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => Err(format!("unknown node: {wanted}")),
        several => Err(format!("ambiguous node: {wanted} (matches: {})", several.join(", "))),
    }
}

fn find_among<'a>(nodes: &'a [Value], wanted: &str) -> Vec<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "-");
    let ids = |is_it: &dyn Fn(&Value, &str) -> bool| -> Vec<&'a str> {
        let found = nodes.iter().filter_map(|node| Some((node, node["nodeId"].as_str()?)));
        found.filter(|(node, id)| is_it(node, id)).map(|(_, id)| id).collect()
    };
    let exact = ids(&|node, id| {
        let name = node["displayName"].as_str().is_some_and(|name| plain(name) == plain(wanted));
        id == wanted || node["remoteIp"] == wanted || name
    });
    // Fewer letters mean too many.
    if exact.is_empty() && wanted.len() >= 6 { ids(&|_, id| id.starts_with(wanted)) } else { exact }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_has_several_names() {
        let nodes = [
            json!({ "nodeId": "aaaaaa1111", "displayName": "Office Mac", "remoteIp": "10.0.0.5" }),
            json!({ "nodeId": "aaaaaa2222", "displayName": "Phone" }),
        ];
        for (wanted, expected) in [
            ("aaaaaa1111", &["aaaaaa1111"][..]),
            ("office-mac", &["aaaaaa1111"]),
            ("OFFICE MAC", &["aaaaaa1111"]),
            ("10.0.0.5", &["aaaaaa1111"]),
            ("aaaaaa2", &["aaaaaa2222"]),
            ("aaaaaa", &["aaaaaa1111", "aaaaaa2222"]),
            ("aaa", &[]),
            ("nobody", &[]),
        ] {
            assert_eq!(find_among(&nodes, wanted), expected, "{wanted}");
        }
    }
}
