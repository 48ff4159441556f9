use std::cell::LazyCell;

use super::*;
use crate::config::schema::Config;

/// What a test gives, and what comes out: URL, source, token.
struct Case {
    config: serde_json::Value,
    env: EnvMap,
    exported: EnvMap,
    url: Option<&'static str>,
    token: Option<&'static str>,
    running: bool,
    running_url: &'static str,
    running_urls: &'static [&'static str],
    running_pin: Option<&'static str>,
    pin: Option<&'static str>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            config: serde_json::json!({}),
            env: EnvMap::default(),
            exported: EnvMap::default(),
            url: None,
            token: None,
            running: false,
            running_url: "ws://127.0.0.1:4242",
            running_urls: &[],
            running_pin: None,
            pin: None,
        }
    }
}

fn config(gateway: &serde_json::Value) -> Case {
    Case { config: serde_json::json!({ "gateway": gateway }), ..Case::default() }
}

fn decide(case: &Case) -> Target {
    let config = Config::from_resolved(&case.config);
    let running = RunningGateway {
        pid: 42,
        started_at_ms: 1,
        url: case.running_url.to_owned(),
        urls: case.running_urls.iter().copied().map(str::to_owned).collect(),
        tls_fingerprint: case.running_pin.map(str::to_owned),
        profile: None,
    };
    let token = LazyCell::new(|| case.token.map(Secret::new));
    resolve(&TargetRequest {
        url: case.url,
        token: token.as_ref(),
        password: None,
        tls_fingerprint: case.pin.map(|text| Fingerprint::parse(text).unwrap()),
        running: case.running.then_some(&running),
        config: &config.gateway,
        env: &case.env,
        exported: &case.exported,
        default_port: 18_789,
    })
}

#[track_caller]
fn check(case: &Case, url: &str, source: TargetSource, token: Option<&str>) {
    let target = decide(case);
    let found = (target.url.as_str(), target.source, target.token.as_ref().map(Secret::expose));
    assert_eq!(found, (url, source, token));
}

#[test]
fn which_url() {
    use serde_json::json;
    let local = |case: &Case, url: &str| check(case, url, TargetSource::Local, None);
    local(&Case::default(), "ws://127.0.0.1:18789");
    local(&config(&json!({ "port": 4000 })), "ws://127.0.0.1:4000");
    let env = EnvMap::from([("CLAWDBOT_GATEWAY_PORT", "5000")]);
    local(&Case { env, ..config(&json!({ "port": 4000 })) }, "ws://127.0.0.1:5000");
    local(&config(&json!({ "bind": "custom", "customBindHost": "192.168.1.5" })), "ws://192.168.1.5:18789");
    local(&config(&json!({ "bind": "custom", "customBindHost": "0.0.0.0" })), "ws://127.0.0.1:18789");
    local(&config(&json!({ "bind": "custom", "customBindHost": "fd00::1" })), "ws://[fd00::1]:18789");
    local(&config(&json!({ "bind": "lan", "customBindHost": "192.168.1.5" })), "ws://127.0.0.1:18789");

    let running = Case { running: true, ..config(&json!({ "port": 4000 })) };
    check(&running, "ws://127.0.0.1:4242", TargetSource::Running(42), None);
    let flag = Case { url: Some(" ws://10.0.0.1:1 "), running: true, ..Case::default() };
    check(&flag, "ws://10.0.0.1:1", TargetSource::Flag, None);

    let remote = config(&json!({ "mode": "remote", "remote": { "url": "ws://10.0.0.2:1" } }));
    check(&remote, "ws://10.0.0.2:1", TargetSource::Remote, None);
    let without_url = config(&json!({ "mode": "remote" }));
    check(&without_url, "ws://127.0.0.1:18789", TargetSource::RemoteMissing, None);
    let not_remote = config(&json!({ "mode": "local", "remote": { "url": "ws://10.0.0.2:1" } }));
    check(&not_remote, "ws://127.0.0.1:18789", TargetSource::Local, None);
}

