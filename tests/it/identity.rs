//! Who a client is when it does not come directly: identities that Tailscale vouches for, and proxies. With a
//! stand-in for the `tailscale` command.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::home::Home;
#[cfg(target_os = "linux")]
use crate::support::program::not_run;
use crate::support::program::{BINARY, Run, command, fresh_mark};
use crate::support::tailscale::{Tailscale, complains, says};
use crate::support::watched::Watched;
use crate::support::wire::{Credentials, Wire, connect_frame};

/// What `tailscale serve` sends along for Ada's laptop.
const SERVED: [(&str, &str); 4] = [
    ("x-forwarded-for", "100.64.0.8"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-host", "box.tail1234.ts.net"),
    ("tailscale-user-login", "ada@example.org"),
];

const DEVICE: Credentials = Credentials::Device([5; 32]);

struct Scene {
    _home: Home,
    tailscale: Tailscale,
    gateway: Watched,
}

impl Scene {
    /// A gateway with these members of `gateway`.
    fn new(gateway: &str) -> Self {
        let home = Home::new();
        home.write(".clawdbot/clawdbot.json", &format!("{{ gateway: {{ mode: 'local', {gateway} }} }}"));
        let tailscale = Tailscale::install(&home);
        tailscale.answer("whois-100.64.0.8", &says("whois-user.json"));
        tailscale.answer("whois-100.64.0.9", &says("whois-tagged.json"));
        let mut command = command(Path::new(BINARY), home.path(), &fresh_mark());
        command.args(["gateway", "--port", "0"]).env("PATH", tailscale.path());
        let gateway = Watched::start(command);
        gateway.says("✓ log file: ");
        Self { _home: home, tailscale, gateway }
    }

    fn address(&self) -> SocketAddr {
        self.gateway.address()
    }

    /// The message and the reason of a refusal, or `hello`.
    fn answer(&self, headers: &[(&str, &str)], credentials: &Credentials) -> (String, Value) {
        let mut wire = Wire::open_with(self.address(), "/", headers).unwrap();
        let nonce = wire.challenge().unwrap();
        wire.send(&connect_frame(&nonce, credentials)).unwrap();
        let answer = wire.answer("connect").unwrap();
        if answer["ok"] == json!(true) {
            return ("hello".to_owned(), Value::Null);
        }
        let error = &answer["error"];
        (error["message"].as_str().unwrap().to_owned(), error["details"]["reason"].clone())
    }

    fn whois(&self) -> Vec<String> {
        self.tailscale.asked().into_iter().filter(|asked| asked.starts_with("whois")).collect()
    }
}

fn with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let others = SERVED.into_iter().filter(|(other, _)| *other != name);
    others.chain((!value.is_empty()).then_some((name, value))).collect()
}

fn token(text: &str) -> Credentials {
    Credentials::Token(text.to_owned())
}

const MISSING: &str =
    "unauthorized: tailscale identity missing (use Tailscale Serve auth or gateway token/password)";
const NO_PROXY: &str =
    "unauthorized: tailscale proxy headers missing (use Tailscale Serve or gateway token/password)";
const MISMATCH: &str =
    "unauthorized: tailscale identity mismatch (use Tailscale Serve auth or gateway token/password)";
const FAILED: &str =
    "unauthorized: tailscale identity check failed (use Tailscale Serve auth or gateway token/password)";

#[test]
fn an_identity_is_enough_when_tailscale_names_the_same_user() {
    let scene = Scene::new("auth: { allowTailscale: true, token: 't' }");
    // It is who it says; as a new device of another machine it still waits for a person.
    assert_eq!(scene.answer(&SERVED, &DEVICE).0, "pairing required");
    assert_eq!(scene.answer(&with("tailscale-user-login", "ADA@example.org"), &DEVICE).0, "pairing required");
    assert_eq!(scene.whois(), ["whois --json 100.64.0.8"], "the second answer is remembered");
    assert_eq!(scene.answer(&SERVED, &token("t")).0, "hello");
    // The same without a claim.
    let (message, reason) = scene.answer(&with("tailscale-user-login", ""), &DEVICE);
    assert!(message.starts_with("unauthorized: gateway token missing"), "{message}");
    assert_eq!(reason, "token_missing");
}

