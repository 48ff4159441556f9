//! Edits that a foreground gateway cannot use: it says why, keeps serving what it served, and takes the mended file.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::json;

use crate::support::edits::{HalfWritten, Save};
use crate::support::gateway::{self, Gateway, configure};
use crate::support::home::Home;
use crate::support::wire::Wire;

/// What must not reach the log.
const SECRET: &str = "sk-live-4f9c0d1e2b3a4958";

const MENDED: &str = "✓ config is valid again; nothing changed";

/// `mode: 'local'`, the secret, and these members besides, all of `gateway` on one line.
fn text(gateway: &str, name: &str) -> String {
    format!(
        "{{\n  gateway: {{ mode: 'local', reload: {{ debounceMs: 0 }}, auth: {{ token: '{SECRET}' }}, {gateway} }},\n  \
         agents: {{ list: [{{ id: 'dev', default: true, identity: {{ name: '{name}' }} }}] }},\n}}\n"
    )
}

fn name_for(client: &mut Wire) -> String {
    client.payload("agents.list", &json!({}))["agents"][0]["identity"]["name"].to_string()
}

/// Checks that `spoil` is told with `expected`, changes nothing, and is over when the file is as it was.
#[track_caller]
fn keeps(gateway: &Gateway, client: &mut Wire, config: &Path, expected: &[&str], spoil: impl FnOnce()) {
    let (before, mark) = (gateway.health(), gateway.mark());
    spoil();
    gateway.kept(mark, expected);
    assert_eq!(gateway.health(), before, "after {expected:?}");
    assert_eq!(name_for(client), "\"Good\"", "after {expected:?}, on the connection from before");
    let mark = gateway.mark();
    if config.is_dir() {
        fs::remove_dir(config).unwrap();
    }
    Save::Rename.write(config, &text("", "Good"));
    gateway.line(mark, MENDED);
    assert_eq!(gateway.health(), before, "mended after {expected:?}");
}

#[test]
fn what_cannot_be_used_is_told_and_changes_nothing() {
    let home = Home::new();
    let config = configure(&home, &text("", "Good"));
    let gateway = gateway::in_home(&home).start();
    let mut client = gateway.client(SECRET);
    let good = text("", "Good");
    let save = |text: &str| _ = Save::Rename.write(&config, text);

    let mut keeps = |expected: &[&str], spoil: &dyn Fn()| {
        keeps(&gateway, &mut client, &config, expected, spoil);
    };
    keeps(&["clawdbot.json:2:"], &|| save(&good.replace("auth: {", "auth { ")));
    keeps(&["clawdbot.json:2:", "nonsense"], &|| save(&text("nonsense: 1", "Bad")));
    keeps(&["clawdbot.json:2:", "gateway.port"], &|| save(&text("port: 'many'", "Bad")));
    keeps(&["clawdbot.json"], &|| save(&good[..good.len() / 2]));
    keeps(&["clawdbot.json"], &|| save(""));
    keeps(&["clawdbot.json", "is gone"], &|| fs::remove_file(&config).unwrap());
    keeps(&["clawdbot.json"], &|| {
        fs::remove_file(&config).unwrap();
        fs::create_dir(&config).unwrap();
    });
    keeps(&["clawdbot.json"], &|| {
        fs::remove_file(&config).unwrap();
        symlink(&config, &config).unwrap();
    });
    keeps(&["set gateway.mode=local (current: remote)"], &|| save(&good.replace("'local'", "'remote'")));
    let open = good.replace(&format!("auth: {{ token: '{SECRET}' }}"), "bind: 'lan'");
    keeps(&["Refusing to bind gateway to lan without auth."], &|| save(&open));
    keeps(&["gateway.customBindHost"], &|| save(&text("bind: 'custom'", "Bad")));
    keeps(&["EADDRNOTAVAIL", "192.0.2.7"], &|| {
        save(&text("bind: 'custom', customBindHost: '192.0.2.7'", "Bad"));
    });
    keeps(&["absent.pem"], &|| {
        save(&text("tls: { enabled: true, certPath: '/absent.pem', keyPath: '/absent.key' }", "Bad"));
    });
    let log = gateway.log();
    assert!(log.contains("config reload skipped"), "{log}");
    assert!(!log.contains(SECRET), "the secret is in the log: {log}");
    assert_eq!(gateway.health().generation, 1);
    gateway.stop();
}

