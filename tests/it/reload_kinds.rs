//! What is watched besides the obvious, and what is not.

use std::fs;
use std::time::Duration;

use crate::support::edits::Save;
use crate::support::harness;
use crate::support::home::{Home, config_text};
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::agent_name;

#[test]
fn the_env_file_of_the_profile_counts() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let mark = harness.mark();
    home.write(".clawdbot-dev/.env", "SOME_KEY=one\n");
    assert_eq!(harness.reloaded(mark).cause_kinds(), ["env"]);
    let mark = harness.mark();
    home.write(".clawdbot-dev/.env", "SOME_KEY=two\n");
    harness.reloaded(mark);
}

#[test]
fn watched_paths_count_and_ignored_ones_do_not() {
    let home = Home::new();
    let one = home.write("one/file.txt", "1");
    let two = home.write("two/deep/file.txt", "1");
    let skipped = home.write("two/skip/file.log", "1");
    let watch = |path: &str| home.path().join(path).display().to_string();
    let harness = harness::in_home(&home)
        .arg("--watch")
        .arg(watch("one"))
        .arg("--watch")
        .arg(watch("two"))
        .arg("--ignore")
        .arg("**/*.log")
        .start()
        .armed();
    for path in [&one, &two] {
        let mark = harness.mark();
        Save::Rename.write(path, "2");
        let reloaded = harness.reloaded(mark);
        assert_eq!(reloaded.cause_kinds(), ["watch"], "{}", reloaded.value);
    }
    harness.assert_no_reload("an ignored path", || fs::write(&skipped, "2").unwrap());
}

#[test]
fn watched_paths_are_those_of_the_working_directory() {
    let home = Home::new();
    let inside = home.write("project/src/file.txt", "1");
    let beside = home.write("library/file.txt", "1");
    let project = home.path().join("project").display().to_string();
    for (watch, files) in [(".", vec![&inside]), ("src", vec![&inside]), ("../library/.", vec![&beside])] {
        let harness = harness::in_home(&home)
            .through("env", &["-C", &project])
            .arg("--watch")
            .arg(watch)
            .start()
            .armed();
        for path in files {
            let mark = harness.mark();
            Save::Rename.write(path, &format!("before {watch}"));
            assert_eq!(harness.reloaded(mark).cause_kinds(), ["watch"], "{watch}");
        }
    }
}

#[test]
fn a_gitignored_file_of_the_workspace_does_not_count() {
    let home = Home::new();
    home.write("clawd-dev/.gitignore", "*.tmp.md\n/build/\n");
    fs::create_dir_all(home.workspace().join(".git")).unwrap();
    let harness = harness::in_home(&home).start().armed();
    harness.assert_no_reload("ignored by git", || {
        home.write("clawd-dev/draft.tmp.md", "x\n");
        home.write("clawd-dev/build/out.md", "x\n");
    });
    let mark = harness.mark();
    home.write("clawd-dev/draft.md", "x\n");
    assert!(harness.reloaded(mark).names("draft.md"));
}

#[test]
fn folders_made_and_filled_at_once_are_not_missed() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    for round in 0..20 {
        let mark = harness.mark();
        home.write(&format!("clawd-dev/a{round}/b/c/file.md"), "new\n");
        harness.reloaded(mark);
        let mark = harness.mark();
        home.write(&format!("clawd-dev/a{round}/b/c/file.md"), "changed\n");
        harness.reloaded(mark);
    }
}

#[test]
fn a_workspace_that_goes_and_comes_back_is_followed() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    fs::remove_dir_all(home.workspace()).unwrap();
    wait::pass(wait::VIGIL);
    let mark = harness.mark();
    home.write("clawd-dev/AGENTS.md", "# Reborn\n");
    harness.reloaded(mark);
    wait::pass(wait::VIGIL);
    let mark = harness.mark();
    home.write("clawd-dev/AGENTS.md", "# Edited after its return\n");
    assert!(harness.reloaded(mark).names("AGENTS.md"));

    let aside = home.path().join("aside");
    fs::rename(home.workspace(), &aside).unwrap();
    wait::pass(wait::VIGIL);
    fs::rename(&aside, home.workspace()).unwrap();
    wait::pass(wait::VIGIL);
    let mark = harness.mark();
    home.write("clawd-dev/AGENTS.md", "# Edited after the rename\n");
    harness.reloaded(mark);
}

#[test]
fn a_moved_workspace_is_followed() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let other = home.write("other-workspace/AGENTS.md", "# Other\n");
    let text = config_text(&home, "Mover", "").replace("clawd-dev", "other-workspace");
    let mark = harness.mark();
    fs::write(home.config(), text).unwrap();
    harness.reloaded(mark);
    // The new directory is watched a moment after the reload; until then an edit is found by comparison.
    let mark = harness.mark();
    Save::Plain.write(&other, "# Other, edited\n");
    assert!(harness.reloaded(mark).names("other-workspace/AGENTS.md"));
    harness.assert_no_reload("the workspace that is no longer used", || {
        home.write("clawd-dev/AGENTS.md", "# Nobody reads this\n");
    });
}