#[test]
fn which_token() {
    use serde_json::json;
    let configured = || config(&json!({ "auth": { "token": "config" } }));
    let url = "ws://127.0.0.1:18789";
    check(&configured(), url, TargetSource::Local, Some("config"));
    let env = || EnvMap::from([("CLAWDBOT_GATEWAY_TOKEN", "env")]);
    let from_env = Case { env: env(), ..configured() };
    check(&from_env, url, TargetSource::Local, Some("env"));
    check(&Case { token: Some("flag"), ..from_env }, url, TargetSource::Local, Some("flag"));
    check(&Case { token: Some(""), ..Case::default() }, url, TargetSource::Local, None);

    let remote = json!({
        "mode": "remote", "auth": { "token": "config" },
        "remote": { "url": "ws://10.0.0.2:1", "token": "remote" },
    });
    let remote = Case { env: env(), ..config(&remote) };
    check(&remote, "ws://10.0.0.2:1", TargetSource::Remote, Some("remote"));
    let pasted = Case { url: Some("ws://10.0.0.2:1"), ..remote };
    check(&pasted, "ws://10.0.0.2:1", TargetSource::Flag, Some("remote"));
}

#[test]
fn a_pasted_url_does_not_get_this_machines_secrets() {
    let configured =
        |url| Case { url: Some(url), ..config(&serde_json::json!({ "auth": { "token": "config" } })) };
    for url in ["ws://127.0.0.1:1", "ws://localhost:1/path", "ws://[::1]:1", "ws://me@127.0.0.1:1"] {
        check(&configured(url), url, TargetSource::Flag, Some("config"));
        assert!(decide(&configured(url)).is_known, "{url}");
    }
    for url in [
        "ws://10.0.0.1:1",
        "ws://127.0.0.1@evil.example",
        "ws://127.0.0.1.evil.example",
        "ws://evil.example/127.0.0.1",
    ] {
        check(&configured(url), url, TargetSource::Flag, None);
        assert!(!decide(&configured(url)).is_known, "{url}");
    }
}

#[test]
fn only_what_was_exported_by_hand_goes_to_an_unknown_gateway() {
    let env = || EnvMap::from([("CLAWDBOT_GATEWAY_TOKEN", "layered")]);
    let known = Case { env: env(), url: Some("ws://127.0.0.1:1"), ..Case::default() };
    check(&known, "ws://127.0.0.1:1", TargetSource::Flag, Some("layered"));
    let unknown = Case { env: env(), url: Some("ws://10.0.0.1:1"), ..Case::default() };
    check(&unknown, "ws://10.0.0.1:1", TargetSource::Flag, None);
    let exported = EnvMap::from([("CLAWDBOT_GATEWAY_TOKEN", "exported")]);
    check(&Case { exported, ..unknown }, "ws://10.0.0.1:1", TargetSource::Flag, Some("exported"));
}

#[test]
fn this_machine_comes_by_loopback_when_it_can() {
    let lan = || Case { running: true, running_url: "ws://10.1.2.3:5", ..Case::default() };
    let by = |urls: &'static [&'static str]| Case { running_urls: urls, ..lan() };
    let own = TargetSource::Running(42);
    check(&by(&["ws://10.1.2.3:5", "ws://127.0.0.1:5", "ws://[::1]:5"]), "ws://127.0.0.1:5", own, None);
    check(&by(&["ws://10.1.2.3:5"]), "ws://10.1.2.3:5", own, None);
    check(&lan(), "ws://10.1.2.3:5", own, None);
}

