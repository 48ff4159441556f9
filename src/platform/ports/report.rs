//! What a person is told when a port is taken. Pure.

use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

use super::holder::{HolderProcess, PortHolder};
use super::origin::Origin;

/// Longest command line to show, in characters.
const CMDLINE_LIMIT: usize = 160;

/// Options whose values are nobody's business.
const SECRET_OPTIONS: [&str; 2] = ["--token", "--password"];

/// The refusal, who holds the port, and the ways out; several lines without an end.
pub fn port_in_use_message(address: SocketAddr, holders: &[PortHolder]) -> String {
    let mut text = format!("listen EADDRINUSE: address already in use {address}\n");
    for holder in holders {
        text.push_str(&describe(holder));
        text.push('\n');
    }
    if holders.is_empty() {
        text.push_str("Held by a process that cannot be seen from here.\n");
    }
    let other = address.port().checked_add(1).unwrap_or(address.port() - 1);
    let ways = [
        ("--force".to_owned(), "end whoever holds the port, then start"),
        (format!("--port {other}"), "listen on another port; --port 0 takes a free one"),
        stop(holders),
    ];
    let width = ways.iter().map(|(way, _)| way.len()).max().unwrap_or(0);
    text.push_str("Three ways out:");
    for (way, what) in ways {
        // Writing into a string cannot fail.
        let _ = write!(text, "\n  {way:<width$}  {what}");
    }
    text
}

/// What stops the holder by hand: through whoever would start it again, when somebody would.
fn stop(holders: &[PortHolder]) -> (String, &'static str) {
    let [PortHolder { process: Some(process), .. }] = holders else {
        return ("kill PID".to_owned(), "stop whoever holds the port");
    };
    match process.origin.as_ref().and_then(Origin::stop_command) {
        Some(command) => (command, "stop the service that holds the port"),
        None => (format!("kill {}", process.pid), "stop whoever holds the port"),
    }
}

/// Who holds a port, in one or two lines.
pub fn describe(holder: &PortHolder) -> String {
    let owner = holder.owner();
    let Some(process) = &holder.process else {
        return format!("Held by a process of {owner}, who keeps it to themselves.");
    };
    let HolderProcess { pid, command, age, origin, .. } = process;
    let mut text = format!("Held by pid {pid} ({command}): {}\n  {owner}", shown(&process.cmdline));
    if age.is_some() || origin.is_some() {
        text.push_str(", started");
    }
    if let Some(age) = age {
        let _ = write!(text, " {} ago", rounded(*age));
    }
    match origin {
        Some(Origin::Unit { name, .. }) => text + &format!(" as systemd unit {name}"),
        Some(Origin::Parent { pid, command }) => text + &format!(" by {command} (pid {pid})"),
        None => text,
    }
}

/// A command line on one line, shortened, without secrets.
fn shown(cmdline: &[String]) -> String {
    let line = without_secrets(cmdline).join(" ");
    match line.char_indices().nth(CMDLINE_LIMIT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The words of a command line, without secrets and control characters.
pub fn without_secrets(cmdline: &[String]) -> Vec<String> {
    let mut words = Vec::with_capacity(cmdline.len());
    let mut secret = false;
    for word in cmdline {
        let (option, value) = word.split_once('=').unwrap_or((word, ""));
        if std::mem::take(&mut secret) {
            words.push("[redacted]".to_owned());
        } else if SECRET_OPTIONS.contains(&option) && !value.is_empty() {
            words.push(format!("{option}=[redacted]"));
        } else {
            secret = SECRET_OPTIONS.contains(&word.as_str());
            words.push(word.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect());
        }
    }
    words
}

/// `1 second`, `5 minutes`: the largest unit, whole.
fn rounded(age: Duration) -> String {
    let seconds = age.as_secs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(cmdline: &[&str], age: u64, origin: Option<Origin>) -> PortHolder {
        let process = HolderProcess {
            pid: 9876,
            command: "node".to_owned(),
            cmdline: cmdline.iter().map(|word| (*word).to_owned()).collect(),
            age: Some(Duration::from_secs(age)),
            started: None,
            origin,
        };
        PortHolder {
            addresses: Vec::new(),
            uid: Some(1000),
            user: Some("alex".to_owned()),
            process: Some(process),
        }
    }

    /// Checks who is said to hold the port, and the last way out.
    #[track_caller]
    fn check(holders: &[PortHolder], expect: &str, stop: &str) {
        let text = port_in_use_message("127.0.0.1:18789".parse().unwrap(), holders);
        let (held, ways) = text.split_once("Three ways out:\n").unwrap();
        assert_eq!(held, format!("listen EADDRINUSE: address already in use 127.0.0.1:18789\n{expect}"));
        let ways: Vec<_> =
            ways.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            ways,
            [
                "--force end whoever holds the port, then start",
                "--port 18790 listen on another port; --port 0 takes a free one",
                stop,
            ]
        );
    }

    #[test]
    fn says_who_and_how() {
        let kill = "kill 9876 stop whoever holds the port";
        check(
            &[],
            "Held by a process that cannot be seen from here.\n",
            "kill PID stop whoever holds the port",
        );
        check(
            &[holder(
                &["node", "index.js"],
                60,
                Some(Origin::Unit { name: "gateway.service".to_owned(), of_user: true }),
            )],
            "Held by pid 9876 (node): node index.js\n  user alex, started 1 minute ago as systemd unit \
             gateway.service\n",
            "systemctl --user stop gateway.service stop the service that holds the port",
        );
        check(
            &[holder(&["node"], 7_200, Some(Origin::Parent { pid: 7, command: "zsh".to_owned() }))],
            "Held by pid 9876 (node): node\n  user alex, started 2 hours ago by zsh (pid 7)\n",
            kill,
        );
        check(
            &[PortHolder { uid: Some(33), user: None, process: None, ..holder(&[], 0, None) }],
            "Held by a process of user id 33, who keeps it to themselves.\n",
            "kill PID stop whoever holds the port",
        );
    }

    #[test]
    fn keeps_secrets() {
        check(
            &[holder(&["node", "--token", "one", "--password=two", "--port", "3"], 0, None)],
            "Held by pid 9876 (node): node --token [redacted] --password=[redacted] --port 3\n  user alex, \
             started 0 seconds ago\n",
            "kill 9876 stop whoever holds the port",
        );
    }
}
