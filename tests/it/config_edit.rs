//! `clawdbot config edit`, with scripts for editors.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::home::Home;
use crate::support::program::Run;
#[cfg(target_os = "linux")]
use crate::support::terminal::Terminal;
#[cfg(target_os = "linux")]
use crate::support::wait::PATIENCE;

const CONFIG: &str = ".clawdbot/clawdbot.json";

const TEXT: &str = "{\n  // Mine.\n  gateway: { port: 18789 },\n}\n";

fn home() -> Home {
    let home = Home::new();
    home.write(CONFIG, TEXT);
    home
}

fn editor(home: &Home, script: &str) -> String {
    let path = home.write("editor", &format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

#[test]
fn what_was_edited_is_written_when_it_is_valid() {
    let home = home();
    let script = editor(&home, "sed -i \"s/$1/$2/\" \"$3\"; stat -c '%a %n' \"$3\" > seen");
    // With arguments, as many have it.
    let program = format!("'{script}' 18789 19000");
    let done = Run::new(&home, &["config", "edit"]).env("EDITOR", "false").env("VISUAL", &program).finish();
    let done = done.expect_code(0);
    assert_eq!(
        done.stdout,
        "Updated ~/.clawdbot/clawdbot.json. No gateway is running; it counts from the next start.\n"
    );
    assert_eq!(home.read(CONFIG), TEXT.replace("18789", "19000"));
    assert_eq!(home.read(".clawdbot/clawdbot.json.bak"), TEXT);
    let seen = home.read("seen");
    assert!(seen.starts_with("600 ") && seen.ends_with("/clawdbot.json5\n"), "{seen}");
    let copy = seen.trim().split_once(' ').unwrap().1;
    assert!(!fs::exists(copy).unwrap(), "the copy is gone");
    let same = Run::new(&home, &["config", "edit"]).env("EDITOR", "true").finish().expect_code(0);
    assert_eq!(same.stdout, "Nothing was changed.\n");
}

#[test]
fn what_is_not_valid_is_kept_beside() {
    let home = home();
    let program = editor(&home, "sed -i s/port/prot/ \"$1\"");
    let refused = Run::new(&home, &["config", "edit"]).env("EDITOR", &program).finish().expect_code(1);
    assert!(refused.stderr.contains("did you mean \"port\"?"), "{}", refused.stderr);
    let kept = refused.stderr.trim_end().rsplit_once("What you edited is kept in ").unwrap().1;
    assert_eq!(fs::read_to_string(kept).unwrap(), TEXT.replace("port", "prot"));
    let folder = std::path::Path::new(kept).parent().unwrap();
    assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(home.read(CONFIG), TEXT);
}

#[test]
fn an_edit_of_somebody_else_meanwhile_is_not_lost() {
    let home = home();
    let program = editor(&home, "sed -i s/18789/1/ \"$1\"; printf '{}' > .clawdbot/clawdbot.json");
    let refused = Run::new(&home, &["config", "edit"]).env("EDITOR", &program).finish().expect_code(1);
    assert!(refused.stderr.contains("was changed meanwhile"), "{}", refused.stderr);
    assert_eq!(home.read(CONFIG), "{}");
    let kept = refused.stderr.trim_end().rsplit_once("What you edited is kept in ").unwrap().1;
    fs::remove_dir_all(std::path::Path::new(kept).parent().unwrap()).unwrap();
}

#[test]
fn an_editor_that_is_missing_or_fails() {
    let home = home();
    let none = Run::new(&home, &["config", "edit"]).finish().expect_code(1);
    assert_eq!(
        none.stderr,
        "No editor: set VISUAL or EDITOR, for example: EDITOR=nano clawdbot config edit\n"
    );
    let failed = Run::new(&home, &["config", "edit"]).env("EDITOR", "false").finish().expect_code(1);
    assert_eq!(failed.stderr, "The editor ended with exit status: 1; nothing was changed.\n");
    assert_eq!(home.read(CONFIG), TEXT);
}

#[cfg(target_os = "linux")]
#[test]
fn at_a_terminal_it_can_be_edited_again() {
    let home = home();
    let script = "if [ -e once ]; then sed -i s/prot/port/ \"$1\"; else touch once; sed -i s/port/prot/ \"$1\"; fi\n\
                  sed -i s/18789/19000/ \"$1\"";
    let program = editor(&home, script);
    let mut terminal = Terminal::of(&home, &["config", "edit"], &[("EDITOR", &program), ("TERM", "dumb")]);
    let told = terminal.expect(0, "Edit again? (yes, no) [yes]: ");
    assert!(told.contains("did you mean \"port\"?"), "{told}");
    terminal.press("\n");
    terminal.expect(0, "Updated ~/.clawdbot/clawdbot.json.");
    assert_eq!(terminal.ended(PATIENCE).code(), Some(0));
    assert_eq!(home.read(CONFIG), TEXT.replace("18789", "19000"));
}
