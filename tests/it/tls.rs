//! TLS on the gateway's port: what it serves with, what it refuses, and what plain or hostile clients get.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::foreground::Started;
use crate::support::harness;
use crate::support::home::{Home, config_text};
use crate::support::http;
#[cfg(unix)]
use crate::support::process;
use crate::support::program::{Finished, Run};
use crate::support::tls;
use crate::support::wait::{self, PATIENCE};

const REFUSED: i32 = 78;

/// A home whose gateway speaks TLS, with these members of `gateway.tls` besides.
fn home_with(tls: &str) -> Home {
    let home = Home::new();
    let config = format!("{{ gateway: {{ mode: 'local', tls: {{ enabled: true, {tls} }} }} }}");
    home.write(".clawdbot/clawdbot.json", &config);
    home
}

fn start(home: &Home) -> Started {
    Started::new(home, &["gateway", "--port", "0"])
}

fn certificate(home: &Home) -> PathBuf {
    home.path().join(".clawdbot/gateway/tls/gateway-cert.pem")
}

fn fingerprint(lines: &[String]) -> &str {
    let found = lines.iter().find_map(|line| line.strip_prefix("✓ TLS certificate SHA-256: "));
    found.unwrap_or_else(|| panic!("no fingerprint in {lines:#?}"))
}

#[test]
fn the_whole_port_speaks_tls_with_one_certificate_over_restarts() {
    let home = home_with("");
    let gateway = start(&home);
    let first = format!("✓ listening on wss://127.0.0.1:{} (PID {})", gateway.port(), gateway.child.id());
    assert_eq!(gateway.lines[1], first);
    for version in [&[&rustls::version::TLS12], &[&rustls::version::TLS13]] {
        for name in ["localhost", "127.0.0.1", "::1"] {
            tls::connect(gateway.address(), name, &certificate(&home), version).unwrap();
        }
    }
    let health = tls::get(gateway.address(), "/health", &certificate(&home)).unwrap();
    assert_eq!(health.status, 200, "{health:?}");
    let runtime: Value = serde_json::from_str(&home.read(".clawdbot/gateway.json")).unwrap();
    assert_eq!(runtime["url"], format!("wss://127.0.0.1:{}", gateway.port()));
    assert_eq!(runtime["tlsFingerprint"], fingerprint(&gateway.lines));
    let log = home.read(".clawdbot/logs/gateway.log");
    assert!(log.contains(fingerprint(&gateway.lines)), "{log}");

    let before = fingerprint(&gateway.lines).to_owned();
    drop(gateway);
    assert_eq!(fingerprint(&start(&home).lines), before);
}

