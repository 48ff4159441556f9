//! What was typed → parameters of `cron.add` and `cron.update`. Pure.

use serde_json::{Map, Value, json};

use crate::cli::args::{CronAddArgs, CronEditArgs, CronPayloadArgs, CronScheduleArgs};

/// Parameters of `cron.add`.
pub(super) fn add(args: &CronAddArgs, now_ms: u64) -> Result<Value, String> {
    let payload = payload(&args.payload, None)?.ok_or("say what it is about: --system-event or --message")?;
    let is_agent = payload["kind"] == "agentTurn";
    let usual = if is_agent { "isolated" } else { "main" };
    let session = args.session.as_deref().unwrap_or(usual);
    fits(session, &payload)?;
    let schedule = schedule(&args.schedule, now_ms)?;
    if args.delete_after_run && args.schedule.at.is_none() {
        return Err("--delete-after-run is for jobs that run once (--at)".to_owned());
    }
    let isolation = is_agent.then(|| {
        let mut isolation = Map::new();
        let prefix = args.payload.post_prefix.as_deref().unwrap_or("Cron");
        isolation.insert("postToMainPrefix".to_owned(), prefix.into());
        if args.post_mode == "full" {
            isolation.insert("postToMainMode".to_owned(), "full".into());
            isolation.insert("postToMainMaxChars".to_owned(), args.post_max_chars.into());
        }
        Value::Object(isolation)
    });
    Ok(object([
        ("name", Some(json!(args.name))),
        ("description", args.description.as_ref().map(|text| json!(text))),
        ("enabled", Some(json!(!args.disabled))),
        ("deleteAfterRun", args.delete_after_run.then(|| json!(true))),
        ("agentId", args.agent.as_ref().map(|agent| json!(agent))),
        ("schedule", schedule),
        ("sessionTarget", Some(json!(session))),
        ("wakeMode", Some(json!(args.wake))),
        ("payload", Some(payload)),
        ("isolation", isolation),
    ]))
}

/// The patch of `cron.update`.
pub(super) fn edit(args: &CronEditArgs, now_ms: u64) -> Result<Value, String> {
    let flag = |on: bool, off: bool| (on || off).then(|| json!(on));
    let payload = payload(&args.payload, Some(args))?;
    let agent = args.agent.as_ref().map(|agent| json!(agent));
    let isolation = args.payload.post_prefix.as_ref().map(|prefix| json!({ "postToMainPrefix": prefix }));
    let patch = object([
        ("name", args.name.as_ref().map(|name| json!(name))),
        ("description", args.description.as_ref().map(|text| json!(text))),
        ("enabled", flag(args.enable, args.disable)),
        ("deleteAfterRun", flag(args.delete_after_run, args.keep_after_run)),
        ("agentId", if args.clear_agent { Some(Value::Null) } else { agent }),
        ("schedule", schedule(&args.schedule, now_ms)?),
        ("sessionTarget", args.session.as_ref().map(|session| json!(session))),
        ("wakeMode", args.wake.as_ref().map(|wake| json!(wake))),
        ("payload", payload),
        ("isolation", isolation),
    ]);
    if patch == json!({}) {
        return Err("say what is to change; `clawdbot cron edit --help` lists what can".to_owned());
    }
    Ok(patch)
}

fn fits(session: &str, payload: &Value) -> Result<(), String> {
    match (session, payload["kind"].as_str()) {
        ("main", Some("agentTurn")) => Err("--message needs --session isolated".to_owned()),
        ("isolated", Some("systemEvent")) => {
            Err("--system-event is for the main session; use --message with --session isolated".to_owned())
        }
        _ => Ok(()),
    }
}

fn schedule(args: &CronScheduleArgs, now_ms: u64) -> Result<Option<Value>, String> {
    if args.tz.is_some() && args.cron.is_none() {
        return Err("--tz is the zone of an expression (--cron)".to_owned());
    }
    if let Some(at) = args.at {
        let at_ms = at.after(now_ms);
        if at_ms <= now_ms {
            return Err("--at is in the past; use a time to come, such as 20m".to_owned());
        }
        return Ok(Some(json!({ "kind": "at", "atMs": at_ms })));
    }
    if let Some(every_ms) = args.every {
        return Ok(Some(json!({ "kind": "every", "everyMs": every_ms })));
    }
    let zone = args.tz.as_deref().map(str::trim).filter(|zone| !zone.is_empty());
    Ok(args.cron.as_ref().map(|expression| {
        object([
            ("kind", Some(json!("cron"))),
            ("expr", Some(json!(expression))),
            ("tz", zone.map(|zone| json!(zone))),
        ])
    }))
}

