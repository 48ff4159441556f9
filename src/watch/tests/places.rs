//! Paths that come, go, and lead elsewhere.

use std::fs;

use super::scene::{Scene, wait_for_tick};
use crate::platform::fs::Stamp;
use crate::watch::{Fingerprint, Loaded};

const CONFIG: &str = "state/clawdbot.json";

#[test]
fn a_removed_config_is_reported_once_and_so_is_its_return() {
    let mut scene = Scene::with(&[]);
    fs::remove_file(scene.path(CONFIG)).unwrap();
    scene.expect(&["-state/clawdbot.json"]);
    scene.write(CONFIG, "{}");
    scene.expect(&[CONFIG]);
}

#[test]
fn a_config_whose_directories_do_not_exist_yet() {
    let mut scene = Scene::new();
    scene.spec.config_files.push(scene.path("later/conf.d/extra.json"));
    scene.start();
    scene.write("later/conf.d/extra.json", "{}");
    scene.expect(&["later/conf.d/extra.json"]);
    scene.write("later/conf.d/extra.json", "{a: 1}");
    scene.expect(&["later/conf.d/extra.json"]);
}

#[test]
fn the_directory_of_the_config_is_renamed_and_back() {
    let mut scene = Scene::with(&[]);
    scene.rename("state", "away");
    scene.expect(&["-state/clawdbot.json"]);
    scene.rename("away", "state");
    scene.expect(&[CONFIG]);
    scene.write(CONFIG, "{a: 1}");
    scene.expect(&[CONFIG]);
}

#[test]
fn an_edit_between_loading_and_arming() {
    let mut scene = Scene::new();
    wait_for_tick();
    let mark = Stamp::now();
    scene.write("workspace/seeded", "seed");
    scene.write("workspace/edited", "new");
    scene.write(CONFIG, "{a: 1}");
    let loaded = |path: &str, content: &str| Loaded {
        path: scene.path(path),
        content: Some(Fingerprint::of(content.as_bytes())),
    };
    scene.spec.known = vec![
        loaded("workspace/seeded", "seed"),
        loaded("workspace/edited", "seed"),
        loaded(CONFIG, "{a: 1}"),
    ];
    scene.start_without_waiting(16, mark);
    scene.expect(&["workspace/edited"]);
    scene.stop();
    // The next harness loads the config before it is edited.
    wait_for_tick();
    let mark = Stamp::now();
    scene.write(CONFIG, "{a: 2}");
    scene.start_without_waiting(16, mark);
    scene.expect(&[CONFIG]);
}

#[test]
fn a_deleted_and_recreated_workspace() {
    let mut scene = Scene::with(&["workspace/a/file", "workspace/b"]);
    for round in 0..3 {
        fs::remove_dir_all(scene.path("workspace")).unwrap();
        scene.expect(&["-workspace/a/file", "-workspace/b"]);
        let content = format!("new {round}");
        scene.write("workspace/a/file", &content);
        scene.write("workspace/b", &content);
        scene.expect(&["workspace/a/file", "workspace/b"]);
    }
}

#[test]
fn a_workspace_that_is_exchanged() {
    let mut scene = Scene::with(&["workspace/file"]);
    scene.write("next/file", "next");
    scene.rename("workspace", "previous");
    scene.rename("next", "workspace");
    scene.expect(&["workspace/file"]);
    scene.write("workspace/file", "newer");
    scene.expect(&["workspace/file"]);
    scene.write("previous/file", "nobody cares");
    scene.expect_nothing();
}

#[test]
fn a_workspace_that_appears_with_its_parents() {
    let mut scene = Scene::new();
    scene.spec.workspace = Some(scene.path("not/there/yet"));
    scene.start();
    scene.write("not/there/yet/sub/file", "x");
    scene.expect(&["not/there/yet/sub/file"]);
}

#[test]
fn a_workspace_that_moves() {
    let mut scene = Scene::with(&["workspace/file", "other/file"]);
    let mut update = scene.update();
    update.workspace = Some(scene.path("other"));
    scene.spec.workspace = update.workspace.clone();
    scene.handle().update(update);
    scene.expect_nothing();
    scene.write("workspace/file", "new");
    scene.expect_nothing();
    scene.write("other/file", "new");
    scene.expect(&["other/file"]);
}

#[test]
fn what_a_workspace_that_moves_shares_with_another_tree_stays() {
    let mut scene = Scene::new();
    for file in ["workspace/shared/deep/file", "other/file"] {
        scene.write(file, "old");
    }
    scene.spec.extra = vec![scene.path("workspace/shared")];
    scene.start();
    let mut update = scene.update();
    update.workspace = Some(scene.path("other"));
    scene.spec.workspace = update.workspace.clone();
    scene.handle().update(update);
    scene.expect_nothing();
    scene.write("workspace/shared/deep/file", "new");
    scene.expect(&["workspace/shared/deep/file"]);
}

#[test]
fn an_include_outside_is_followed_from_the_moment_it_was_read() {
    let mut scene = Scene::new();
    scene.write("shared/include.json", "{older: 1}");
    scene.start();
    let mut update = scene.update();
    let path = scene.path("shared/include.json");
    update.config_files.push(path.clone());
    update.known.push(Loaded { path, content: Some(Fingerprint::of(b"{older: 1}")) });
    scene.spec.config_files = update.config_files.clone();
    // Between reading it and following it.
    scene.write("shared/include.json", "{a: 1}");
    scene.handle().update(update);
    scene.expect(&["shared/include.json"]);
    scene.write("shared/include.json", "{a: 2}");
    scene.expect(&["shared/include.json"]);
    scene.write("shared/neighbour.json", "{}");
    scene.expect_nothing();
}

