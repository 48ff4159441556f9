//! The published Control UI in a browser: every view, what a person does there, and reloads below it.

use std::fs;

use serde_json::Value;

use super::{assert_as_recorded, assert_differs_as_meant, capture, furnished};
use crate::support::control_ui::{click, connected, edit_configuration};
use crate::support::driven::Driven;
use crate::support::gateway;
use crate::support::harness;
use crate::support::home::{Home, config_text};
use crate::support::peer::Peer;
use crate::support::wait::{PATIENCE, until};
use crate::support::wire::{Credentials, Wire, connect_frame};

/// Views that a person looks through.
const VIEWS: [&str; 11] = [
    "chat",
    "overview",
    "channels",
    "instances",
    "sessions",
    "cron",
    "skills",
    "nodes",
    "config",
    "debug",
    "logs",
];

/// Of the profile of `home`, every request with this method has been answered.
fn answered(home: &Home, state: &str, method: &str) {
    let recordings = home.path().join(state).join("recordings");
    until(format!("an answer to {method}"), PATIENCE, || {
        let lines = crate::support::recordings::lines(&recordings);
        let asked: Vec<&Value> = lines.iter().filter(|line| line["frame"]["method"] == method).collect();
        let is_answered = |asked: &&Value| {
            lines.iter().any(|line| {
                line["event"] == "out"
                    && line["conn"] == asked["conn"]
                    && line["frame"]["id"] == asked["frame"]["id"]
            })
        };
        (!asked.is_empty() && asked.iter().all(is_answered)).then_some(())
    });
}

#[test]
fn a_session_of_the_published_pages_behaves_as_recorded() {
    let Some(peer) = Peer::find() else { return };
    let (Some(files), Some(mut page)) = (peer.control_ui(), Driven::open("")) else { return };
    let home = furnished();
    let files = files.to_string_lossy().into_owned();
    let gateway = gateway::in_home(&home).env("CLAWDBOT_CONTROL_UI_DIR", files).arg("--record").start();
    let mut afar = Wire::open_with(gateway.address(), "/", &[("x-forwarded-for", "203.0.113.9")]).unwrap();
    let nonce = afar.challenge().unwrap();
    afar.send(&connect_frame(&nonce, &Credentials::Device([1; 32]))).unwrap();
    afar.answer("connect").unwrap();
    afar.closed();
    let at = |view: &str| format!("http://{}/{view}", gateway.address());
    for view in VIEWS {
        page.navigate(&at(view));
        connected(&mut page);
    }
    page.navigate(&at("nodes"));
    page.until("a device to approve", &click(".list-item", "Approve"));
    answered(&home, ".clawdbot", "device.pair.approve");
    page.navigate(&at("sessions"));
    page.until(
        "a level to choose",
        "(() => { const level = [...document.querySelectorAll('.table-row select')].find(select => \
         [...select.options].some(option => option.value === 'high')); if (!level) return false; \
         level.value = 'high'; level.dispatchEvent(new Event('change', { bubbles: true })); return true; })()",
    );
    answered(&home, ".clawdbot", "sessions.patch");
    page.navigate("about:blank");
    drop(page);
    gateway.stop();
    let capsule = capture(&home, &[]);
    assert_as_recorded(&capsule);
    assert_differs_as_meant(&capsule, &peer, "pages");
}

#[test]
fn pages_that_come_back_after_reloads_behave_as_recorded() {
    let Some(peer) = Peer::find() else { return };
    let (Some(files), Some(mut page)) = (peer.control_ui(), Driven::open("")) else { return };
    let home = Home::new();
    home.write(".clawdbot-dev/clawdbot.json", &config_text(&home, "Before", ""));
    home.write("clawd-dev/AGENTS.md", "# Agents\n");
    let files = files.to_string_lossy().into_owned();
    let harness =
        harness::in_home(&home).env("CLAWDBOT_CONTROL_UI_DIR", files).arg("--record").start().armed();
    page.navigate(&format!("http://{}/config", harness.address()));
    edit_configuration(&mut page, &harness);
    page.until("the page shows what was saved", "document.body.innerText.includes('No changes')");
    connected(&mut page);
    let mark = harness.mark();
    fs::write(home.workspace().join("AGENTS.md"), "# Edited\n").unwrap();
    harness.reloaded(mark);
    page.until("the page is back", "!document.body.innerText.includes('Disconnected')");
    connected(&mut page);
    drop(page);
    harness.stop();
    let capsule = capture(&home, &["--dev"]);
    assert_as_recorded(&capsule);
}