#[test]
fn a_port_that_is_taken_is_not_moved_to() {
    let home = Home::new();
    let holder = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = holder.local_addr().unwrap().port();
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let config = configure(&home, &text(&format!("port: {free}"), "Good"));
    let gateway = gateway::in_home(&home).without_port().start();
    let before = gateway.health();

    let mark = gateway.mark();
    Save::Rename.write(&config, &text(&format!("port: {taken}"), "Good"));
    let first = format!("✗ Error: listen EADDRINUSE: address already in use 127.0.0.1:{taken}");
    gateway.kept(mark, &[&first, &format!("Held by pid {} ", std::process::id())]);
    assert_eq!(gateway.health(), before);
    assert!(gateway.log().contains("EADDRINUSE"), "the log says it, too: {}", gateway.log());

    drop(holder);
    let mark = gateway.mark();
    Save::Rename.write(&config, &text(&format!("port: {taken}"), "Good again"));
    gateway.took(mark, "restarted", "config: gateway.port, agents.list");
    assert_eq!(gateway.address().port(), taken);
    gateway.stop();
}

#[test]
fn a_half_written_file_is_never_used() {
    let home = Home::new();
    let config = configure(&home, &text("", "Good"));
    let gateway = gateway::in_home(&home).start();
    let mut client = gateway.client(SECRET);
    let mark = gateway.mark();
    let half = HalfWritten::start(&config, &text("", "Better"));
    // Nobody closes it for longer than the watcher waits.
    gateway.kept(mark, &[]);
    assert_eq!(name_for(&mut client), "\"Good\"");
    half.finish();
    gateway.took(mark, "reloaded", "config: agents.list");
    assert_eq!(name_for(&mut client), "\"Better\"");
    assert!(!gateway.log().contains(SECRET));
}

#[test]
fn included_files_count_and_one_that_vanishes_does_not() {
    let home = Home::new();
    let list =
        |name: &str| format!("{{ list: [{{ id: 'dev', default: true, identity: {{ name: '{name}' }} }}] }}");
    let main = |include: &str| {
        let gateway = "{ mode: 'local', reload: { debounceMs: 0 } }";
        format!("{{ gateway: {gateway}, agents: {{ $include: './{include}' }} }}")
    };
    let first = home.write(".clawdbot/parts/first.json5", &list("First"));
    let config = configure(&home, &main("parts/first.json5"));
    let gateway = gateway::in_home(&home).start();
    let mut client = gateway.client("any");
    let edited = |expected: &str, client: &mut Wire, edit: &dyn Fn()| {
        let mark = gateway.mark();
        edit();
        gateway.took(mark, "reloaded", "config: agents.list");
        assert_eq!(name_for(client), format!("\"{expected}\""));
    };
    edited("Edited", &mut client, &|| _ = Save::Plain.write(&first, &list("Edited")));
    let second = home.write(".clawdbot/parts/second.json5", &list("Second"));
    edited("Second", &mut client, &|| _ = Save::Rename.write(&config, &main("parts/second.json5")));
    edited("Followed", &mut client, &|| _ = Save::Vim.write(&second, &list("Followed")));

    let mark = gateway.mark();
    fs::remove_file(&second).unwrap();
    gateway.kept(mark, &["second.json5"]);
    assert_eq!(name_for(&mut client), "\"Followed\"");
    let mark = gateway.mark();
    Save::Plain.write(&second, &list("Followed"));
    gateway.line(mark, MENDED);
    assert_eq!(gateway.health().generation, 1);
}

#[test]
fn the_environment_file_counts() {
    let home = Home::new();
    home.write(".clawdbot/.env", "DROID=One\n");
    configure(&home, &text("", "${DROID}"));
    let gateway = gateway::in_home(&home).start();
    assert_eq!(name_for(&mut gateway.client(SECRET)), "\"One\"");
    let mark = gateway.mark();
    home.write(".clawdbot/.env", "DROID=Two\n");
    gateway.took(mark, "restarted", "config: .env, agents.list");
    assert_eq!(name_for(&mut gateway.client(SECRET)), "\"Two\"");

    let mark = gateway.mark();
    home.write(".clawdbot/.env", &format!("DROID=Three\nTOKEN_LINE '{SECRET}\n"));
    gateway.kept(mark, &[".env"]);
    assert!(!gateway.log().contains(SECRET), "{}", gateway.log());
    assert_eq!(name_for(&mut gateway.client(SECRET)), "\"Two\"");
}
