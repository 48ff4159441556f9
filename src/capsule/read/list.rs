//! What was read against what the manifest says. Pure.

use std::collections::HashMap;

use crate::auth::device::hex;
use crate::capsule::manifest::Entry;

/// An entry that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: [u8; 32],
}

/// The first difference, in words.
pub(super) fn compare(listed: &[Entry], seen: &[Seen]) -> Result<(), String> {
    let mut expected: HashMap<&str, &Entry> = HashMap::with_capacity(listed.len());
    for entry in listed {
        if expected.insert(&entry.path, entry).is_some() {
            return Err(format!("its manifest lists {:?} twice", entry.path));
        }
    }
    for seen in seen {
        let Some(entry) = expected.remove(seen.name.as_str()) else {
            return Err(format!("{:?} is not in its manifest", seen.name));
        };
        if entry.bytes != seen.bytes {
            let (there, listed) = (seen.bytes, entry.bytes);
            return Err(format!("{:?} has {there} bytes, and {listed} in its manifest", seen.name));
        }
        if entry.sha256 != hex(&seen.sha256) {
            return Err(format!("{:?} has another checksum than in its manifest", seen.name));
        }
    }
    // The one that is listed first, so that the message is the same every time.
    match listed.iter().find(|entry| expected.contains_key(entry.path.as_str())) {
        Some(entry) => Err(format!("{:?} is in its manifest and not there", entry.path)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_difference_is_told() {
        let entry =
            |path: &str, bytes| Entry { path: path.to_owned(), bytes, sha256: format!("{bytes:064x}") };
        let seen = |name: &str, bytes: u64| {
            let mut sha256 = [0; 32];
            sha256[24..].copy_from_slice(&bytes.to_be_bytes());
            Seen { name: name.to_owned(), bytes, sha256 }
        };
        let other = Seen { sha256: [9; 32], ..seen("a", 1) };
        for (listed, there, expected) in [
            (vec![entry("a", 1), entry("b", 2)], vec![seen("b", 2), seen("a", 1)], None),
            (vec![entry("a", 1)], vec![seen("a", 2)], Some("\"a\" has 2 bytes, and 1 in its manifest")),
            (vec![entry("a", 1)], vec![other], Some("\"a\" has another checksum than in its manifest")),
            (vec![entry("a", 1)], vec![], Some("\"a\" is in its manifest and not there")),
            (vec![], vec![seen("a", 1)], Some("\"a\" is not in its manifest")),
            (vec![entry("a", 1), entry("a", 1)], vec![], Some("its manifest lists \"a\" twice")),
        ] {
            assert_eq!(compare(&listed, &there).err().as_deref(), expected);
        }
    }
}
