//! Capsules as they are and as somebody may have made them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::unpack;
use super::walk::walk_through;
use crate::capsule::{CapsuleError, Home, Limits, Manifest, Start, Writer};

/// SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

type Files<'f> = &'f [(&'f str, &'f [u8])];

fn manifest() -> Manifest {
    Manifest {
        format: 1,
        program: "0.1.0".to_owned(),
        platform: "linux-x86_64".to_owned(),
        created: "2026-01-24T08:00:00Z".to_owned(),
        profile: None,
        state_dir: ".clawdbot".to_owned(),
        workspace: None,
        start: Start { args: vec!["gateway".to_owned()], env: BTreeMap::new() },
        taken: Home::Capture,
        recording: None,
        secrets: 0,
        devices: 0,
        files: Vec::new(),
        left_out: Vec::new(),
    }
}

/// The bytes of a good capsule.
fn capsule(files: Files<'_>) -> Vec<u8> {
    let mut writer = Writer::begin(Vec::new(), 0).unwrap();
    for (name, content) in files {
        writer.add(name, content.len() as u64, &mut &**content).unwrap();
    }
    writer.finish(&manifest()).unwrap().1
}

/// A tar in gzip, made by hand.
struct Archive(tar::Builder<Vec<u8>>);

impl Archive {
    fn new() -> Self {
        Self(tar::Builder::new(Vec::new())).with("format", b"clawdbot-capsule 1\n")
    }

    fn with(self, name: &str, content: &[u8]) -> Self {
        self.entry(name, tar::EntryType::Regular, content.len() as u64, content)
    }

    /// Names are put down as they are, whatever they are.
    fn entry(mut self, name: &str, kind: tar::EntryType, size: u64, content: &[u8]) -> Self {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(size);
        header.set_mode(0o600);
        header.set_entry_type(kind);
        if kind.is_symlink() || kind.is_hard_link() {
            header.set_link_name("../../etc/passwd").unwrap();
        }
        header.set_cksum();
        self.0.append(&header, content).unwrap();
        self
    }

    fn manifest(self, edit: impl FnOnce(&mut Manifest)) -> Self {
        let mut manifest = manifest();
        edit(&mut manifest);
        self.with("manifest.json", &serde_json::to_vec(&manifest).unwrap())
    }

