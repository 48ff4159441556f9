//! A profile with secrets in it, wherever people and programs leave them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use serde_json::json;

/// The secrets of a profile, by where they are kept.
#[derive(Debug, Clone)]
pub(super) struct Secrets {
    pub(super) token: String,
    pub(super) password: String,
    pub(super) variable: String,
    pub(super) environment: String,
    pub(super) unnamed: String,
    pub(super) device: String,
    pub(super) node: String,
    pub(super) profile: String,
    pub(super) issued: String,
    pub(super) bearer: String,
    pub(super) frame: String,
    pub(super) private: String,
    pub(super) url: String,
}

/// Text that nobody writes by chance, of any characters.
fn odd() -> impl Strategy<Value = String> {
    ("[A-Za-z0-9äß€\"\\\\/&<>+=%.,:; _-]{8,30}", "[0-9]{3}").prop_map(|(text, digits)| {
        let text = text.replace("${", "");
        format!("q{}{digits}w", text.trim())
    })
}

/// The same without what a `.env` or a URL would take for something else.
fn plain() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_-]{12,40}".prop_map(|text| format!("k{text}7"))
}

pub(super) fn secrets() -> impl Strategy<Value = Secrets> {
    let of_documents = (odd(), odd(), plain(), odd(), plain());
    let of_state = ("[0-9a-f]{32}", "[0-9a-f]{32}", plain(), "[A-Za-z0-9]{24,40}");
    (of_documents, of_state, plain(), odd(), any::<[u8; 32]>(), plain()).prop_map(
        |(
            (token, password, variable, environment, unnamed),
            (device, node, profile, issued),
            bearer,
            frame,
            seed,
            url,
        )| {
            let key = SigningKey::from_bytes(&seed);
            let mut der = vec![
                0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
                0x20,
            ];
            der.extend(key.to_bytes());
            Secrets {
                token,
                password,
                variable,
                environment,
                unnamed,
                device,
                node,
                profile,
                issued: format!("sk-ant-{issued}"),
                bearer,
                frame,
                private: STANDARD.encode(der),
                url,
            }
        },
    )
}

impl Secrets {
    /// With their names.
    fn named(&self) -> [(&'static str, &str); 13] {
        [
            ("token", &self.token),
            ("password", &self.password),
            ("variable", &self.variable),
            ("environment", &self.environment),
            ("unnamed", &self.unnamed),
            ("device", &self.device),
            ("node", &self.node),
            ("profile", &self.profile),
            ("issued", &self.issued),
            ("bearer", &self.bearer),
            ("frame", &self.frame),
            ("private", &self.private),
            ("url", &self.url),
        ]
    }

    /// Their values.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.named().into_iter().map(|(_, value)| value)
    }
}

/// Where one of them is told once more, and in which form.
#[derive(Debug, Clone)]
pub(super) struct Place {
    secret: prop::sample::Index,
    file: File,
    form: Form,
}

#[derive(Debug, Clone, Copy)]
enum File {
    Note,
    Transcript,
    State,
    Log,
    Frame,
    Bytes,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Marked,
    Json,
    Url,
    Basic,
    UrlSafe,
    Header,
    Within,
}

impl Arbitrary for Place {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let file = prop::sample::select(vec![
            File::Note,
            File::Transcript,
            File::State,
            File::Log,
            File::Frame,
            File::Bytes,
        ]);
        let form = prop::sample::select(vec![
            Form::Marked,
            Form::Json,
            Form::Url,
            Form::Basic,
            Form::UrlSafe,
            Form::Header,
            Form::Within,
        ]);
        (any::<prop::sample::Index>(), file, form)
            .prop_map(|(secret, file, form)| Self { secret, file, form })
            .boxed()
    }
}

impl Form {
    fn of(self, name: &str, secret: &str) -> String {
        match self {
            Self::Marked => format!("<{name}>{secret}</{name}>"),
            Self::Json => {
                json!({ "inner": secret, "again": json!({ "deep": secret }).to_string() }).to_string()
            }
            Self::Url => {
                let escaped =
                    percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC);
                format!("https://example.com/?q={escaped}&x=1")
            }
            Self::Basic => format!("Basic {}", STANDARD.encode(format!("ada:{secret}"))),
            Self::UrlSafe => URL_SAFE_NO_PAD.encode(format!("{name}{secret}{name}")),
            Self::Header => format!("authorization: {secret}"),
            Self::Within => format!("x{secret}x"),
        }
    }
}

/// A profile on the disk.
pub(super) struct Planted<'s> {
    secrets: &'s Secrets,
}

