//! Capsules that somebody else has made.

use std::io::{Read as _, Write as _};
use std::path::{Component, Path};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::capsule::{CapsuleError, Limits, Manifest, walk_bytes};

/// Small ones, so that a bomb is one.
const LIMITS: Limits = Limits { entries: 50, entry: 64 << 10, total: 256 << 10, manifest: 64 << 10 };

/// Reads a tar, which is compressed first, and the same bytes as they are.
///
/// # Panics
///
/// When an entry is handed over that leads elsewhere, is there twice, or is more than allowed; when one is missing of a
/// capsule that is taken.
pub fn capsule(data: &[u8]) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let compressed = encoder.write_all(data).and_then(|()| encoder.finish());
    for bytes in [compressed.as_deref().unwrap_or_default(), data] {
        let mut names: Vec<String> = Vec::new();
        let mut total = 0;
        let read = walk_bytes(bytes, &LIMITS, &mut |name, length, content| {
            let is_plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
            assert!(is_plain && !name.contains('\0'), "{name:?}");
            assert!(!names.iter().any(|known| known == name), "twice: {name:?}");
            let mut text = Vec::new();
            // When it is cut off, the walk says so.
            let _ = content.read_to_end(&mut text);
            assert!(text.len() as u64 <= length && length <= LIMITS.entry, "{name:?}");
            total += length;
            names.push(name.to_owned());
            Ok(())
        });
        assert!(names.len() <= LIMITS.entries && total <= LIMITS.total, "too much");
        check(read, &names);
    }
}

fn check(read: Result<Manifest, CapsuleError>, names: &[String]) {
    match read {
        Ok(manifest) => {
            let mut listed: Vec<&String> = manifest.files.iter().map(|entry| &entry.path).collect();
            let mut names: Vec<&String> = names.iter().collect();
            listed.sort();
            names.sort();
            assert_eq!(listed, names);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
