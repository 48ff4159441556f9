//! Sockets from `/proc/net/tcp` and `tcp6`, their owners from the descriptors in `/proc/<pid>/fd`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::Holder;

/// State `TCP_LISTEN` in the tables.
const LISTEN: &str = "0A";

pub(super) fn holders(port: u16) -> Vec<Holder> {
    let inodes: BTreeSet<u64> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listening(&table, port))
        .collect();
    if inodes.is_empty() {
        return Vec::new();
    }
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let mut found: Vec<Holder> = processes
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            has_one_of(&entry.path(), &inodes).then(|| Holder { pid, command: command(&entry.path()) })
        })
        .collect();
    found.sort_by_key(|holder| holder.pid);
    found
}

/// Inodes of the sockets of `table` that listen on `port`.
fn listening(table: &str, port: u16) -> Vec<u64> {
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            let (_, found) = fields.get(1)?.rsplit_once(':')?;
            let listens = *fields.get(3)? == LISTEN && u16::from_str_radix(found, 16) == Ok(port);
            // 0 is a socket that no process owns any more.
            fields.get(9)?.parse::<u64>().ok().filter(|inode| listens && *inode != 0)
        })
        .collect()
}

fn has_one_of(process: &Path, inodes: &BTreeSet<u64>) -> bool {
    let Ok(descriptors) = fs::read_dir(process.join("fd")) else { return false };
    descriptors.flatten().filter_map(|entry| fs::read_link(entry.path()).ok()).any(|target| {
        let inode = target.to_str().and_then(|text| text.strip_prefix("socket:[")?.strip_suffix(']'));
        inode.and_then(|inode| inode.parse().ok()).is_some_and(|inode: u64| inodes.contains(&inode))
    })
}

fn command(process: &Path) -> Vec<String> {
    let text = fs::read(process.join("cmdline")).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.split_terminator('\0').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    #[test]
    fn only_listening_sockets_of_the_port_count() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
            0: 0100007F:4965 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 555 1 0 100 0 0 10 0\n   \
            1: 0100007F:4965 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 556 1 0 20 4 30 10 -1\n   \
            2: 0100007F:4966 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 557 1 0 100 0 0 10 0\n   \
            3: 0100007F:4965 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 0 1 0 100 0 0 10 0\n";
        assert_eq!(listening(table, 18_789), [555]);
        assert_eq!(listening(table, 18_790), [557]);
        assert!(listening(table, 1).is_empty());
        assert!(listening("", 1).is_empty());
    }

    #[test]
    fn finds_this_process() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let found = holders(listener.local_addr().unwrap().port());
        assert_eq!(found.iter().map(|holder| holder.pid).collect::<Vec<_>>(), [std::process::id()]);
        assert!(!found[0].command.is_empty());
    }
}
