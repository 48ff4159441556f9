//! The published Control UI, served by our gateway of dev mode, in a browser: every view with our data, what a person does
//! with it, and a reload under it. Pictures of the views go to `CLAWDBOT_SCREENSHOTS`, or else to `target/screenshots`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::control_ui::{click, connected, edit_configuration};
use crate::support::driven::Driven;
use crate::support::harness::{self, Harness};
use crate::support::home::Home;
use crate::support::peer::Peer;
use crate::support::program::{inherited, measured};
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::{Credentials, Wire, connect_frame};

const TOKEN: &str = "right";

/// What the page loads from elsewhere: fonts and a picture, which it can do without.
const ELSEWHERE: [&str; 3] =
    ["https://fonts.googleapis.com/", "https://fonts.gstatic.com/", "https://mintcdn.com/"];

/// What it says in a view on its own account, above the published gateway too: that its forms do not know every shape of
/// a value.
const KNOWN: [(&str, &str); 1] = [("config", "Form view can't safely edit some fields.")];

/// What the page shows of a conversation first.
const FIRST: &str = "Hello from the transcript";

/// Notes when the conversation is shown, by the clock of the page, which begins with the navigation.
const CLOCK: &str = "
  window.seen = null;
  new MutationObserver(() => {
    if (window.seen === null && document.body && document.body.innerText.includes('Hello from the transcript'))
      window.seen = performance.now();
  }).observe(document, { childList: true, subtree: true, characterData: true });
";

/// Views with what has to be seen in each, which only our gateway knows.
const VIEWS: [(&str, &[&str]); 11] = [
    ("chat", &[FIRST, "Hello to you"]),
    ("overview", &["Connected", "Gateway Access"]),
    ("channels", &["Channel health", "channelOrder"]),
    ("instances", &["Connected Instances", "clawdbot-control-ui", "Reason self"]),
    ("sessions", &["agent:dev:main", "sessions.json"]),
    ("cron", &["Scheduler"]),
    ("skills", &["tidy-desk"]),
    ("nodes", &["Exec approvals", "A phone", "Approve"]),
    ("config", &["Settings", "valid", "No changes"]),
    ("debug", &["s-main", "heartbeatSeconds"]),
    ("logs", &["gateway.log"]),
];

/// A profile of dev mode with something in every view.
fn fill(home: &Home) {
    let workspace = serde_json::to_string(&home.workspace()).unwrap();
    home.write(
        ".clawdbot-dev/clawdbot.json",
        &format!(
            "{{
  // Written by hand.
  gateway: {{ mode: 'local', bind: 'loopback', auth: {{ token: '{TOKEN}' }} }},
  agents: {{
    defaults: {{ workspace: {workspace}, skipBootstrap: true }},
    list: [{{ id: 'dev', default: true, workspace: {workspace}, identity: {{ name: 'Before' }} }}],
  }},
}}
"
        ),
    );
    let sessions = ".clawdbot-dev/agents/dev/sessions";
    let store = json!({ "agent:dev:main": { "sessionId": "s-main", "updatedAt": 1_790_000_000_000_u64 } });
    home.write(&format!("{sessions}/sessions.json"), &store.to_string());
    let said = |role: &str, text: &str| json!({ "type": "message", "message": { "role": role, "content": [{ "type": "text", "text": text }] } });
    let lines = [said("user", FIRST), said("assistant", "Hello to you")];
    home.write(&format!("{sessions}/s-main.jsonl"), &lines.map(|line| format!("{line}\n")).concat());
    home.write(
        "clawd-dev/skills/tidy-desk/SKILL.md",
        "---\nname: tidy-desk\ndescription: Tidies a desk.\n---\n# Tidy\n",
    );
}

/// The built files of the published package, and a page that shows them.
fn opened(home: &Home) -> Option<(Harness, Driven)> {
    let files = Peer::find()?.control_ui()?;
    let page = Driven::open(CLOCK)?;
    fill(home);
    let harness =
        harness::in_home(home).env("CLAWDBOT_CONTROL_UI_DIR", files.to_string_lossy()).start().armed();
    Some((harness, page))
}