#[test]
fn runtime_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gateway.json");
    assert_eq!(RunningGateway::read(&path), None);
    let now_ms = crate::platform::clock::unix_ms();
    let write_about = |state_dir: &std::path::Path,
                       process_start: Option<u64>,
                       pid: u32,
                       started_at_ms: u64| {
        let file = serde_json::json!({
            "pid": pid, "startedAtMs": started_at_ms, "processStart": process_start, "url": "ws://127.0.0.1:4242", "urls": ["ws://127.0.0.1:4242"],
            "generation": 3, "profile": "dev", "stateDir": state_dir, "configPath": "/c",
        });
        std::fs::write(&path, file.to_string()).unwrap();
    };
    let write = |pid: u32, started_at_ms: u64| write_about(directory.path(), None, pid, started_at_ms);
    write(std::process::id(), now_ms);
    let url = "ws://127.0.0.1:4242".to_owned();
    let running = RunningGateway {
        pid: std::process::id(),
        started_at_ms: now_ms,
        urls: vec![url.clone()],
        url,
        tls_fingerprint: None,
        profile: Some("dev".to_owned()),
    };
    assert_eq!(RunningGateway::read(&path).as_ref(), Some(&running));
    let copied_from = tempfile::tempdir().unwrap();
    write_about(copied_from.path(), None, std::process::id(), now_ms);
    assert_eq!(RunningGateway::read(&path), None, "it is about another directory");
    #[cfg(target_os = "linux")]
    {
        let mark = crate::platform::pid::start_mark(std::process::id()).unwrap();
        // The clock may have been set since.
        write_about(directory.path(), Some(mark), std::process::id(), 1);
        assert_eq!(RunningGateway::read(&path).map(|found| found.pid), Some(running.pid));
        write_about(directory.path(), Some(mark + 1), std::process::id(), now_ms);
        assert_eq!(RunningGateway::read(&path), None, "the number was given again");
        write(std::process::id(), 1);
        assert_eq!(RunningGateway::read(&path), None, "the number was given again");
    }
    write(0, now_ms);
    assert_eq!(RunningGateway::read(&path), None);
    std::fs::write(&path, "{").unwrap();
    assert_eq!(RunningGateway::read(&path), None);
}

#[test]
fn which_certificate() {
    use serde_json::json;
    const ONE: &str = "1111111111111111111111111111111111111111111111111111111111111111";
    const OTHER: &str = "2222222222222222222222222222222222222222222222222222222222222222";
    let check = |case: &Case, expected: Option<&str>| {
        let expected = expected.map(|text| Fingerprint::parse(text).unwrap());
        assert_eq!(decide(case).pin, expected.map(Ok), "{:?}", case.url);
    };
    let own = |url: Option<&'static str>| Case {
        url,
        running: true,
        running_url: "wss://127.0.0.1:4242",
        running_pin: Some(ONE),
        ..Case::default()
    };
    for url in [None, Some("wss://127.0.0.1:4242"), Some("wss://localhost:4242/"), Some("wss://[::1]:4242")] {
        check(&own(url), Some(ONE));
    }
    // Other gateways, and one that does not speak TLS.
    for url in ["wss://127.0.0.1:4243", "wss://example.org:4242", "ws://127.0.0.1:4242"] {
        check(&own(Some(url)), None);
    }
    check(&Case { pin: Some(OTHER), ..own(None) }, Some(OTHER));

    let remote = json!({ "mode": "remote", "remote": { "url": "wss://r:1", "tlsFingerprint": ONE } });
    check(&config(&remote), Some(ONE));
    check(&Case { url: Some("wss://r:1"), ..config(&remote) }, Some(ONE));
    check(&Case { url: Some("wss://s:1"), ..config(&remote) }, None);
    check(&Case { pin: Some(OTHER), ..config(&remote) }, Some(OTHER));
    let broken = json!({ "mode": "remote", "remote": { "url": "wss://r:1", "tlsFingerprint": "?" } });
    assert_eq!(decide(&config(&broken)).pin, Some(Err(NoFingerprint)));
}

#[test]
fn addresses_of_pages() {
    for (url, base_path, expected) in [
        ("ws://127.0.0.1:18789", "", "http://127.0.0.1:18789/"),
        ("wss://gateway.example/", "/ui", "https://gateway.example/ui/"),
        ("ws://[::1]:1/?x=1", "", "http://[::1]:1/"),
    ] {
        assert_eq!(page(url, base_path), expected);
    }
}