#[test]
fn who_speaks_plainly_is_told_and_who_speaks_nonsense_is_let_go() {
    let home = home_with("");
    let gateway = start(&home);
    let plain = http::get(gateway.address(), "/health", &[], PATIENCE).unwrap();
    assert_eq!((plain.status, plain.body.as_str()), (400, "This port speaks TLS: use https:// or wss://\n"));

    let handshake = [0x16, 0x03, 0x01];
    for sent in [
        b"\0\0\0\0".as_slice(),
        b"\x80\x2e\x01\x00\x02",
        &[&handshake[..], &[0xff; 2000]].concat(),
        &[&handshake[..], &[0, 5, 1, 0, 0, 1, 0]].concat(),
        &vec![0xff; 70_000],
    ] {
        let mut stream = TcpStream::connect(gateway.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // It may be closed before everything is sent.
        let _ = stream.write_all(sent);
        let begin = Instant::now();
        let _ = stream.read_to_end(&mut Vec::new());
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", &sent[..4]);
    }
    assert_eq!(tls::get(gateway.address(), "/ready", &certificate(&home)).unwrap().status, 200);
}

#[test]
fn who_begins_and_does_not_go_on_is_cut_off_and_delays_no_stop() {
    let home = home_with("");
    let gateway = start(&home);
    let open = |sent: &[u8]| {
        let mut stream = TcpStream::connect(gateway.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(sent).unwrap();
        stream
    };
    let begin = Instant::now();
    let mut waiting: Vec<TcpStream> = [b"".as_slice(), b"\x16", b"\x16\x03\x01\x02\x00\x01"].map(open).into();
    for stream in &mut waiting {
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let took = begin.elapsed();
    assert!((9..15).contains(&took.as_secs()), "{took:?}");
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process};

        let mut gateway = gateway;
        let _waiting = TcpStream::connect(gateway.address()).unwrap();
        let begin = Instant::now();
        kill_process(Pid::from_child(&gateway.child), Signal::TERM).unwrap();
        assert_eq!(gateway.child.wait().unwrap().code(), Some(0));
        assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    }
}

#[test]
fn what_cannot_serve_is_refused_before_anything_listens() {
    let refused = |tls: &str, arrange: &dyn Fn(&Home), expected: &str| {
        let home = home_with(tls);
        arrange(&home);
        let finished = Run::new(&home, &["gateway", "--port", "0"]).finish().expect_code(REFUSED);
        let expected = expected.replace('~', &home.path().display().to_string());
        assert_eq!((finished.stderr.as_str(), finished.stdout.as_str()), (expected.as_str(), ""));
    };
    let nothing = |_: &Home| {};
    refused(
        "certPath: '~/c.pem', keyPath: '~/k.pem'",
        &nothing,
        "Error: gateway tls: there is no certificate at ~/c.pem\nSet gateway.tls.certPath to an existing file, or \
         remove gateway.tls.certPath and gateway.tls.keyPath to have a certificate made.\n",
    );
    refused(
        "certPath: '~/c.pem'",
        &nothing,
        "gateway tls: gateway.tls.certPath is set, but gateway.tls.keyPath is not.\n\
         Set both, or remove both to have a certificate made.\n",
    );
    refused(
        "autoGenerate: false",
        &nothing,
        "Error: gateway tls: there is no certificate at ~/.clawdbot/gateway/tls/gateway-cert.pem\n\
         Set gateway.tls.certPath and gateway.tls.keyPath, or remove gateway.tls.autoGenerate=false to have one made.\n",
    );
    // A file where the directory should be: nothing can be made there.
    refused(
        "",
        &|home| drop(home.write(".clawdbot/gateway", "")),
        "Error: gateway tls: failed to write ~/.clawdbot/gateway/tls/gateway-key.pem: Not a directory (os error 20)\n\
         Make its directory writable, or set gateway.tls.certPath and gateway.tls.keyPath to files that exist.\n",
    );
}

#[test]
fn dev_mode_speaks_tls_and_keeps_the_gateway_when_a_certificate_is_broken() {
    let home = Home::new();
    let secure = |more: &str| {
        let text = config_text(&home, "Secure", "");
        text.replace("mode: \"local\"", &format!("mode: \"local\", tls: {{ enabled: true, {more} }}"))
    };
    fs::create_dir_all(home.state()).unwrap();
    fs::write(home.config(), secure("")).unwrap();
    let harness = harness::in_home(&home).start().armed();
    let trusted = home.state().join("gateway/tls/gateway-cert.pem");
    let generation = |harness: &harness::Harness| {
        let health = tls::get(harness.address(), "/health", &trusted).unwrap();
        http::parse_health(&health).unwrap().generation
    };
    assert_eq!(generation(&harness), 1);

    let mark = harness.mark();
    fs::write(home.config(), secure("certPath: \"none.pem\", keyPath: \"none.key\"")).unwrap();
    let kept = harness.kept(mark);
    assert!(kept.message().contains("there is no certificate at"), "{}", kept.value);
    assert_eq!(generation(&harness), 1);

    let mark = harness.mark();
    fs::write(home.config(), secure("").replace("Secure", "Renamed")).unwrap();
    let reloaded = harness.reloaded(mark);
    assert!(reloaded.value["tlsFingerprint"].is_string(), "{}", reloaded.value);
    assert!(generation(&harness) > 1);
}

#[test]
fn no_connection_is_lost_when_generations_change() {
    let home = Home::new();
    let config = config_text(&home, "Secure", "");
    fs::create_dir_all(home.state()).unwrap();
    fs::write(home.config(), config.replace("gateway: {", "gateway: { tls: { enabled: true },")).unwrap();
    let harness = harness::in_home(&home).start().armed();
    let (address, trusted) = (harness.address(), home.state().join("gateway/tls/gateway-cert.pem"));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut answers = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let health = tls::get(address, "/health", &trusted).map(|health| health.status);
                        assert_eq!(health, Ok(200), "after {answers} answers");
                        answers += 1;
                    }
                    answers
                })
            })
            .collect();
        for turn in 0..5 {
            let mark = harness.mark();
            fs::write(home.workspace().join("AGENTS.md"), format!("# {turn}\n")).unwrap();
            let event = harness.try_wait(mark, PATIENCE, |event| event.is("reloaded"));
            if event.is_err() {
                stop.store(true, Ordering::Relaxed);
            }
            event.unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        let answers: u32 = clients.into_iter().map(|client| client.join().unwrap()).sum();
        assert!(answers > 20, "{answers}");
    });
}

