//! `sessions.list` over ten thousand sessions with a gibibyte of transcripts, and `config.schema`.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};

use super::server::Server;
use crate::figures::Figures;
use crate::load::{self, Bound};
use crate::options::Options;
use crate::support::home::Home;

const SESSIONS: u64 = 10_000;
/// Of each transcript; together a gibibyte. What lies between the first and the last lines is a hole.
const TRANSCRIPT: u64 = (1 << 30) / SESSIONS;

const LISTS: [(&str, &str); 5] = [
    ("all", "{}"),
    ("page", r#"{"limit":50}"#),
    ("titles", r#"{"limit":50,"includeDerivedTitles":true}"#),
    ("last", r#"{"limit":50,"includeLastMessage":true}"#),
    ("search", r#"{"search":"number 77","includeDerivedTitles":true,"includeLastMessage":true}"#),
];

/// One request after another, as one user interface sends them.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let home = Home::new();
    fill(&home);
    let server = Server::ours_in(options, home);
    let mut measure = |id: &str, method: &str, params: &str| {
        let request = format!(r#"{{"type":"req","id":"1","method":"{method}","params":{params}}}"#);
        let once = Bound { within: Duration::from_secs(5), at_most: 1 };
        // The first one reads the store.
        let _ = load::requests(server.address, 1, &request, once);
        let bound = Bound { at_most: options.rounds(100), ..once };
        figures.put_pace(id, &load::requests(server.address, 1, &request, bound));
    };
    for (name, params) in LISTS {
        measure(&format!("protocol.sessions.{name}"), "sessions.list", params);
    }
    measure("protocol.schema", "config.schema", "{}");
}

/// Writes the store of agent `main` and its transcripts.
fn fill(home: &Home) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_millis();
    let now = u64::try_from(now).expect("before the year 500 million");
    let folder = ".clawdbot/agents/main/sessions";
    let mut store = Map::new();
    for number in 0..SESSIONS {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        let entry = json!({
            "sessionId": id,
            "updatedAt": now - number * 1000,
            "systemSent": true,
            "chatType": "direct",
            "origin": { "label": format!("Person number {number}"), "provider": "telegram" },
            "lastChannel": "telegram",
            "lastTo": format!("telegram:{number}"),
            "inputTokens": 1200,
            "outputTokens": 340,
            "totalTokens": 1540,
            "model": "claude-opus-4-5",
            "contextTokens": 200_000,
        });
        store.insert(format!("agent:main:telegram:dm:{number}"), entry);
        transcript(home, &format!("{folder}/{id}.jsonl"), number);
    }
    home.write(&format!("{folder}/sessions.json"), &Value::Object(store).to_string());
}

fn transcript(home: &Home, path: &str, number: u64) {
    let message = |role: &str, text: &str| {
        let content = json!([{ "type": "text", "text": text }]);
        json!({ "type": "message", "message": { "role": role, "content": content } }).to_string() + "\n"
    };
    let head = json!({ "type": "session", "version": 1, "id": number }).to_string()
        + "\n"
        + &message("user", &format!("Question number {number}: what is the weather?"))
        + &message("assistant", "It depends on the place.");
    let tail = String::from("\n") + &message("assistant", &format!("Answer number {number}: it rains."));
    let written = || -> std::io::Result<()> {
        let mut file = File::options().write(true).open(home.write(path, &head))?;
        file.seek(SeekFrom::Start(TRANSCRIPT))?;
        file.write_all(tail.as_bytes())
    };
    written().expect("a transcript is written");
}