fn screenshots() -> PathBuf {
    let named = inherited("CLAWDBOT_SCREENSHOTS").filter(|path| !path.is_empty()).map(PathBuf::from);
    let place = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots"));
    fs::create_dir_all(&place).unwrap();
    place
}

/// Checks that the page shows no error and has complained about nothing.
#[track_caller]
fn content(page: &mut Driven, view: &str) {
    let complaints: Vec<String> = page.complaints();
    let real = complaints.iter().filter(|text| !ELSEWHERE.iter().any(|place| text.contains(place)));
    assert_eq!(real.collect::<Vec<_>>(), Vec::<&String>::new(), "{view}");
    let shown = page.evaluate(
        "[...document.querySelectorAll('.callout.danger, .pill.danger')].map(banner => banner.innerText.trim())",
    );
    let banners: Vec<&str> = shown.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let is_known = |text: &str| KNOWN.iter().any(|(of, part)| *of == view && text.contains(part));
    let unexpected = banners.iter().filter(|text| !is_known(text));
    assert_eq!(unexpected.collect::<Vec<_>>(), Vec::<&&str>::new(), "{view}");
}

/// A device from elsewhere asks to be paired.
fn ask_to_be_paired(harness: &Harness) {
    let from = ("X-Forwarded-For", "203.0.113.7");
    let mut wire = Wire::open_with(harness.address(), "/", &[from]).unwrap();
    let nonce = wire.challenge().unwrap();
    let mut frame = connect_frame(&nonce, &Credentials::DeviceWithToken([7; 32], TOKEN.to_owned()));
    frame["params"]["client"]["displayName"] = json!("A phone");
    wire.send(&frame).unwrap();
    let answer = wire.answer("connect").unwrap();
    assert_eq!(answer["error"]["code"], "NOT_PAIRED", "{answer}");
}

fn operator(harness: &Harness) -> Wire {
    Wire::operator(harness.address(), TOKEN, &["operator.admin", "operator.pairing"])
}

#[test]
fn every_view_shows_our_data_and_no_error() {
    let home = Home::new();
    let Some((harness, mut page)) = opened(&home) else { return };
    ask_to_be_paired(&harness);
    let pictures = screenshots();
    for (index, (view, parts)) in VIEWS.into_iter().enumerate() {
        let query = if index == 0 { format!("?token={TOKEN}") } else { String::new() };
        page.navigate(&format!("http://{}/{view}{query}", harness.address()));
        for part in parts {
            let shown = format!("document.body && document.body.innerText.includes({})", json!(part));
            page.until(&format!("{part:?} in {view}"), &shown);
        }
        content(&mut page, view);
        page.screenshot(&pictures.join(format!("{view}.png")));
    }
    // The token was taken out of the address.
    page.navigate(&format!("http://{}/?token={TOKEN}", harness.address()));
    page.until("the token is gone from the address", "!location.search.includes('token')");
}

#[test]
fn what_a_person_does_there_happens_here() {
    let home = Home::new();
    let Some((harness, mut page)) = opened(&home) else { return };
    ask_to_be_paired(&harness);
    let at = |view: &str| format!("http://{}/{view}?token={TOKEN}", harness.address());

    // A device is approved.
    page.navigate(&at("nodes"));
    page.until("a device to approve", &click(".list-item", "Approve"));
    let mut wire = operator(&harness);
    wait::until("the device is paired", PATIENCE, || {
        let list = wire.payload("device.pair.list", &json!({}));
        let paired = list["paired"].as_array()?.iter().any(|device| device["displayName"] == "A phone");
        (paired && list["pending"].as_array()?.is_empty()).then_some(())
    });
    page.until("nothing is left to approve", "!document.body.innerText.includes('Approve')");
    content(&mut page, "nodes");

    // A session is changed.
    page.navigate(&at("sessions"));
    page.until(
        "a level to choose",
        "(() => { const level = [...document.querySelectorAll('.table-row select')].find(select => \
         [...select.options].some(option => option.value === 'high')); if (!level) return false; \
         level.value = 'high'; level.dispatchEvent(new Event('change', { bubbles: true })); return true; })()",
    );
    wait::until("the level is kept", PATIENCE, || {
        let list = wire.payload("sessions.list", &json!({}));
        (list["sessions"][0]["thinkingLevel"] == "high").then_some(())
    });
    content(&mut page, "sessions");

    // The configuration is edited and saved, which replaces the gateway below the page; the page is back by itself.
    page.navigate(&at("config"));
    edit_configuration(&mut page, &harness);
    let text = fs::read_to_string(home.config()).unwrap();
    assert!(text.contains("After") && text.contains("// Written by hand."), "{text}");
    page.until("the page shows what was saved", "document.body.innerText.includes('No changes')");
    connected(&mut page);
    page.complaints();

    // And once more for an edit by hand.
    page.navigate(&at("overview"));
    connected(&mut page);
    let mark = harness.mark();
    fs::write(home.workspace().join("AGENTS.md"), "# Edited\n").unwrap();
    harness.reloaded(mark);
    page.until(
        "the page has connected to the next generation",
        "!document.body.innerText.includes('Disconnected')",
    );
    connected(&mut page);
}

