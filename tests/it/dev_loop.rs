//! `gateway --dev`, from nothing to a gateway that follows every edit.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::edits::{HalfWritten, Save, droppings, git_churn, touch};
use crate::support::hammer::{Hammer, Traffic};
use crate::support::harness;
use crate::support::home::{Home, config_text};
use crate::support::http;
use crate::support::snapshot;
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::{Credentials, Wire, agent_name};

/// How late an answer may be while tests share the machine; the benchmark measures the real limit.
const LATE: Duration = Duration::from_secs(2);

fn token() -> Credentials {
    Credentials::Token("any".to_owned())
}

#[test]
fn a_first_run_makes_the_profile_and_serves() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();

    for name in ["AGENTS.md", "SOUL.md", "TOOLS.md", "IDENTITY.md", "USER.md"] {
        assert!(home.workspace().join(name).is_file(), "{name}");
    }
    #[cfg(unix)]
    {
        assert_eq!(snapshot::mode(&fs::metadata(home.state()).unwrap()), 0o700);
        assert_eq!(snapshot::mode(&fs::metadata(home.config()).unwrap()), 0o600);
    }
    let health = harness.health();
    assert_eq!(health.generation, 1);
    let ready = harness.wait_from(0, "ready", |event| event.is("ready"));
    assert_eq!(ready.pid(), health.pid, "the pid is the gateway's");
    let (mut wire, hello) = Wire::hello(harness.address(), &token()).unwrap();
    assert_eq!(hello["type"], "hello-ok");
    assert_eq!(hello["snapshot"]["stateDir"], home.state().display().to_string());
    assert_eq!(hello["snapshot"]["configPath"], home.config().display().to_string());
    assert_eq!(wire.payload("health", &json!({}))["defaultAgentId"], "dev");
    // A device without a token is paired silently: it is local.
    let (_, hello) = Wire::hello(harness.address(), &Credentials::Device([7; 32])).unwrap();
    assert!(hello["auth"]["deviceToken"].is_string(), "{hello}");
    assert!(Wire::hello(harness.address(), &Credentials::Bare).is_err());
}

#[test]
fn lines_for_people_are_plain_in_a_pipe() {
    let home = Home::new();
    let harness = harness::in_home(&home).plain().spawn();
    let shown = |text: &str| {
        harness.wait_from(0, text, |event| event.value.as_str().is_some_and(|line| line.contains(text)))
    };
    shown("✓ watching config and workspace for changes");
    Save::Plain.write(&home.workspace().join("AGENTS.md"), "# Edited\n");
    let line = shown("reloaded in ");
    let line = line.value.as_str().unwrap();
    assert!(line.starts_with("✓ reloaded in ") && line.contains("ms (workspace: AGENTS.md) (PID "), "{line}");
    let lines: Vec<String> =
        harness.since(0).iter().filter_map(|event| event.value.as_str().map(str::to_owned)).collect();
    let expected = [
        "✓ dev config created at ~/.clawdbot-dev/clawdbot.json",
        "✓ dev workspace initialized at ~/clawd-dev",
        "✓ agent model: ",
        "✓ listening on ws://127.0.0.1:",
    ];
    for (line, start) in lines.iter().zip(expected) {
        assert!(line.starts_with(start), "{start:?} expected:\n{}", lines.join("\n"));
    }
    assert!(!lines.concat().contains('\u{1b}'), "no colours in a pipe: {lines:?}");
}

#[test]
fn the_runtime_file_names_the_gateway_that_serves() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let runtime = || -> serde_json::Value {
        serde_json::from_str(&home.read(".clawdbot-dev/gateway.json")).unwrap_or_default()
    };
    assert_eq!(runtime()["url"], format!("ws://{}", harness.address()));
    assert_eq!(runtime()["generation"], 1);
    let mark = harness.mark();
    Save::Plain.write(&home.workspace().join("USER.md"), "# Somebody else\n");
    let reloaded = harness.reloaded(mark);
    wait::until("the runtime file follows", PATIENCE, || {
        (runtime()["pid"] == reloaded.pid() && runtime()["generation"] == 2).then_some(())
    });
}

