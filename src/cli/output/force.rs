//! What `--force` says.

use crate::platform::ports::{FreeError, Freed, PortHolder, describe};

/// Nobody stands in the way.
pub(crate) fn nobody(port: u16) -> String {
    format!("force: no listeners on port {port}")
}

/// What was done, one line each.
pub(crate) fn freed(port: u16, freed: &Freed) -> Vec<String> {
    let killed = |process: &crate::platform::ports::HolderProcess| {
        format!("force: killed pid {} ({}) on port {port}", process.pid, process.command)
    };
    let mut lines: Vec<String> = freed.killed.iter().map(killed).collect();
    if freed.escalated {
        lines.push(format!("force: escalated to SIGKILL while freeing port {port}"));
    }
    if freed.is_free && !freed.waited.is_zero() {
        lines.push(format!("force: waited {}ms for port {port} to free", freed.waited.as_millis()));
    }
    lines
}

/// Nobody was ended.
pub(crate) fn refused(port: u16, error: &FreeError) -> String {
    let way = match error {
        FreeError::Untouchable(untouchable) => untouchable.way_out(),
        FreeError::Inspect(_) | FreeError::Unseen => None,
    };
    let stop = way.map_or_else(|| "Listen".to_owned(), |way| format!("Stop it with `{way}`, or listen"));
    format!(
        "Error: --force cannot free port {port}: {error}.\n\
         Nothing was killed. {stop} on another port: --port N"
    )
}

/// Somebody holds it all the same.
pub(crate) fn left(port: u16, left: &[PortHolder]) -> String {
    let pids: Vec<String> = left
        .iter()
        .map(|holder| holder.pid().map_or_else(|| "?".to_owned(), |pid| pid.to_string()))
        .collect();
    let mut text = format!("Error: port {port} still has listeners after --force: {}", pids.join(", "));
    for holder in left {
        text.push('\n');
        text.push_str(&describe(holder));
    }
    text + "\nListen on another port: --port N"
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::platform::ports::{HolderProcess, Untouchable};

    fn node() -> HolderProcess {
        HolderProcess {
            pid: 9876,
            command: "node".to_owned(),
            cmdline: vec!["node".to_owned()],
            age: None,
            started: None,
            origin: None,
        }
    }

    #[test]
    fn the_published_lines() {
        let mut done = Freed {
            killed: vec![node()],
            escalated: true,
            waited: Duration::from_micros(1_200_900),
            is_free: true,
            left: Vec::new(),
        };
        assert_eq!(
            freed(18_789, &done),
            [
                "force: killed pid 9876 (node) on port 18789",
                "force: escalated to SIGKILL while freeing port 18789",
                "force: waited 1200ms for port 18789 to free",
            ]
        );
        done.escalated = false;
        done.is_free = false;
        assert_eq!(freed(18_789, &done), ["force: killed pid 9876 (node) on port 18789"]);
        assert_eq!(nobody(18_789), "force: no listeners on port 18789");
    }

    #[test]
    fn a_refusal_names_its_way_out() {
        let foreign =
            Untouchable::Foreign { pid: 9876, command: "node".to_owned(), owner: "user alex".to_owned() };
        assert_eq!(
            refused(18_789, &foreign.into()),
            "Error: --force cannot free port 18789: pid 9876 (node) belongs to user alex, and --force ends \
             only processes of your own.\n\
             Nothing was killed. Stop it with `sudo kill 9876`, or listen on another port: --port N"
        );
        assert_eq!(
            refused(18_789, &FreeError::Unseen),
            "Error: --force cannot free port 18789: whoever holds it cannot be seen from here.\n\
             Nothing was killed. Listen on another port: --port N"
        );
        let holder = PortHolder {
            addresses: Vec::new(),
            uid: Some(7),
            user: Some("alex".to_owned()),
            process: Some(node()),
        };
        assert_eq!(
            left(18_789, &[holder]),
            "Error: port 18789 still has listeners after --force: 9876\n\
             Held by pid 9876 (node): node\n  user alex\n\
             Listen on another port: --port N"
        );
    }
}
