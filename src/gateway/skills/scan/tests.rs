use std::path::Path;

use super::*;

/// Three places in a directory of their own.
struct Places {
    root: tempfile::TempDir,
}

impl Places {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn skill(&self, folder: &str, name: &str) {
        self.write(
            &format!("{folder}/SKILL.md"),
            format!("---\nname: {name}\ndescription: of {folder}\n---\n"),
        );
    }

    fn scan(&self) -> Found {
        let (managed, workspace) = (self.path("managed"), self.path("workspace"));
        scan(&Roots { extra: vec![self.path("extra"), self.path("more")], managed, workspace })
    }

    #[track_caller]
    fn check(&self, expected: &[&str]) {
        let found = self.scan();
        let names: Vec<String> = (found.skills.iter())
            .map(|skill| {
                format!(
                    "{} {}",
                    skill.name,
                    skill.directory.strip_prefix(self.root.path()).unwrap().display()
                )
            })
            .collect();
        assert_eq!(names, expected);
    }

    /// Path and reason of what was skipped.
    #[track_caller]
    fn check_skipped(&self, expected: &[(&str, &str)]) {
        let found = self.scan();
        let below = |path: &Path| path.strip_prefix(self.root.path()).unwrap().to_string_lossy().into_owned();
        let skipped: Vec<_> =
            found.skipped.iter().map(|(path, reason)| (below(path), reason.as_str())).collect();
        let paths: Vec<&str> = skipped.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, expected.iter().map(|(path, _)| *path).collect::<Vec<_>>());
        for ((path, found), (_, reason)) in skipped.iter().zip(expected) {
            assert!(found.starts_with(reason), "{path}: {found}");
        }
    }
}

#[test]
fn the_more_important_place_wins_and_the_first_place_counts_for_the_order() {
    let places = Places::new();
    places.check(&[]);
    for folder in ["extra/b", "extra/a", "more/m", "managed/x", "workspace/z", "workspace/in/deep"] {
        places.skill(folder, folder.rsplit('/').next().unwrap());
    }
    places.skill("workspace/other", "a");
    places.skill("managed/again", "z");
    places.check(&[
        "a workspace/other",
        "b extra/b",
        "m more/m",
        "z workspace/z",
        "x managed/x",
        "deep workspace/in/deep",
    ]);
    assert_eq!(places.scan().get("a").map(|skill| skill.source), Some(Source::Workspace));
    assert!(places.scan().get("again").is_none());
}

#[test]
fn folders_are_searched_and_some_are_not() {
    let places = Places::new();
    places.write("workspace/unnamed/SKILL.md", "---\ndescription: d\n---\n");
    places.skill("workspace", "of-the-root");
    places.skill("workspace/unnamed/inner", "inner");
    places.skill("workspace/.hidden", "hidden");
    places.skill("workspace/node_modules/module", "module");
    places.write("workspace/flat.md", "---\nname: flat\ndescription: d\n---\n");
    places.write("workspace/small/skill.md", "---\nname: small\ndescription: d\n---\n");
    places.check(&["of-the-root workspace", "unnamed workspace/unnamed", "inner workspace/unnamed/inner"]);
}

#[test]
fn what_is_no_skill_is_named() {
    let places = Places::new();
    places.skill("workspace/good", "good");
    places.write("workspace/binary/SKILL.md", [0, 159, 146, 150]);
    places
        .write("workspace/huge/SKILL.md", format!("---\ndescription: d\nx: {}\n---\n", "y".repeat(1 << 20)));
    places.write("workspace/long/SKILL.md", format!("---\ndescription: long\n---\n{}", "y".repeat(1 << 20)));
    places.write("workspace/wrong/SKILL.md", "---\ndescription: a: b\n---\n");
    fs::create_dir_all(places.path("workspace/folder/SKILL.md")).unwrap();
    places.write("managed", "a file");
    places.check(&["good workspace/good", "long workspace/long"]);
    places.check_skipped(&[
        ("managed", "failed to read it: "),
        ("workspace/binary/SKILL.md", "it does not begin with"),
        ("workspace/folder/SKILL.md", "it is no file"),
        ("workspace/huge/SKILL.md", "its head does not end within 64 KiB"),
        ("workspace/wrong/SKILL.md", "its head is no YAML that can be used: "),
    ]);
}

#[test]
fn a_tree_without_an_end_is_left() {
    let places = Places::new();
    let deep = vec!["d"; DEEPEST + 2].join("/");
    places.skill(&format!("workspace/{deep}"), "deep");
    places.skill("workspace/a", "a");
    places.check(&["a workspace/a"]);
    assert_eq!(places.scan().skipped.len(), 1);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn links_are_followed_once() {
        let places = Places::new();
        places.skill("elsewhere/real", "real");
        places.skill("workspace/a", "a");
        symlink(places.path("elsewhere/real"), places.path("workspace/linked")).unwrap();
        symlink(places.path("workspace"), places.path("workspace/a/circle")).unwrap();
        symlink(places.path("nowhere"), places.path("workspace/dangling")).unwrap();
        symlink("self", places.path("workspace/self")).unwrap();
        fs::create_dir(places.path("workspace/file")).unwrap();
        symlink(places.path("nowhere"), places.path("workspace/file/SKILL.md")).unwrap();
        places.check(&["a workspace/a", "real workspace/linked"]);
        places.check_skipped(&[("workspace/file/SKILL.md", "failed to read it: ")]);
    }

    #[test]
    fn pipes_and_devices_are_not_read() {
        let places = Places::new();
        fs::create_dir_all(places.path("workspace/pipe")).unwrap();
        fs::create_dir_all(places.path("workspace/device")).unwrap();
        let pipe = places.path("workspace/pipe/SKILL.md");
        #[expect(clippy::disallowed_methods, reason = "no call for this exists on every system")]
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        symlink("/dev/zero", places.path("workspace/device/SKILL.md")).unwrap();
        places.check_skipped(&[
            ("workspace/device/SKILL.md", "it is no file"),
            ("workspace/pipe/SKILL.md", "it is no file"),
        ]);
    }

    #[test]
    fn what_may_not_be_read_is_named() {
        let places = Places::new();
        places.skill("workspace/closed", "closed");
        places.skill("workspace/open", "open");
        fs::set_permissions(places.path("workspace/closed"), fs::Permissions::from_mode(0o0)).unwrap();
        let found = places.scan();
        fs::set_permissions(places.path("workspace/closed"), fs::Permissions::from_mode(0o700)).unwrap();
        // Root reads everything.
        let is_root = rustix::process::geteuid().is_root();
        assert_eq!(found.skipped.len(), usize::from(!is_root));
        assert!(found.get("open").is_some());
    }
}