#[test]
fn events_have_one_envelope() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let mark = harness.mark();
    Save::Plain.write(&home.workspace().join("AGENTS.md"), "# Other agents\n");
    let reloaded = harness.reloaded(mark);
    assert_eq!(reloaded.cause_kinds(), ["workspace"]);
    assert!(reloaded.names("clawd-dev/AGENTS.md"), "{}", reloaded.value);
    for phase in ["debounce", "prepare", "drain", "activate", "total"] {
        assert!(reloaded.ms(phase).is_some_and(|ms| ms >= 0.0), "{phase}: {}", reloaded.value);
    }
    let mut last = 0;
    for event in harness.since(0) {
        assert_eq!(event.value["v"], 1, "{}", event.value);
        assert!(event.value["event"].is_string(), "{}", event.value);
        let ts = event.value["ts"].as_u64().unwrap();
        assert!(ts >= last, "time runs backwards: {}", event.value);
        last = ts;
        assert!(event.value.as_object().unwrap().values().all(|value| !value.is_null()), "{}", event.value);
    }
    let names: Vec<String> = harness.since(0).iter().map(|event| event.name().to_owned()).collect();
    assert_eq!(names.first().map(String::as_str), Some("starting"), "{names:?}");
}

#[test]
fn every_way_to_save_starts_one_generation() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let file = home.workspace().join("AGENTS.md");
    for round in 0..4 {
        for way in Save::ALL {
            let before = harness.health();
            let mark = harness.mark();
            way.write(&file, &format!("# Agents, {} {round}\n", way.name()));
            let reloaded = harness.reloaded(mark);
            harness.assert_quiet(harness.mark(), "a second generation for one save");
            let now = harness.health();
            assert_eq!(now.generation, before.generation + 1, "{}: one save, one generation", way.name());
            assert_eq!(now.pid, reloaded.pid());
            assert_ne!(now.pid, before.pid);
        }
    }
}

#[test]
fn a_config_edit_is_served_with_its_content() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    for (round, way) in Save::ALL.into_iter().cycle().take(6).enumerate() {
        let mark = harness.mark();
        let name = format!("Droid {round}");
        way.write(&home.config(), &config_text(&home, &name, ""));
        let reloaded = harness.reloaded(mark);
        assert_eq!(reloaded.cause_kinds(), ["config"]);
        assert_eq!(agent_name(harness.address()).unwrap(), name);
    }
}

#[test]
fn a_broken_config_is_refused_with_its_place() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let before = harness.health();
    let good = home.read(".clawdbot-dev/clawdbot.json");
    for (wrong, line, says) in [
        ("{\n  gateway: { mode: \"local\",\n", None, ""),
        ("{\n  gateway: {\n    mode: \"local\",\n    prot: 1,\n  },\n}\n", Some(4), "prot"),
        ("{\n  gateway: {\n    mode: \"local\",\n    port: \"x\",\n  },\n}\n", Some(4), "gateway.port"),
    ] {
        let mark = harness.mark();
        Save::Rename.write(&home.config(), wrong);
        let kept = harness.kept(mark);
        assert_eq!(kept.pid(), before.pid, "{}", kept.value);
        let issue = &kept.value["issues"][0];
        assert!(issue["line"].is_u64() && issue["column"].is_u64(), "{}", kept.value);
        if let Some(line) = line {
            assert_eq!(issue["line"], line, "{}", kept.value);
        }
        assert!(kept.value.to_string().contains(says), "{}", kept.value);
        assert_eq!(harness.starts(mark), 0, "nothing is started for a config that cannot be used");
        assert_eq!(harness.health(), before, "the old one serves");
    }
    let mark = harness.mark();
    Save::Rename.write(&home.config(), &good);
    harness.wait_from(mark, "mended", |event| event.is("mended"));
    assert_eq!(harness.health(), before, "the mended config is the one that serves");
}

#[test]
fn a_half_written_config_is_never_served() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let before = agent_name(harness.address()).unwrap();
    let mark = harness.mark();
    let half = HalfWritten::start(&home.config(), &config_text(&home, "Whole", ""));
    wait::never("a half config is served", wait::VIGIL, || {
        let event =
            harness.since(mark).into_iter().find(|event| event.is("reloaded") || event.is("reloading"))?;
        Some(event.value.to_string())
    });
    assert_eq!(agent_name(harness.address()).unwrap(), before);
    half.finish();
    harness.reloaded(mark);
    assert_eq!(agent_name(harness.address()).unwrap(), "Whole");
}