    fn bytes(self) -> Vec<u8> {
        gzip(&self.0.into_inner().unwrap())
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What comes of it: every file with its content. After an error nothing may be left.
fn try_unpack(bytes: &[u8], limits: &Limits) -> Result<Vec<(String, Vec<u8>)>, CapsuleError> {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("x.capsule.tar.gz");
    fs::write(&file, bytes).unwrap();
    let below = place.path().join("below");
    fs::create_dir(&below).unwrap();
    let into = below.join("into");
    let done = unpack(&file, &into, limits);
    let left = fs::read_dir(&below).unwrap().count();
    assert_eq!(left, usize::from(done.is_ok()), "{done:?}");
    done.map(|_| {
        let mut found = Vec::new();
        collect(&into, Path::new(""), &mut found);
        found.sort();
        found
    })
}

fn collect(root: &Path, below: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(root.join(below)).unwrap() {
        let below: PathBuf = below.join(entry.unwrap().file_name());
        if root.join(&below).is_dir() {
            collect(root, &below, found);
        } else {
            found.push((below.to_str().unwrap().to_owned(), fs::read(root.join(&below)).unwrap()));
        }
    }
}

#[track_caller]
fn check(bytes: &[u8], problem: &str) {
    let error = try_unpack(bytes, &Limits::default()).unwrap_err().to_string();
    assert!(error.contains(problem), "{error}");
}

const FILES: Files<'static> = &[
    ("home/.clawdbot/clawdbot.json", b"{}\n"),
    ("home/.clawdbot/agents/main/sessions/one.jsonl", b"{\"a\":1}\n{\"a\":2}\n"),
    ("home/clawd/empty", b""),
    ("keys.json", b"[]"),
];

#[test]
fn what_was_put_in_comes_out() {
    let long = format!("home/{}/{}", "d".repeat(200), "ü".repeat(120));
    let mut files = FILES.to_vec();
    files.push((&long, b"text"));
    let found = try_unpack(&capsule(&files), &Limits::default()).unwrap();
    let mut expected: Vec<_> = files.iter().map(|(name, text)| ((*name).to_owned(), text.to_vec())).collect();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(capsule(&files), capsule(&files), "the same every time");
}

#[test]
fn an_empty_directory_will_do_and_no_other() {
    let place = tempfile::tempdir().unwrap();
    let (file, into) = (place.path().join("file"), place.path().join("into"));
    fs::write(&file, capsule(FILES)).unwrap();
    fs::create_dir(&into).unwrap();
    unpack(&file, &into, &Limits::default()).unwrap();
    assert!(into.join("keys.json").is_file());
    let error = unpack(&file, &into, &Limits::default()).unwrap_err();
    assert!(matches!(error, CapsuleError::Occupied(_)), "{error}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&into.join("home")), mode(&into.join("keys.json"))), (0o700, 0o600));
    }
}

/// The same as [`try_unpack`] without a disk.
fn try_walk(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, CapsuleError> {
    let mut found = Vec::new();
    walk_through(Path::new("x"), bytes, &Limits::default(), &mut |name, _, content| {
        let mut bytes = Vec::new();
        // When it is broken, the walk ends with the reason.
        let _ = content.read_to_end(&mut bytes);
        found.push((name.to_owned(), bytes));
        Ok(())
    })?;
    Ok(found)
}

#[test]
fn a_part_of_a_capsule_is_none() {
    let whole = capsule(FILES);
    for length in 0..whole.len() {
        try_walk(&whole[..length]).unwrap_err();
    }
    for length in (0..whole.len()).step_by(50) {
        try_unpack(&whole[..length], &Limits::default()).unwrap_err();
    }
    check(&whole[..whole.len() - 3], "behind the last entry: ");
    check(&whole[..40], "it ends");
    check(b"", "is no capsule: it is empty");
    check(b"\x1f", "it ends");
    check(b"{\"json\":true}", "is no capsule: it is not compressed");
}

#[test]
fn a_flipped_bit_is_noticed_or_means_nothing() {
    let whole = capsule(FILES);
    let expected = try_walk(&whole).unwrap();
    let mut meaningless = 0;
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(found) = try_walk(&flipped) {
            // The time in the header of a gzip, for example, or the distance to the same text.
            assert_eq!(found, expected, "bit {bit}");
            meaningless += 1;
        }
    }
    assert!(meaningless < whole.len() * 8 / 20, "{meaningless} of {}", whole.len() * 8);
}

#[test]
fn a_capsule_is_one_file_and_nothing_else() {
    let whole = capsule(FILES);
    let with = |rest: &[u8]| [&whole, rest].concat();
    check(&with(b"x"), "is damaged: there is something behind its end");
    check(&with(&whole), "there is something behind its end");
    check(&with(&gzip(b"")), "there is something behind its end");
    let tar = Archive::new().manifest(|_| {}).0.into_inner().unwrap();
    try_unpack(&gzip(&tar), &Limits::default()).unwrap();
    check(&gzip(&[&tar[..], b"x"].concat()), "there is something behind the last entry");
    check(&gzip(&[&tar[..], &vec![0; 1 << 20]].concat()), "there is something behind the last entry");
    check(&gzip(b""), "is no capsule: it is empty");
    check(&Archive::new().bytes(), "it ends without manifest.json");
}

#[test]
fn another_format_is_not_read_on() {
    let with = |text: &[u8]| Archive(tar::Builder::new(Vec::new())).with("format", text).bytes();
    check(&with(b"clawdbot-capsule 2\n"), "is a capsule of format 2, and this version reads format 1; use");
    check(&with(b"clawdbot-capsule 1"), "its `format` says something else");
    check(&with(b"something"), "its `format` says something else");
    check(&with(&[b'x'; 100]), "does not begin with `format`");
    let other = Archive(tar::Builder::new(Vec::new())).with("manifest.json", b"{}");
    check(&other.bytes(), "is no capsule: it does not begin with `format`");
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for (name, problem) in [
        ("../outside", "the name \"../outside\" leads out of the capsule"),
        ("home/../../outside", "leads out of the capsule"),
        ("/etc/passwd", "is an absolute path"),
        ("home//x", "is no plain path"),
        ("home/./x", "is no plain path"),
        ("home/x/", "is no plain path"),
        ("home/\u{7}", "has control characters"),
    ] {
        check(&Archive::new().with(name, b"x").manifest(|_| {}).bytes(), problem);
    }
    let twice = Archive::new().with("a", b"x").with("a", b"y").manifest(|_| {});
    check(&twice.bytes(), "\"a\" is there twice");
    check(&Archive::new().with("format", b"x").manifest(|_| {}).bytes(), "\"format\" is there twice");
    let below_a_file = Archive::new().with("a", b"x").with("a/b", b"y").manifest(|_| {});
    check(&below_a_file.bytes(), "failed to write");
    let behind = Archive::new().manifest(|_| {}).with("a", b"x");
    check(&behind.bytes(), "\"a\" stands behind manifest.json");
    let mut not_utf8 = tar::Header::new_gnu();
    not_utf8.as_old_mut().name[..2].copy_from_slice(b"a\xff");
    not_utf8.set_size(0);
    not_utf8.set_cksum();
    let mut archive = Archive::new();
    archive.0.append(&not_utf8, &b""[..]).unwrap();
    check(&archive.manifest(|_| {}).bytes(), "is no UTF-8");
}

#[test]
fn only_files_are_taken() {
    use tar::EntryType as Kind;
    for kind in [
        Kind::Symlink,
        Kind::Link,
        Kind::Char,
        Kind::Block,
        Kind::Fifo,
        Kind::Directory,
        Kind::Continuous,
        Kind::GNUSparse,
        Kind::GNULongLink,
        Kind::XHeader,
        Kind::XGlobalHeader,
        Kind::new(b'Z'),
    ] {
        let archive = Archive::new().entry("home/x", kind, 0, b"").manifest(|_| {});
        check(&archive.bytes(), "\"home/x\" is no regular file");
    }
    // A name that is announced is checked like any other.
    let long =
        |name: &[u8]| Archive::new().entry("././@LongLink", Kind::GNULongName, name.len() as u64, name);
    check(&long(b"../x\0").with("short", b"").manifest(|_| {}).bytes(), "\"../x\" leads out of the capsule");
    check(&long(b"a\0b\0").with("short", b"").manifest(|_| {}).bytes(), "has control characters");
    check(&long(b"x\0").bytes(), "\"x\" is announced and not there");
    check(&long(&[b'x'; 9000]).with("short", b"").bytes(), "the name of an entry is too long");
    let twice = long(b"x\0").entry("././@LongLink", Kind::GNULongName, 2, b"y\0");
    check(&twice.with("short", b"").manifest(|_| {}).bytes(), "\"x\" is no regular file");
}

#[test]
fn what_is_not_as_the_manifest_says_is_noticed() {
    use crate::capsule::Entry;
    let entry = |path: &str, bytes: u64, sha256: &str| Entry {
        path: path.to_owned(),
        bytes,
        sha256: sha256.to_owned(),
    };
    let with = |edit: &dyn Fn(&mut Manifest)| Archive::new().with("a", b"").manifest(edit).bytes();
    let good = |manifest: &mut Manifest| manifest.files = vec![entry("a", 0, EMPTY)];
    try_unpack(&with(&good), &Limits::default()).unwrap();
    check(&with(&|_| {}), "\"a\" is not in its manifest");
    check(&with(&|manifest| manifest.files = vec![entry("a", 0, "00")]), "\"a\" has another checksum");
    check(&with(&|manifest| manifest.files = vec![entry("a", 1, EMPTY)]), "\"a\" has 0 bytes, and 1 in");
    let more = |manifest: &mut Manifest| {
        manifest.files = vec![entry("a", 0, EMPTY), entry("b", 0, EMPTY)];
    };
    check(&with(&more), "\"b\" is in its manifest and not there");
    let outside = |manifest: &mut Manifest| "..".clone_into(&mut manifest.state_dir);
    check(&with(&outside), "\"..\" is no name of a directory");
    check(&Archive::new().with("manifest.json", b"{}").bytes(), "\"manifest.json\": missing field");
}

#[test]
fn a_bomb_is_put_out_early() {
    let limits = Limits { entries: 10, entry: 1 << 20, total: 2 << 20, manifest: 1 << 20 };
    let refused = |bytes: &[u8]| {
        let error = try_unpack(bytes, &limits).unwrap_err();
        assert!(matches!(error, CapsuleError::TooLarge { .. }), "{error}");
        error.to_string()
    };
    let zeros = vec![0; (1 << 20) + 1];
    let error = refused(&Archive::new().with("big", &zeros).bytes());
    assert!(error.contains("\"big\" has 1048577 bytes, and 1048576 are allowed"), "{error}");
    // Only said, not there.
    refused(&Archive::new().entry("big", tar::EntryType::Regular, u64::MAX / 2, b"").bytes());
    let many = (0..3).fold(Archive::new(), |archive, n| archive.with(&format!("f{n}"), &zeros[..1 << 20]));
    let error = refused(&many.bytes());
    assert!(error.contains("with \"f2\" there are more than 2097152 bytes"), "{error}");
    let many = (0..20).fold(Archive::new(), |archive, n| archive.with(&format!("f{n}"), b""));
    let error = refused(&many.manifest(|_| {}).bytes());
    assert!(error.contains("more than 10 entries"), "{error}");
    // In what is no entry.
    let names = (0..4000).fold(Archive::new(), |archive, _| {
        archive.entry("././@LongLink", tar::EntryType::GNULongName, 2, b"x\0")
    });
    try_unpack(&names.bytes(), &limits).unwrap_err();
    refused(&Archive::new().with("manifest.json", &zeros).bytes());
    let tar = Archive::new().manifest(|_| {}).0.into_inner().unwrap();
    try_unpack(&gzip(&[&tar[..], &vec![0; 64 << 20]].concat()), &limits).unwrap_err();
}
