//! A harness on a terminal: keys, colours, and what happens when the terminal goes.

use std::time::Duration;

use rustix::termios::LocalModes;

use crate::support::edits::Save;
use crate::support::home::{Home, config_text};
use crate::support::process;
use crate::support::terminal::Terminal;
use crate::support::wait::{self, PATIENCE};

const WATCHING: &str = "watching config and workspace for changes";

#[test]
fn a_person_sees_what_happens() {
    let home = Home::new();
    let terminal = Terminal::start(&home);
    let first = terminal.expect(0, WATCHING);
    for line in [
        "dev config created at ~/.clawdbot-dev/clawdbot.json",
        "dev workspace initialized at ~/clawd-dev",
        "agent model: ",
        "listening on ws://127.0.0.1:",
        "(PID ",
        "log file: ~/.clawdbot-dev/logs/gateway.log",
    ] {
        assert!(first.contains(line), "{line:?} is missing:\n{first}");
    }
    assert!(first.contains("\u{1b}["), "green on a terminal:\n{first}");
    let position = terminal.position();
    Save::Plain.write(&home.workspace().join("AGENTS.md"), "# Edited\n");
    let line = terminal.expect(position, "(PID ");
    assert!(line.contains("reloaded in ") && line.contains("(workspace: AGENTS.md)"), "{line}");
    let position = terminal.position();
    let good = home.read(".clawdbot-dev/clawdbot.json");
    Save::Rename.write(&home.config(), "{\n  gateway: { prot: 1 },\n}\n");
    let refusal = terminal.expect(position, "kept the running gateway (PID ");
    assert!(refusal.contains("prot") && refusal.contains('2'), "the place is told: {refusal}");
    Save::Rename.write(&home.config(), &good);
}

#[test]
fn keys_reload_explain_and_quit() {
    let home = Home::new();
    let mut terminal = Terminal::start(&home);
    terminal.expect(0, WATCHING);
    let raw = terminal.settings();
    let position = terminal.position();
    terminal.press("?");
    terminal.expect(position, "reload");
    let position = terminal.position();
    terminal.press("r");
    terminal.expect(position, "reloaded in ");
    terminal.press("c");
    terminal.press("q");
    assert_eq!(terminal.ended(PATIENCE).code(), Some(0));
    let restored = terminal.settings().local_modes;
    assert!(restored.contains(LocalModes::ECHO | LocalModes::ICANON), "the terminal is as it was before");
    assert!(!raw.local_modes.contains(LocalModes::ICANON), "single keys were read");
}

#[test]
fn control_c_stops_and_restores_the_terminal() {
    let home = Home::new();
    let mut terminal = Terminal::start(&home);
    terminal.expect(0, WATCHING);
    let started = terminal.processes();
    terminal.press("\u{3}");
    assert_eq!(terminal.ended(PATIENCE).code(), Some(0));
    assert!(terminal.settings().local_modes.contains(LocalModes::ECHO | LocalModes::ICANON));
    wait::until("everything is gone", PATIENCE, || (!started.iter().any(process::runs)).then_some(()));
}

#[test]
fn a_closed_terminal_ends_everything() {
    let home = Home::new();
    let mut terminal = Terminal::start(&home);
    terminal.expect(0, WATCHING);
    let started = terminal.processes();
    assert!(started.len() >= 2, "{started:#?}");
    terminal.close();
    terminal.ended(PATIENCE);
    wait::until("everything is gone", PATIENCE, || (!started.iter().any(process::runs)).then_some(()));
}

#[test]
fn a_crash_does_not_disturb_the_screen() {
    let home = Home::new();
    let mut terminal = Terminal::start(&home);
    let first = terminal.expect(0, WATCHING);
    let pid = first.split("(PID ").nth(1).and_then(|rest| rest.split(')').next()).unwrap().parse().unwrap();
    let position = terminal.position();
    process::signal(pid, rustix::process::Signal::KILL);
    terminal.expect(position, "the gateway ended: signal 9 (SIGKILL)");
    terminal.expect(position, "(after a crash)");
    let position = terminal.position();
    Save::Rename.write(&home.config(), &config_text(&home, "After the crash", ""));
    terminal.expect(position, "reloaded in ");
    terminal.press("q");
    assert_eq!(terminal.ended(Duration::from_secs(10)).code(), Some(0));
}

#[test]
fn log_lines_are_pretty_on_a_terminal() {
    let home = Home::new();
    let config = config_text(&home, "Pretty", "logging: { consoleLevel: \"info\" },");
    home.write(".clawdbot-dev/clawdbot.json", &config);
    let terminal = Terminal::start(&home);
    terminal.expect(0, "[gateway]");
    let shown = terminal.expect(0, WATCHING);
    // The child writes to a pipe; what it may look like is told by the harness.
    let line = shown.lines().find(|line| line.contains("[gateway]")).unwrap_or_else(|| panic!("{shown}"));
    assert!(
        line.starts_with("\u{1b}[2m") && line.contains("\u{1b}[36m[gateway]\u{1b}[0m listening on"),
        "{line}"
    );
    let time = line.trim_start_matches("\u{1b}[2m").split('\u{1b}').next().unwrap();
    assert!(time.len() == 8 && time.split(':').count() == 3, "a time of day: {time:?}");
}