#[test]
fn headers_that_anybody_can_write_are_not_believed() {
    let scene = Scene::new("auth: { allowTailscale: true, token: 't' }");
    for (headers, message, reason) in [
        (with("tailscale-user-login", "eve@example.org"), MISMATCH, "tailscale_user_mismatch"),
        (with("x-forwarded-for", "100.64.0.77"), MISMATCH, "tailscale_user_mismatch"),
        (with("x-forwarded-for", "100.64.0.9"), MISMATCH, "tailscale_user_mismatch"),
        (with("x-forwarded-for", ""), NO_PROXY, "tailscale_proxy_missing"),
        (with("x-forwarded-for", "127.0.0.1"), NO_PROXY, "tailscale_proxy_missing"),
        (with("x-forwarded-for", "203.0.113.9"), NO_PROXY, "tailscale_proxy_missing"),
        (with("x-forwarded-for", "100.64.0.8, 100.64.0.8"), NO_PROXY, "tailscale_proxy_missing"),
        (with("x-forwarded-for", "--help"), NO_PROXY, "tailscale_proxy_missing"),
        (with("x-forwarded-proto", ""), NO_PROXY, "tailscale_proxy_missing"),
        (with("x-forwarded-host", ""), NO_PROXY, "tailscale_proxy_missing"),
        (with("tailscale-funnel-request", "?1"), NO_PROXY, "tailscale_proxy_missing"),
    ] {
        assert_eq!(scene.answer(&headers, &DEVICE), (message.to_owned(), json!(reason)), "{headers:?}");
        // The claim does not spoil a right token, nor help a wrong one.
        assert_eq!(scene.answer(&headers, &token("t")).0, "hello", "{headers:?}");
    }
    // With everything missing but the login, it is a direct client with a strange header.
    let (message, _) = scene.answer(&[("tailscale-user-login", "ada@example.org")], &DEVICE);
    assert!(message.starts_with("unauthorized: gateway token missing"), "{message}");
    let tagged =
        [SERVED[1], SERVED[2], ("x-forwarded-for", "100.64.0.9"), ("tailscale-user-login", "tagged-devices")];
    assert_eq!(scene.answer(&tagged, &DEVICE).0, MISMATCH);
    assert_eq!(
        scene.whois().len(),
        3,
        "only addresses of the tailnet are asked about, once: {:?}",
        scene.whois()
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_of_another_user_is_not_the_proxy() {
    use rustix::process::{Uid, geteuid};

    if !geteuid().is_root() {
        return not_run("only root can be another user");
    }
    let scene = Scene::new("auth: { allowTailscale: true, token: 't' }");
    let answer = std::thread::scope(|threads| {
        let other = threads.spawn(|| {
            // This thread alone.
            rustix::thread::set_thread_uid(Uid::from_raw(65_534)).unwrap();
            scene.answer(&SERVED, &DEVICE)
        });
        other.join().unwrap()
    });
    assert_eq!(answer, (NO_PROXY.to_owned(), json!("tailscale_proxy_missing")));
    assert_eq!(scene.whois(), Vec::<String>::new());
    assert_eq!(scene.answer(&SERVED, &DEVICE).0, "pairing required");
}

#[test]
fn without_auth_an_identity_is_demanded_of_everybody_who_is_not_local() {
    let scene = Scene::new("tailscale: { mode: 'serve' }");
    assert_eq!(scene.answer(&[], &DEVICE).0, "hello");
    assert_eq!(scene.answer(&[], &token("any")).0, "hello");
    assert_eq!(scene.answer(&SERVED, &token("any")).0, "hello");
    for (headers, message) in [
        (with("tailscale-user-login", ""), MISSING),
        (with("tailscale-user-login", "eve@example.org"), MISMATCH),
        (with("x-forwarded-for", ""), NO_PROXY),
        (vec![("x-real-ip", "127.0.0.1")], MISSING),
    ] {
        assert_eq!(scene.answer(&headers, &token("any")).0, message, "{headers:?}");
    }
}

#[test]
fn without_an_answer_nobody_is_believed() {
    let scene = Scene::new("auth: { allowTailscale: true, token: 't' }");
    for answer in [
        complains("failed to connect to local tailscaled; it doesn't appear to be running", 1),
        "echo nonsense".to_owned(),
        "echo '{}'".to_owned(),
        "exec sleep 1000".to_owned(),
    ] {
        scene.tailscale.answer("whois-100.64.0.8", &answer);
        let expected = (FAILED.to_owned(), json!("tailscale_whois_failed"));
        assert_eq!(scene.answer(&SERVED, &DEVICE), expected, "{answer}");
    }
    // Nothing of that is remembered.
    scene.tailscale.answer("whois-100.64.0.8", &says("whois-user.json"));
    assert_eq!(scene.answer(&SERVED, &DEVICE).0, "pairing required");
}

#[test]
fn identities_do_not_count_unless_they_were_allowed() {
    for gateway in [
        "auth: { token: 't' }",
        "auth: { token: 't', allowTailscale: false }, tailscale: { mode: 'serve' }",
        "auth: { token: 't', mode: 'token' }",
    ] {
        let scene = Scene::new(gateway);
        let (message, _) = scene.answer(&SERVED, &DEVICE);
        assert!(message.starts_with("unauthorized: gateway token missing"), "{gateway}: {message}");
        assert_eq!(scene.whois(), Vec::<String>::new());
    }
    let scene = Scene::new("auth: { password: 'p' }, tailscale: { mode: 'serve' }");
    let (message, _) = scene.answer(&SERVED, &DEVICE);
    assert!(message.starts_with("unauthorized: gateway password missing"), "{message}");
    let scene = Scene::new("tailscale: { mode: 'off' }");
    assert_eq!(scene.answer(&SERVED, &token("any")).0, "gateway auth required behind reverse proxy");
}

#[test]
fn what_comes_through_a_proxy_is_never_local() {
    for trusted in ["'127.0.0.1'", "'127.0.0.0/8', '::1'"] {
        let scene = Scene::new(&format!("trustedProxies: [{trusted}]"));
        assert_eq!(scene.answer(&[], &DEVICE).0, "hello", "a local device is paired silently");
        let other = Credentials::Device([6; 32]);
        for (name, address) in [
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-for", "127.0.0.1, 203.0.113.9"),
            ("x-forwarded-for", "unknown"),
            ("x-real-ip", "127.0.0.1"),
            ("forwarded", "for=127.0.0.1"),
        ] {
            assert_eq!(scene.answer(&[(name, address)], &other).0, "pairing required", "{name}: {address}");
        }
    }
    let scene = Scene::new("trustedProxies: ['10.0.0.0/8']");
    let (message, _) = scene.answer(&[("x-forwarded-for", "127.0.0.1")], &DEVICE);
    assert_eq!(message, "gateway auth required behind reverse proxy");
}

#[test]
fn a_proxy_that_cannot_be_read_is_refused() {
    let home = Home::new();
    let config = "{ gateway: { mode: 'local', trustedProxies: ['127.0.0.1', 'proxy.example'] } }";
    home.write(".clawdbot/clawdbot.json", config);
    let finished = Run::new(&home, &["gateway", "--port", "0"]).finish().expect_code(78);
    assert_eq!(
        finished.stderr,
        "gateway.trustedProxies[1]: \"proxy.example\" is neither an IP address nor a network.\n\
         Write the address that the proxy connects from, for example \"127.0.0.1\" or \"10.0.0.0/8\".\n"
    );
}