#[cfg(unix)]
#[test]
fn a_renewed_certificate_is_served_after_sighup() {
    let home = home_with("certPath: '~/c.pem', keyPath: '~/k.pem'");
    let renew = || {
        let key = rcgen::KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned()];
        let certificate = rcgen::CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
        home.write("c.pem", &certificate.pem());
        let key = home.write("k.pem", &key.serialize_pem());
        fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    };
    renew();
    let gateway = start(&home);
    let before = fingerprint(&gateway.lines).to_owned();
    renew();
    process::signal(gateway.child.id(), rustix::process::Signal::HUP);
    let after = wait::until("the new certificate is served", PATIENCE, || {
        let text = fs::read_to_string(home.path().join(".clawdbot/gateway.json")).ok()?;
        let runtime: Value = serde_json::from_str(&text).ok()?;
        runtime["tlsFingerprint"].as_str().filter(|new| *new != before).map(str::to_owned)
    });
    let url = format!("wss://127.0.0.1:{}", gateway.port());
    ask(&url, &["--tls-fingerprint", &after]).expect_code(0);
    ask(&url, &["--tls-fingerprint", &before])
        .expect_code(1)
        .expect_stderr("gateway tls fingerprint mismatch");
}

/// `gateway health` of another home than the gateway's, which knows nothing about it.
fn ask(url: &str, more: &[&str]) -> Finished {
    let arguments = [&["gateway", "health", "--url", url][..], more].concat();
    Run::new(&Home::new(), &arguments).finish()
}

#[test]
fn the_profiles_own_gateway_is_recognised_without_more() {
    let home = home_with("");
    let gateway = start(&home);
    let health = |arguments: &[&str]| Run::new(&home, arguments).finish();
    let healthy = health(&["gateway", "health"]).expect_code(0);
    assert!(healthy.stdout.starts_with("✓ Gateway is healthy\n"), "{}", healthy.stdout);
    let by_name = format!("wss://localhost:{}", gateway.port());
    health(&["gateway", "health", "--url", &by_name]).expect_code(0);
    let plain = format!("ws://127.0.0.1:{}", gateway.port());
    health(&["gateway", "health", "--url", &plain]).expect_code(3).expect_stderr(
        "it answers HTTP 400 Bad Request instead of upgrading: This port speaks TLS: use https:// or wss://",
    );

    // Without its runtime file it is recognised by the certificate file.
    fs::remove_file(home.path().join(".clawdbot/gateway.json")).unwrap();
    let port = gateway.port().to_string();
    Run::new(&home, &["gateway", "health"]).env("CLAWDBOT_GATEWAY_PORT", &port).finish().expect_code(0);
    fs::remove_dir_all(home.path().join(".clawdbot/gateway/tls")).unwrap();
    Run::new(&home, &["gateway", "health"])
        .env("CLAWDBOT_GATEWAY_PORT", &port)
        .finish()
        .expect_code(1)
        .expect_stderr("is not trusted: it is self-signed");
}