/// What a job is about; `edit` when it is about something already.
fn payload(args: &CronPayloadArgs, edit: Option<&CronEditArgs>) -> Result<Option<Value>, String> {
    let off = |is_off: fn(&CronEditArgs) -> bool| edit.is_some_and(is_off);
    let flag = |on: bool, off: bool| (on || off).then(|| json!(on));
    let of_agents = [
        ("model", args.model.as_ref().map(|model| json!(model))),
        ("thinking", args.thinking.as_ref().map(|level| json!(level))),
        ("timeoutSeconds", args.timeout_seconds.map(|seconds| json!(seconds))),
        ("deliver", flag(args.deliver, off(|edit| edit.no_deliver))),
        ("channel", args.channel.as_ref().map(|channel| json!(channel))),
        ("to", args.to.as_ref().map(|to| json!(to))),
        ("bestEffortDeliver", flag(args.best_effort_deliver, off(|edit| edit.no_best_effort_deliver))),
    ];
    let is_for_agents = of_agents.iter().any(|(_, value)| value.is_some());
    if let Some(text) = &args.system_event {
        if is_for_agents {
            return Err("--model, --thinking, --deliver, and the like go with --message".to_owned());
        }
        return Ok(Some(json!({ "kind": "systemEvent", "text": text })));
    }
    if args.message.is_none() && !is_for_agents {
        return Ok(None);
    }
    let mut payload = object([
        ("kind", Some(json!("agentTurn"))),
        ("message", args.message.as_ref().map(|message| json!(message))),
    ]);
    for (name, value) in of_agents {
        if let Some(value) = value {
            payload[name] = value;
        }
    }
    Ok(Some(payload))
}

fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(members.collect())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Cli, Command, CronCommand};

    const NOW_MS: u64 = 1_700_000_000_000;

    #[track_caller]
    fn check(line: &str, expect: Result<Value, &str>) {
        let words = line.split(' ').map(|word| word.replace('_', " "));
        let typed = ["clawdbot", "cron"].map(str::to_owned).into_iter().chain(words);
        let cli = Cli::try_parse_from(typed).unwrap_or_else(|error| panic!("{error}"));
        let Command::Cron(args) = cli.command else { panic!("another command") };
        let made = match args.command {
            CronCommand::Add(args) => add(&args, NOW_MS),
            CronCommand::Edit(args) => edit(&args, NOW_MS),
            _ => panic!("another command"),
        };
        assert_eq!(made, expect.map_err(str::to_owned), "{line}");
    }

    #[test]
    fn new_jobs() {
        check(
            "add --name Tea --at +20m --system-event Ready_now --wake now --delete-after-run",
            Ok(json!({
                "name": "Tea", "enabled": true, "deleteAfterRun": true,
                "schedule": { "kind": "at", "atMs": NOW_MS + 1_200_000 }, "sessionTarget": "main",
                "wakeMode": "now", "payload": { "kind": "systemEvent", "text": "Ready now" },
            })),
        );
        check(
            "add --name R --cron 0_7_*_*_1 --tz Europe/Berlin --message Sum --model m --deliver --post-mode full --disabled",
            Ok(json!({
                "name": "R", "enabled": false,
                "schedule": { "kind": "cron", "expr": "0 7 * * 1", "tz": "Europe/Berlin" },
                "sessionTarget": "isolated", "wakeMode": "next-heartbeat",
                "payload": { "kind": "agentTurn", "message": "Sum", "model": "m", "deliver": true },
                "isolation": { "postToMainPrefix": "Cron", "postToMainMode": "full", "postToMainMaxChars": 8000 },
            })),
        );
        check(
            "add --name E --every 1h --system-event x --session isolated",
            Err("--system-event is for the main session; use --message with --session isolated"),
        );
        check(
            "add --name E --every 1h --message x --session main",
            Err("--message needs --session isolated"),
        );
        check(
            "add --name E --at 2020-01-01T00:00:00Z --system-event x",
            Err("--at is in the past; use a time to come, such as 20m"),
        );
        check(
            "add --name E --every 1h --system-event x --delete-after-run",
            Err("--delete-after-run is for jobs that run once (--at)"),
        );
        check(
            "add --name E --every 1h --tz UTC --system-event x",
            Err("--tz is the zone of an expression (--cron)"),
        );
        check(
            "add --name E --every 1h --system-event x --model m",
            Err("--model, --thinking, --deliver, and the like go with --message"),
        );
    }

    #[test]
    fn patches() {
        check("edit Tea --every 90s", Ok(json!({ "schedule": { "kind": "every", "everyMs": 90_000 } })));
        check(
            "edit Tea --disable --clear-agent --keep-after-run --name T",
            Ok(json!({ "name": "T", "enabled": false, "deleteAfterRun": false, "agentId": null })),
        );
        check(
            "edit Tea --no-deliver --thinking low",
            Ok(json!({ "payload": { "kind": "agentTurn", "thinking": "low", "deliver": false } })),
        );
        check("edit Tea", Err("say what is to change; `clawdbot cron edit --help` lists what can"));
    }
}
