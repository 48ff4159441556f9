//! `gateway`: the configuration, and what may be done to the gateway itself.

use serde_json::{Value, json};

use super::call::{Answer, Invocation};

pub(super) async fn gateway(invocation: &Invocation<'_>) -> Result<Answer, String> {
    let action = invocation.required("action")?;
    let result = match action {
        "config.get" | "config.schema" | "update.run" => invocation.ask(action, json!({})).await?,
        "config.apply" | "config.patch" => {
            let params = change(invocation).await?;
            invocation.ask(action, params).await?
        }
        "restart" if invocation.live.config.commands.restart != Some(true) => {
            return Err("Gateway restart is disabled. Set commands.restart=true to enable.".to_owned());
        }
        "restart" => {
            return Err("this gateway does not restart itself for a tool; send it SIGUSR1, or run: \
                        clawdbot gateway restart"
                .to_owned());
        }
        _ => return Err(format!("Unknown action: {action}")),
    };
    Ok(Answer::Details(json!({ "ok": true, "result": result })))
}

/// What a change of the configuration takes. Without `baseHash` it is based on the configuration as it is now.
async fn change(invocation: &Invocation<'_>) -> Result<Value, String> {
    let mut params = json!({ "raw": invocation.required("raw")? });
    for name in ["sessionKey", "note", "restartDelayMs"] {
        if let Some(value) = invocation.args.get(name) {
            params[name] = value.clone();
        }
    }
    let hash = match invocation.text("baseHash") {
        Some(hash) => Value::from(hash),
        None => invocation.ask("config.get", json!({})).await?["hash"].take(),
    };
    if !hash.is_null() {
        params["baseHash"] = hash;
    }
    Ok(params)
}