#[test]
fn saves_without_effect_start_nothing() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    // Contents are read in the background, a moment after the start; before that a save is compared from outside.
    wait::pass(wait::VIGIL * 2);
    let file = home.workspace().join("AGENTS.md");
    let text = home.read("clawd-dev/AGENTS.md");
    let config = home.read(".clawdbot-dev/clawdbot.json");
    for way in Save::ALL {
        harness.assert_no_reload(way.name(), || _ = way.write(&file, &text));
    }
    harness.assert_no_reload("touch", || touch(&file));
    harness.assert_no_reload("editor droppings", || droppings(&file));
    harness.assert_no_reload("git", || git_churn(&home.workspace(), 20));
    harness.assert_no_reload("a comment in the config", || {
        Save::Rename.write(&home.config(), &format!("// A comment.\n{config}"));
    });
    harness.assert_no_reload("the config, formatted otherwise", || {
        Save::Plain.write(&home.config(), &format!("\n\n{}\n", config.replace("  ", "\t")));
    });
    harness.assert_no_reload("the config's own stamp", || {
        let stamped = config.trim_end().trim_end_matches('}').trim_end().trim_end_matches(',').to_owned();
        Save::Plain.write(
            &home.config(),
            &format!("{stamped},\n  \"meta\": {{ \"lastTouchedVersion\": \"1\" }}\n}}\n"),
        );
    });
}

#[test]
fn a_burst_is_one_or_two_generations() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let before = harness.health().generation;
    let begin = Instant::now();
    for turn in 0..99 {
        let note = home.workspace().join(format!("note-{:02}.md", turn % 20));
        fs::write(note, format!("Write {turn}.\n")).unwrap();
        wait::pass(Duration::from_millis(2));
    }
    fs::write(home.config(), config_text(&home, "Last of the burst", "")).unwrap();
    let took = begin.elapsed();
    wait::until("the last write is served", PATIENCE, || {
        (agent_name(harness.address()).as_deref() == Ok("Last of the burst")).then_some(())
    });
    harness.settled();
    let generations = harness.health().generation - before;
    // On a machine so busy that the burst lasts longer than a burst is gathered, it is two bursts.
    let most = if took < Duration::from_millis(450) { 2 } else { 3 };
    assert!(
        (1..=most).contains(&generations),
        "{generations} for a burst of {took:?}: {:#?}",
        harness.since(0)
    );
}

#[test]
fn a_branch_switch_is_one_or_two_generations() {
    let home = Home::new();
    for file in 0..1000 {
        home.write(&format!("clawd-dev/src/{:02}/{file:04}.md", file % 40), "one branch\n");
    }
    let harness = harness::in_home(&home).start().armed();
    let before = harness.health().generation;
    let mark = harness.mark();
    let began = Instant::now();
    for file in 0..1000 {
        let path = home.workspace().join(format!("src/{:02}/{file:04}.md", file % 40));
        fs::remove_file(&path).unwrap();
        fs::write(&path, "the other branch\n").unwrap();
    }
    // One at the leading edge, one at the end, and one for every half second that the switch itself takes.
    let most = 2 + began.elapsed().as_secs() * 2 + u64::from(began.elapsed().subsec_millis() / 500);
    harness.reloaded(mark);
    harness.settled();
    let generations = harness.health().generation - before;
    assert!((1..=most).contains(&generations), "{generations} generations for one switch, not {most}");
}

#[test]
fn a_client_is_told_and_finds_the_next_generation_at_once() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    for round in 0..3 {
        let (mut wire, _) = Wire::hello(harness.address(), &token()).unwrap();
        Save::Plain.write(&home.workspace().join("AGENTS.md"), &format!("# Round {round}\n"));
        let shutdown = wire.event("shutdown").unwrap();
        assert_eq!(shutdown["payload"]["reason"], "gateway restarting");
        let promised = shutdown["payload"]["restartExpectedMs"].as_f64().unwrap();
        assert!((0.0..1500.0).contains(&promised), "measured, not the constant: {promised}");
        let closed = wire.closed();
        assert_eq!((closed.code, closed.reason.as_str()), (1012, "service restart"));
        // One attempt, without waiting: the port never refuses.
        let (_, hello) = Wire::hello(harness.address(), &token()).unwrap();
        assert_eq!(hello["protocol"], 3);
    }
}

#[test]
fn a_storm_of_saves_never_stops_the_service() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let hammer = Hammer::paced(harness.address(), Traffic::Health, Duration::from_millis(2));
    let mut last = String::new();
    for turn in 0..60 {
        last = format!("Storm {turn}");
        Save::ALL[turn % 3].write(&home.config(), &config_text(&home, &last, ""));
        wait::pass(Duration::from_millis(50));
    }
    wait::until("the last content is served", PATIENCE, || {
        (agent_name(harness.address()).as_deref() == Ok(last.as_str())).then_some(())
    });
    hammer.stop().assert_served(LATE);
    assert_eq!(http::health(harness.address(), PATIENCE).unwrap(), harness.health());
}
