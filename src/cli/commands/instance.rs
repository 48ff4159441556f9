//! The one gateway of a state directory, as far as a second start has to know it.

use jiff::tz::TimeZone;

use crate::cli::error::ExpectedError;
use crate::cli::output::holder;
use crate::platform;
use crate::platform::pid;
use crate::platform::ports::{Origin, manager_of};
use crate::profile::vars;

/// The process id in such a text, when that process exists: a holder that could not write leaves the text of the
/// one before.
pub(super) fn pid(holder: &str) -> Option<u32> {
    let facts: serde_json::Value = serde_json::from_str(holder).ok()?;
    let found = u32::try_from(facts.get("pid")?.as_u64()?).ok()?;
    pid::exists(found).then_some(found)
}

/// The refusal for a state directory that another gateway uses; `lock` is what that one wrote.
pub(super) fn already_running(lock: &str) -> ExpectedError {
    let pid = pid(lock);
    let facts = pid.map(|_| holder::facts(lock, &TimeZone::system())).unwrap_or_default();
    // A process in the same unit as this one was started by hand, as this one was.
    let own = manager_of(std::process::id());
    let service = pid.and_then(manager_of).filter(|origin| Some(origin) != own.as_ref());
    let insists = platform::env::read().contains_key(vars::ALLOW_MULTI_GATEWAY);
    ExpectedError::Refused(text(&facts, pid, service.as_ref(), insists))
}

fn text(facts: &str, pid: Option<u32>, service: Option<&Origin>, insists: bool) -> String {
    let mut about: Vec<String> = (!facts.is_empty()).then(|| facts.to_owned()).into_iter().collect();
    if let Some(Origin::Unit { name, .. }) = service {
        about.push(format!("systemd unit {name}"));
    }
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    let stop = match (service.and_then(Origin::stop_command), pid) {
        (Some(command), _) => format!("Stop it with `{command}`"),
        (None, Some(pid)) => format!("Stop it with `kill {pid}`"),
        (None, None) => "Stop it".to_owned(),
    };
    let text = format!(
        "Gateway already running locally{about}\n\
         {stop}, or run this one under another profile: clawdbot --profile NAME gateway"
    );
    if insists {
        format!(
            "{text}\n{} does not help: two gateways would overwrite each other's state.",
            vars::ALLOW_MULTI_GATEWAY
        )
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_who_runs_and_what_stops_it() {
        let other = "run this one under another profile: clawdbot --profile NAME gateway";
        let unit = Origin::Unit { name: "clawdbot-gateway.service".to_owned(), of_user: true };
        assert_eq!(
            text("pid 12, port 18789", Some(12), Some(&unit), false),
            format!(
                "Gateway already running locally (pid 12, port 18789, systemd unit clawdbot-gateway.service)\n\
                 Stop it with `systemctl --user stop clawdbot-gateway.service`, or {other}"
            )
        );
        assert_eq!(
            text("pid 12", Some(12), None, false),
            format!("Gateway already running locally (pid 12)\nStop it with `kill 12`, or {other}")
        );
        assert_eq!(
            text("", None, None, true),
            format!(
                "Gateway already running locally\nStop it, or {other}\n\
                 CLAWDBOT_ALLOW_MULTI_GATEWAY does not help: two gateways would overwrite each other's state."
            )
        );
    }

    #[test]
    fn a_holder_that_is_gone_is_not_named() {
        assert_eq!(pid(&format!("{{\"pid\":{}}}", std::process::id())), Some(std::process::id()));
        for text in ["", "{}", r#"{"pid":2147483632}"#, r#"{"pid":"12"}"#] {
            assert_eq!(pid(text), None, "{text}");
        }
    }
}
