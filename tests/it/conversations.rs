//! `onboard` and `configure` in a real terminal: what is seen, what is written, and what an interruption leaves.

use std::net::TcpListener;

use rustix::termios::LocalModes;
use serde_json::{Value, json};

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::snapshot::Snapshot;
use crate::support::terminal::Terminal;
use crate::support::wait::PATIENCE;

const CONFIG: &str = ".clawdbot/clawdbot.json";

/// Keys as a terminal sends them.
const DOWN: &str = "\u{1b}[B";
const ENTER: &str = "\r";

fn config(home: &Home) -> Value {
    serde_json::from_str(&home.read(CONFIG)).unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn open(home: &Home, arguments: &[&str], variables: &[(&str, &str)]) -> Terminal {
    Terminal::sized(home, arguments, variables, 80)
}

/// Whether the terminal is as a shell needs it.
fn shows_what_is_typed(terminal: &Terminal) -> bool {
    terminal.settings().local_modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
}

/// Answers one question after the other: what is shown, what is typed then.
fn talk(terminal: &mut Terminal, turns: &[(&str, &str)]) {
    let mut from = 0;
    for (question, answer) in turns {
        terminal.expect(from, question);
        from = terminal.position();
        terminal.press(answer);
    }
}

#[test]
fn a_terminal_that_cannot_be_drawn_on_is_asked_line_by_line() {
    let home = Home::new();
    let mut terminal = open(&home, &["onboard", "--no-install-daemon"], &[("TERM", "dumb")]);
    let port = free_port();
    talk(
        &mut terminal,
        &[
            ("Go on? (yes, no) [yes]: ", "\n"),
            ("How? [quickstart]: ", "fast\n"),
            ("Write one of these names.\r\nHow? [quickstart]: ", "advanced\n"),
            ("Port [18789]: ", "many\n"),
            ("Write a number from 1 to 65535.\r\nPort [18789]: ", &format!("{port}\n")),
            ("Listen on [loopback]: ", "\n"),
            ("Clients authenticate by [token]: ", "password\n"),
            ("Password (not shown): ", "open sesame\n"),
            ("Expose it with Tailscale [off]: ", "\n"),
            ("Workspace of the agents [~/clawd]: ", "\n"),
        ],
    );
    let shown = terminal.expect(0, "Start the gateway with: clawdbot gateway");
    assert!(!shown.contains("sesame") && !shown.contains('\u{1b}'), "{shown}");
    assert_eq!(terminal.ended(PATIENCE).code(), Some(0));
    let auth = json!({ "mode": "password", "password": "open sesame" });
    assert_eq!(config(&home), json!({ "gateway": { "mode": "local", "port": port, "auth": auth } }));
    Started::new(&home, &["gateway"]).address();
}

#[test]
fn saying_no_writes_nothing() {
    let home = Home::new();
    let mut terminal = open(&home, &["onboard", "--no-install-daemon"], &[]);
    talk(&mut terminal, &[("Go on?", "no\r")]);
    terminal.expect(0, "Nothing was written.");
    assert_eq!(terminal.ended(PATIENCE).code(), Some(1));
    assert!(!home.path().join(".clawdbot").exists());
}

/// The questions of `onboard --flow advanced` with a password, each with the answer that leads to the next one.
const QUESTIONS: [(&str, &str); 7] = [
    ("Go on?", ENTER),
    ("Port", ENTER),
    ("Listen on", ENTER),
    ("Clients authenticate by", "\u{1b}[B\r"),
    ("Ctrl-R shows it", "sesame\r"),
    ("Expose it", ENTER),
    ("Workspace", ENTER),
];

#[test]
fn an_interruption_at_any_question_leaves_everything_as_it_was() {
    let home = Home::new();
    home.write(CONFIG, "{\n  // Mine.\n  gateway: { port: 18789 },\n}\n");
    let before = Snapshot::of(&[home.path()]);
    for key in ["\u{3}", "\u{4}"] {
        for stop in 0..QUESTIONS.len() {
            let mut terminal = open(&home, &["onboard", "--no-install-daemon", "--flow", "advanced"], &[]);
            talk(&mut terminal, &QUESTIONS[..stop]);
            talk(&mut terminal, &[(QUESTIONS[stop].0, key)]);
            let at = format!("{key:?} at {}", QUESTIONS[stop].0);
            terminal.expect(0, "Nothing was written.");
            assert_eq!(terminal.ended(PATIENCE).code(), Some(130), "{at}");
            assert!(shows_what_is_typed(&terminal), "{at}");
            before.assert_same(&[home.path()], &at);
        }
    }
}

#[test]
fn a_terminal_that_is_closed_at_any_question_leaves_everything_as_it_was() {
    let home = Home::new();
    let before = Snapshot::of(&[home.path()]);
    for stop in 0..QUESTIONS.len() {
        let mut terminal = open(&home, &["onboard", "--no-install-daemon", "--flow", "advanced"], &[]);
        talk(&mut terminal, &QUESTIONS[..stop]);
        terminal.expect(0, QUESTIONS[stop].0);
        terminal.close();
        assert_ne!(terminal.ended(PATIENCE).code(), Some(0));
        before.assert_same(&[home.path()], &format!("closing at {}", QUESTIONS[stop].0));
    }
}

#[test]
fn line_by_line_an_interruption_leaves_everything_as_it_was() {
    let home = Home::new();
    for key in ["\u{3}", "\u{4}"] {
        let mut terminal =
            open(&home, &["onboard", "--no-install-daemon", "--flow", "advanced"], &[("TERM", "dumb")]);
        let shown = terminal.settings();
        talk(
            &mut terminal,
            &[
                ("Go on?", "\n"),
                ("Port [", "\n"),
                ("Listen on [", "\n"),
                ("by [token]: ", "password\n"),
                ("Password (not shown): ", key),
            ],
        );
        terminal.expect(0, "Nothing was written.");
        assert_eq!(terminal.ended(PATIENCE).code(), Some(130));
        assert_eq!(terminal.settings().local_modes, shown.local_modes);
        assert!(!home.path().join(".clawdbot").exists());
    }
}

#[test]
fn configure_changes_what_is_changed() {
    let home = Home::new();
    let text = "{\n  // Mine.\n  gateway: {\n    mode: 'local',\n    port: 18789,\n    auth: { token: 'mine' },\n  },\n}\n";
    home.write(CONFIG, text);
    let before = Snapshot::of(&[home.path()]);
    let mut terminal = open(&home, &["configure"], &[]);
    talk(
        &mut terminal,
        &[
            ("write what was changed", ENTER),
            ("18789", ENTER),
            ("as lan", ENTER),
            ("Change what?", ENTER),
            ("Clients authenticate by", ENTER),
            ("Keep the token", ENTER),
            ("Change what?", &format!("{DOWN}{DOWN}{ENTER}")),
        ],
    );
    terminal.expect(0, "Nothing was changed in ~/.clawdbot/clawdbot.json.");
    assert_eq!(terminal.ended(PATIENCE).code(), Some(0));
    before.assert_same(&[home.path()], "configure without a change");

    let mut terminal = open(&home, &["configure", "--section", "gateway"], &[]);
    talk(&mut terminal, &[("18789", "19000\r"), ("as lan", ENTER)]);
    terminal.expect(0, "No gateway is running; it counts from the next start.");
    assert_eq!(terminal.ended(PATIENCE).code(), Some(0));
    assert_eq!(home.read(CONFIG), text.replace("18789", "19000"));
}

#[test]
fn configure_needs_a_configuration_that_can_be_read() {
    let home = Home::new();
    home.write(CONFIG, "{ gateway: { prot: 1 } }");
    let mut terminal = open(&home, &["configure"], &[]);
    terminal.expect(0, "Mend it with: clawdbot config edit");
    assert_eq!(terminal.ended(PATIENCE).code(), Some(78));
}