#[test]
fn a_gateway_elsewhere_is_recognised_by_its_fingerprint_alone() {
    let home = home_with("");
    let gateway = start(&home);
    let url = format!("wss://127.0.0.1:{}", gateway.port());
    let right = fingerprint(&gateway.lines);

    let stranger = ask(&url, &[]).expect_code(1);
    let advice =
        format!("Fix: if it is the same: --tls-fingerprint {right} (or gateway.remote.tlsFingerprint)\n");
    stranger
        .expect_stderr(&advice)
        .expect_stderr("Error: the certificate of the gateway is not trusted: it is self-signed\n");
    ask(&url, &["--tls-fingerprint", right]).expect_code(0);
    ask(&url, &["--tls-fingerprint", &format!("SHA256:{}", right.to_uppercase())]).expect_code(0);

    let wrong = "0".repeat(64);
    let mismatch = ask(&url, &["--tls-fingerprint", &wrong]).expect_code(1);
    let expected =
        format!("Error: gateway tls fingerprint mismatch\nExpected:  {wrong}\nPresented: {right}\n");
    mismatch.expect_stderr(&expected);
    ask(&url, &["--tls-fingerprint", "abc"]).expect_code(2).expect_stderr("gateway tls fingerprint missing");
    ask(&url.replace("wss:", "ws:"), &["--tls-fingerprint", right])
        .expect_code(2)
        .expect_stderr("Error: gateway tls fingerprint requires wss:// gateway url\n");

    let remote = |pin: &str| {
        let client = Home::new();
        let config = format!(
            "{{ gateway: {{ mode: 'remote', remote: {{ url: '{url}', tlsFingerprint: '{pin}' }} }} }}"
        );
        client.write(".clawdbot/clawdbot.json", &config);
        Run::new(&client, &["gateway", "call", "status", "--json"]).finish()
    };
    remote(right).expect_code(0);
    let answer: Value = serde_json::from_str(&remote(&wrong).expect_code(1).stdout).unwrap();
    assert!(
        answer["error"]["message"].as_str().unwrap().contains("gateway tls fingerprint mismatch"),
        "{answer}"
    );
    let broken = remote("nonsense").expect_code(1);
    assert!(broken.stdout.contains("gateway tls fingerprint missing"), "{}", broken.stdout);
}

#[test]
fn authorities_of_the_system_are_believed_for_the_right_name() {
    let home = home_with("");
    let gateway = start(&home);
    let trusting = |url: &str| {
        Run::new(&Home::new(), &["gateway", "health", "--url", url])
            .env("SSL_CERT_FILE", certificate(&home))
            .finish()
    };
    let url = |host: &str| format!("wss://{host}:{}", gateway.port());
    trusting(&url("localhost")).expect_code(0);
    trusting(&url("127.0.0.1")).expect_code(0);
}

#[test]
fn what_is_no_gateway_is_not_waited_for() {
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("wss://{}", silent.local_addr().unwrap());
    ask(&url, &["--timeout", "300"]).expect_code(3).expect_stderr("Cause: no answer within 300ms");
    let home = Home::new();
    let plain = Started::new(&home, &["gateway", "--port", "0", "--allow-unconfigured"]);
    ask(&format!("wss://127.0.0.1:{}", plain.port()), &[])
        .expect_code(3)
        .expect_stderr("what answers there does not speak TLS; is it a ws:// gateway?");
}