#[test]
fn an_include_that_is_dropped() {
    let mut scene = Scene::new();
    scene.write("shared/include.json", "{}");
    scene.spec.config_files.push(scene.path("shared/include.json"));
    scene.start();
    let mut update = scene.update();
    update.config_files.pop();
    scene.spec.config_files = update.config_files.clone();
    scene.handle().update(update);
    scene.write("shared/include.json", "{a: 1}");
    scene.expect_nothing();
}

#[test]
fn the_program_is_replaced_by_rename() {
    let mut scene = Scene::with(&[]);
    scene.write("bin/.program.new", "2");
    scene.rename("bin/.program.new", "bin/program");
    assert_eq!(scene.expect(&["bin/program"]), 1);
}

#[test]
fn the_program_is_replaced_the_way_cargo_does() {
    let mut scene = Scene::with(&[]);
    scene.write("deps/program-1a2b", "2");
    fs::remove_file(scene.path("bin/program")).unwrap();
    scene.expect_nothing();
    fs::hard_link(scene.path("deps/program-1a2b"), scene.path("bin/program")).unwrap();
    assert_eq!(scene.expect(&["bin/program"]), 1);
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_symlinked_config() {
        let mut scene = Scene::new();
        scene.rename(CONFIG, "dotfiles.json");
        symlink("../dotfiles.json", scene.path(CONFIG)).unwrap();
        scene.start();
        scene.write("dotfiles.json", "{a: 1}");
        scene.expect(&[CONFIG]);
        scene.write("dotfiles.json.new", "{a: 2}");
        scene.rename("dotfiles.json.new", "dotfiles.json");
        scene.expect(&[CONFIG]);
        scene.write("other.json", "{a: 3}");
        fs::remove_file(scene.path(CONFIG)).unwrap();
        symlink("../other.json", scene.path(CONFIG)).unwrap();
        scene.expect(&[CONFIG]);
        scene.write("other.json", "{a: 4}");
        scene.expect(&[CONFIG]);
        scene.write("dotfiles.json", "{a: 5}");
        scene.expect_nothing();
    }

    /// Kubernetes: `clawdbot.json` → `..data/clawdbot.json`, `..data` → `..1`, and an update renames a new `..data`
    /// over the old one.
    #[test]
    fn a_mounted_config_map() {
        let mut scene = Scene::new();
        fs::remove_file(scene.path(CONFIG)).unwrap();
        scene.write("state/..1/clawdbot.json", "{a: 1}");
        symlink("..1", scene.path("state/..data")).unwrap();
        symlink("..data/clawdbot.json", scene.path(CONFIG)).unwrap();
        scene.start();
        for round in 2..5 {
            scene.write(&format!("state/..{round}/clawdbot.json"), &format!("{{a: {round}}}"));
            symlink(format!("..{round}"), scene.path("state/..data_tmp")).unwrap();
            scene.rename("state/..data_tmp", "state/..data");
            fs::remove_dir_all(scene.path(&format!("state/..{}", round - 1))).unwrap();
            assert_eq!(scene.expect(&[CONFIG]), 1);
        }
    }

    #[test]
    fn a_symlinked_workspace_that_is_switched() {
        let mut scene = Scene::new();
        scene.write("v1/file", "1");
        scene.write("v2/file", "2");
        fs::remove_dir(scene.path("workspace")).unwrap();
        symlink("v1", scene.path("workspace")).unwrap();
        scene.start();
        scene.write("v1/file", "1.1");
        scene.expect(&["workspace/file"]);
        symlink("v2", scene.path("next")).unwrap();
        scene.rename("next", "workspace");
        scene.expect(&["workspace/file"]);
        scene.write("v2/sub/file", "2.1");
        scene.expect(&["workspace/sub/file"]);
        scene.write("v1/file", "1.2");
        scene.expect_nothing();
    }

    #[test]
    fn a_link_in_the_workspace_to_a_file_outside() {
        let mut scene = Scene::new();
        scene.write("dotfiles/AGENTS.md", "1");
        symlink("../dotfiles/AGENTS.md", scene.path("workspace/AGENTS.md")).unwrap();
        scene.start();
        scene.write("dotfiles/AGENTS.md", "2");
        scene.expect(&["workspace/AGENTS.md"]);
        fs::remove_file(scene.path("workspace/AGENTS.md")).unwrap();
        scene.expect(&["-workspace/AGENTS.md"]);
        scene.write("workspace/AGENTS.md", "3");
        scene.expect(&["workspace/AGENTS.md"]);
        scene.write("dotfiles/AGENTS.md", "4");
        scene.expect_nothing();
    }

    #[test]
    fn a_link_in_the_workspace_to_a_file_inside() {
        let mut scene = Scene::with(&["workspace/AGENTS.md"]);
        symlink("AGENTS.md", scene.path("workspace/CLAUDE.md")).unwrap();
        scene.expect(&["workspace/CLAUDE.md"]);
        scene.write("workspace/AGENTS.md", "2");
        assert_eq!(scene.expect(&["workspace/AGENTS.md"]), 1);
    }
}