/// JavaScript that fills in a field of the form, as typing does.
fn fill_in(label: &str, field: &str, value: &str) -> String {
    let (label, field, value) = (json!(label), json!(field), json!(value));
    format!(
        "(() => {{ const label = [...document.querySelectorAll('label.field')].find(label => \
         label.querySelector('span')?.innerText.trim() === {label}); const field = label?.querySelector({field}); \
         if (!field) return false; field.value = {value}; \
         for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, {{ bubbles: true }})); \
         return true; }})()"
    )
}

#[test]
fn jobs_are_made_run_and_removed_there() {
    let home = Home::new();
    let Some((harness, mut page)) = opened(&home) else { return };
    let mut wire = operator(&harness);
    let mut jobs = || wire.payload("cron.list", &json!({ "includeDisabled": true }))["jobs"].clone();
    page.navigate(&format!("http://{}/cron?token={TOKEN}", harness.address()));
    connected(&mut page);
    page.until("a name", &fill_in("Name", "input", "Tea"));
    page.until("a text", &fill_in("System text", "textarea", "The tea is ready"));
    page.until("the job is added", &click(".card", "Add job"));
    let made = wait::until("the job", PATIENCE, || jobs().as_array()?.first().cloned());
    assert_eq!(
        (&made["name"], &made["payload"]["text"]),
        (&json!("Tea"), &json!("The tea is ready")),
        "{made}"
    );
    // The page passes over a click while it is busy with the one before, and a person clicks again.
    let mut act = |page: &mut Driven, button: &str, done: &dyn Fn(&Value) -> bool| {
        wait::until(button, PATIENCE, || {
            page.evaluate(&click(".list-item", button));
            done(&jobs()).then_some(())
        });
    };
    act(&mut page, "Run", &|jobs| jobs[0]["state"]["lastStatus"] == "ok");
    act(&mut page, "Disable", &|jobs| jobs[0]["enabled"] == false);
    content(&mut page, "cron");
    act(&mut page, "Remove", &|jobs| *jobs == json!([]));
    content(&mut page, "cron");
}

#[test]
fn the_first_view_is_there_at_once() {
    let home = Home::new();
    let Some((harness, mut page)) = opened(&home) else { return };
    page.navigate(&format!("http://{}/chat?token={TOKEN}", harness.address()));
    page.until("the conversation", "window.seen");
    // Again, as a person comes back: the files are known, the token is kept.
    let mut times: Vec<f64> = (0..10)
        .map(|_| {
            page.navigate("about:blank");
            page.until("an empty page", "location.href === 'about:blank'");
            page.navigate(&format!("http://{}/chat", harness.address()));
            let seen = page.until("the conversation", "window.seen");
            seen.as_f64().unwrap()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    // Measured, and not judged: the machine may have other things to do.
    measured(&format!(
        "navigation → a conversation is shown: median {:.0} ms of {times:.0?}",
        times[times.len() / 2]
    ));
}
