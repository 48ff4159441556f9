//! Which commands of a node may be called: what its platform usually offers, what the configuration adds or takes
//! away, and what the node itself declares. Pure.

use crate::protocol::connect::ClientInfo;

const CANVAS: [&str; 8] = [
    "canvas.present",
    "canvas.hide",
    "canvas.navigate",
    "canvas.eval",
    "canvas.snapshot",
    "canvas.a2ui.push",
    "canvas.a2ui.pushJSONL",
    "canvas.a2ui.reset",
];
const CAMERA: [&str; 3] = ["camera.list", "camera.snap", "camera.clip"];
const SCREEN: [&str; 1] = ["screen.record"];
const LOCATION: [&str; 1] = ["location.get"];
const SMS: [&str; 1] = ["sms.send"];
const SYSTEM: [&str; 6] = [
    "system.run",
    "system.which",
    "system.notify",
    "system.execApprovals.get",
    "system.execApprovals.set",
    "browser.proxy",
];

/// The commands of a node that may be called: what it declares, as far as its platform's list and the
/// configuration allow. Blank and repeated declarations are dropped.
pub(crate) fn allowed_commands(
    client: &ClientInfo,
    declared: &[String],
    allow: &[String],
    deny: &[String],
) -> Vec<String> {
    let mut allowed: Vec<String> = Vec::new();
    for command in declared.iter().map(|command| command.trim()).filter(|command| !command.is_empty()) {
        if is_allowed(client, command, allow, deny) && !allowed.iter().any(|known| known == command) {
            allowed.push(command.to_owned());
        }
    }
    allowed
}

/// Whether a command may be called on a node like this, whatever the node declares.
pub(crate) fn is_allowed(client: &ClientInfo, command: &str, allow: &[String], deny: &[String]) -> bool {
    let listed = |list: &[String]| list.iter().any(|entry| entry.trim() == command);
    (usual_commands(client).contains(&command) || listed(allow)) && !listed(deny)
}

fn usual_commands(client: &ClientInfo) -> Vec<&'static str> {
    let family = client.device_family.as_deref().unwrap_or_default();
    let platform = [client.platform.as_str(), family].into_iter().find_map(|name| {
        let name = name.trim().to_lowercase();
        ["ios", "android", "mac", "darwin", "win", "linux"]
            .into_iter()
            .find(|prefix| name.starts_with(prefix))
    });
    let groups: &[&[&str]] = match platform {
        Some("ios") => &[&CANVAS, &CAMERA, &SCREEN, &LOCATION],
        Some("android") => &[&CANVAS, &CAMERA, &SCREEN, &LOCATION, &SMS],
        Some("mac" | "darwin") => &[&CANVAS, &CAMERA, &SCREEN, &LOCATION, &SYSTEM],
        Some(_) => &[&SYSTEM],
        None => &[&CANVAS, &CAMERA, &SCREEN, &LOCATION, &SMS, &SYSTEM],
    };
    groups.concat()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(platform: &str, declared: &[&str], expect: &[&str]) {
        let client = json!({ "id": "node-host", "version": "1", "platform": platform, "mode": "node" });
        let client: ClientInfo = serde_json::from_value(client).unwrap();
        let own = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let allowed =
            allowed_commands(&client, &own(declared), &own(&["custom.thing"]), &own(&["camera.clip"]));
        assert_eq!(allowed, expect);
    }

    #[test]
    fn commands_by_platform() {
        check("linux", &["system.run", "camera.snap", "system.run", " "], &["system.run"]);
        check("iOS 19", &["camera.snap", "camera.clip", "system.run"], &["camera.snap"]);
        check("android", &["sms.send", "custom.thing"], &["sms.send", "custom.thing"]);
        check("beos", &["sms.send", "system.run", "unheard.of"], &["sms.send", "system.run"]);
    }
}
