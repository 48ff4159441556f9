//! `cron`: scheduled work, and waking the main session.

use serde_json::{Value, json};

use super::call::{Answer, Invocation};

pub(super) async fn cron(invocation: &Invocation<'_>) -> Result<Answer, String> {
    let action = invocation.required("action")?;
    let object = |name: &str| {
        let value = invocation.args.get(name).filter(|value| value.is_object());
        value.cloned().ok_or_else(|| format!("{name} required"))
    };
    let id = || invocation.text("jobId").or_else(|| invocation.text("id")).ok_or("jobId required");
    match action {
        "status" => invocation.answer("cron.status", json!({})).await,
        "list" => {
            let all = invocation.args.get("includeDisabled").and_then(Value::as_bool).unwrap_or(false);
            invocation.answer("cron.list", json!({ "includeDisabled": all })).await
        }
        "add" => invocation.answer("cron.add", object("job")?).await,
        "update" => invocation.answer("cron.update", json!({ "id": id()?, "patch": object("patch")? })).await,
        "remove" | "run" | "runs" => {
            invocation.answer(&format!("cron.{action}"), json!({ "id": id()? })).await
        }
        "wake" => {
            let text = invocation.required("text")?;
            let mode = invocation.text("mode").filter(|mode| ["now", "next-heartbeat"].contains(mode));
            invocation.answer("wake", json!({ "mode": mode.unwrap_or("next-heartbeat"), "text": text })).await
        }
        _ => Err(format!("Unknown action: {action}")),
    }
}