#[test]
fn included_files_count_from_the_moment_they_are_named() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let include = home.write(".clawdbot-dev/logging.json5", "{ level: 'info' }\n");
    let mark = harness.mark();
    fs::write(home.config(), config_text(&home, "Includer", "logging: { $include: \"./logging.json5\" },"))
        .unwrap();
    harness.reloaded(mark);
    let mark = harness.mark();
    Save::Rename.write(&include, "{ level: 'debug' }\n");
    assert_eq!(harness.reloaded(mark).cause_kinds(), ["config"]);
    let mark = harness.mark();
    Save::Plain.write(&include, "{ level: ");
    let kept = harness.kept(mark);
    assert!(kept.value.to_string().contains("logging.json5"), "{}", kept.value);
    let mark = harness.mark();
    Save::Plain.write(&include, "{ level: 'warn' }\n");
    harness.reloaded(mark);
}

#[cfg(unix)]
#[test]
fn a_config_behind_a_symbolic_link_is_followed() {
    use std::os::unix::fs::symlink;

    let home = Home::new();
    fs::create_dir_all(home.state()).unwrap();
    let real = home.write("dotfiles/clawdbot.json", &config_text(&home, "Linked", ""));
    symlink(&real, home.config()).unwrap();
    let harness = harness::in_home(&home).start().armed();
    for way in Save::ALL {
        let mark = harness.mark();
        way.write(&real, &config_text(&home, way.name(), ""));
        harness.reloaded(mark);
    }
    // The link itself is switched to another file, as tools that deploy configurations do.
    let other = home.write("dotfiles/other.json", &config_text(&home, "Switched", ""));
    let aside = home.state().join("link");
    symlink(&other, &aside).unwrap();
    let mark = harness.mark();
    fs::rename(&aside, home.config()).unwrap();
    harness.reloaded(mark);
    let mark = harness.mark();
    Save::Plain.write(&other, &config_text(&home, "Behind the switch", ""));
    harness.reloaded(mark);
}

#[cfg(unix)]
#[test]
fn odd_things_in_the_workspace_do_no_harm() {
    use std::os::unix::fs::symlink;

    let home = Home::new();
    fs::create_dir_all(home.workspace()).unwrap();
    symlink(home.workspace(), home.workspace().join("loop")).unwrap();
    symlink("/nowhere/at/all", home.workspace().join("broken")).unwrap();
    #[cfg(target_os = "linux")]
    {
        let fifo = home.workspace().join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    }
    let harness = harness::in_home(&home).start().armed();
    let mark = harness.mark();
    home.write("clawd-dev/AGENTS.md", "# Odd company\n");
    harness.reloaded(mark);
}

#[cfg(unix)]
#[test]
fn a_new_build_of_the_program_is_started() {
    use crate::support::faults::Program;

    let home = Home::new();
    let program = Program::install(&home);
    let harness = harness::in_home(&home).binary(program.path()).start().armed();
    for _ in 0..3 {
        let mark = harness.mark();
        program.rebuild();
        let reloaded = harness.reloaded(mark);
        assert_eq!(reloaded.cause_kinds(), ["executable"], "{}", reloaded.value);
    }
}

/// Whatever a build starts while it writes holds the program open for a moment, and the system refuses to run it.
#[cfg(target_os = "linux")]
#[test]
fn a_new_build_that_is_still_held_open_is_waited_for() {
    let home = Home::new();
    let program = crate::support::faults::Program::install(&home);
    let harness = harness::in_home(&home).binary(program.path()).start().armed();
    let mark = harness.mark();
    let held = program.rebuild_and_hold();
    harness.wait_from(mark, "reloading", |event| event.is("reloading"));
    let given_up = harness.try_wait(mark, wait::VIGIL / 4, |event| event.is("kept"));
    assert!(given_up.is_err(), "{given_up:?}");
    drop(held);
    harness.reloaded(mark);
}

#[test]
fn a_config_that_moves_the_port_moves_the_listener() {
    let home = Home::new();
    let free = || std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let (first, second) = (free(), free());
    let with_port = |port: u16| {
        config_text(&home, "Mover", "")
            .replace("bind: \"loopback\"", &format!("bind: \"loopback\", port: {port}"))
    };
    home.write(".clawdbot-dev/clawdbot.json", &with_port(first));
    let harness = harness::in_home(&home).without_port().start().armed();
    assert_eq!(harness.address().port(), first);
    let mark = harness.mark();
    fs::write(home.config(), with_port(second)).unwrap();
    let reloaded = harness.reloaded(mark);
    assert_eq!(reloaded.value["url"], format!("ws://127.0.0.1:{second}"));
    wait::until("the old port is closed", PATIENCE, || {
        std::net::TcpStream::connect(("127.0.0.1", first)).is_err().then_some(())
    });
    assert!(std::net::TcpStream::connect(("127.0.0.1", second)).is_ok());
}

#[test]
fn saves_during_the_start_are_not_lost() {
    let home = Home::new();
    drop(harness::in_home(&home).start());
    for round in 0..12 {
        let name = format!("Early {round}");
        let harness = harness::in_home(&home).spawn();
        wait::pass(Duration::from_millis(round * 15));
        // By rename: a file that is half-written when the program starts is refused, as it should be.
        Save::Rename.write(&home.config(), &config_text(&home, &name, ""));
        harness.wait_from(0, "ready", |event| event.is("ready"));
        wait::until(&name, PATIENCE, || {
            (agent_name(harness.address()).as_deref() == Ok(name.as_str())).then_some(())
        });
    }
}