impl<'s> Planted<'s> {
    pub(super) fn new(home: &Path, secrets: &'s Secrets, places: &[Place]) -> Self {
        let write = |path: &str, text: &str| {
            let path = home.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let named = secrets.named();
        let told = |file: fn(File) -> bool| -> Vec<String> {
            let of = |place: &Place| {
                let (name, secret) = named[place.secret.index(named.len())];
                place.form.of(name, secret)
            };
            places.iter().filter(|place| file(place.file)).map(of).collect()
        };
        let config = json!({
            "gateway": { "mode": "local", "auth": { "token": secrets.token, "password": secrets.password } },
            "hooks": { "token": "${A_TOKEN}", "path": format!("{}/x", home.display()) },
            "models": { "providers": { "p": { "apiKey": "${OUTER_TOKEN}" } } },
        });
        write(".clawdbot/clawdbot.json", &config.to_string());
        write(
            ".clawdbot/.env",
            &format!("A_TOKEN={}\nSOMETHING='{}'\nTZ=UTC\n", secrets.variable, secrets.unnamed),
        );
        write(
            ".clawdbot/devices/paired.json",
            &json!({ "d": { "tokens": { "operator": { "token": secrets.device, "role": "operator" } } } })
                .to_string(),
        );
        write(
            ".clawdbot/nodes/paired.json",
            &json!({ "n": { "nodeId": "n", "token": secrets.node } }).to_string(),
        );
        let profiles = json!({ "profiles": { "a": { "type": "api_key", "key": secrets.profile, "made": "2026-01-24" } } });
        write(".clawdbot/agents/main/agent/auth-profiles.json", &profiles.to_string());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", secrets.private);
        write(".clawdbot/identity/device.json", &json!({ "version": 1, "privateKeyPem": pem }).to_string());
        let note = format!(
            "# Note\n\nThe key is {}, at https://ada:{}@example.com/x.\n",
            secrets.issued, secrets.url
        );
        write("clawd/note.md", &(note + &told(|file| matches!(file, File::Note)).join("\n")));
        let lines = told(|file| matches!(file, File::Transcript));
        let lines: Vec<String> =
            lines.iter().map(|text| json!({ "content": text, "cwd": home }).to_string()).collect();
        write(".clawdbot/agents/main/sessions/one.jsonl", &(lines.join("\n") + "\n"));
        write(
            ".clawdbot/settings/some.json",
            &json!({ "list": told(|file| matches!(file, File::State)) }).to_string(),
        );
        let mut log = vec![format!("got authorization: Bearer {}", secrets.bearer)];
        log.extend(told(|file| matches!(file, File::Log)));
        let log: Vec<String> = log.iter().map(|text| json!({ "0": "{}", "2": text }).to_string()).collect();
        write(".clawdbot/logs/gateway.log", &(log.join("\n") + "\n"));
        let mut at = 0;
        let mut line = |rest: serde_json::Value| {
            at += 1;
            let mut line = json!({ "at": at, "ts": at, "conn": "c" });
            line.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            line.to_string() + "\n"
        };
        let auth = json!({ "password": secrets.frame });
        let frame = json!({ "type": "req", "id": "1", "method": "connect", "params": { "auth": auth } });
        let mut journal = line(json!({ "event": "in", "frame": frame }));
        for text in told(|file| matches!(file, File::Frame)) {
            journal += &line(json!({ "event": "out", "frame": { "payload": { "text": text } } }));
        }
        for text in told(|file| matches!(file, File::Bytes)) {
            journal += &line(json!({ "event": "in", "bytes": STANDARD.encode(text) }));
        }
        let recording = ".clawdbot/recordings/1769248800000";
        write(&format!("{recording}/1769248800000-g1-1.jsonl"), &journal);
        let start = json!({
            "format": 2, "program": "0.1.0", "home": home, "stateDir": home.join(".clawdbot"),
            "configPath": home.join(".clawdbot/clawdbot.json"), "workspace": home.join("clawd"), "profile": null,
            "args": ["gateway", "--token", secrets.token, "--record"],
            "env": { "CLAWDBOT_GATEWAY_PASSWORD": secrets.password },
        });
        write(&format!("{recording}/start.json"), &start.to_string());
        Self { secrets }
    }

    /// What stands between the marks of a secret, wherever it was marked.
    pub(super) fn marked(&self, entries: &BTreeMap<String, Vec<u8>>) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        for text in entries.values().map(|bytes| String::from_utf8_lossy(bytes)) {
            for (name, _) in self.secrets.named() {
                let (open, close) = (format!("<{name}>"), format!("</{name}>"));
                for part in text.split(&open).skip(1) {
                    found.push((name, part.split(&close).next().unwrap().to_owned()));
                }
            }
        }
        found
    }
}
