//! `dev capture`: of a profile with a gibibyte of conversations, and of an ordinary session.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::figures::Figures;
use crate::load::{self, Bound};
use crate::machine;
use crate::options::Options;
use crate::stats;
use crate::support::gateway::{self, configure};
use crate::support::home::Home;
use crate::support::program::{self, Run, fresh_mark};
use crate::support::wait;

/// Bytes of all transcripts, and of each.
const ALL: usize = 1 << 30;
const EACH: usize = 8 << 20;

/// Words of conversations.
const WORDS: [&str; 24] = [
    "the", "gateway", "answers", "a", "request", "of", "every", "client", "that", "has", "key", "and",
    "waits", "for", "next", "one", "while", "sessions", "are", "kept", "in", "files", "error", "path",
];

/// Both.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let home = Home::new();
    let bytes = if options.quick { ALL / 10 } else { ALL };
    fill(&home, bytes);
    let mut times = Vec::new();
    let mut memory: f64 = 0.0;
    for round in 0..options.rounds(3).min(3) {
        let (took, peak) = capture(options, &home, &format!("{round}.capsule.tar.gz"));
        times.push(took);
        memory = memory.max(peak);
        fs::remove_file(home.path().join(format!("{round}.capsule.tar.gz"))).expect("it is there");
    }
    figures.put("capture.large", stats::median(&times));
    figures.put("capture.large.memory", memory);
    session(options, figures);
}

/// Milliseconds, and the most memory in mebibytes.
fn capture(options: &Options, home: &Home, name: &str) -> (f64, f64) {
    let mut command = program::command(&options.binary, home.path(), &fresh_mark());
    command.args(["dev", "capture", name, "--yes", "--max-size", "4g"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_kib(&child));
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        wait::pass(Duration::from_millis(5));
    };
    assert!(status.success(), "the capsule is made");
    (begin.elapsed().as_secs_f64() * 1e3, stats::count(peak) / 1024.0)
}

/// The most memory so far; 0 when it is over.
fn peak_kib(child: &Child) -> usize {
    let text = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// A profile with conversations, in which a secret and a path are told now and then.
fn fill(home: &Home, bytes: usize) {
    home.write(
        ".clawdbot/clawdbot.json",
        "{ gateway: { mode: 'local', auth: { token: 'tok-0123456789-of-it' } } }",
    );
    home.write(".clawdbot/.env", "OPENAI_API_KEY=sk-proj-abcdefghijklmnop0123456789\nA_PASSWORD=hunter2\n");
    let folder = home.path().join(".clawdbot/agents/main/sessions");
    fs::create_dir_all(&folder).expect("directory");
    let pool: Vec<String> = (0..20_000).map(|number| message(number, home.path())).collect();
    let mut left = bytes;
    for number in 0.. {
        if left == 0 {
            break;
        }
        let file = File::create(folder.join(format!("{number:08}.jsonl"))).expect("transcript");
        let mut file = BufWriter::new(file);
        let mut written = 0;
        while written < EACH.min(left) {
            let line = &pool[usize::try_from(machine::below(pool.len() as u64)).expect("an index")];
            file.write_all(line.as_bytes()).expect("transcript");
            written += line.len();
        }
        file.flush().expect("transcript");
        left = left.saturating_sub(written);
    }
}

fn message(number: u64, home: &Path) -> String {
    let mut text: Vec<&str> = Vec::new();
    for _ in 0..10 + machine::below(200) {
        text.push(WORDS[usize::try_from(machine::below(WORDS.len() as u64)).expect("an index")]);
    }
    let end = match number % 50 {
        0 => " tok-0123456789-of-it".to_owned(),
        1 => format!(" {}/clawd/file{number}", home.display()),
        _ => String::new(),
    };
    let text = text.join(" ") + &end;
    let usage = json!({ "input": number, "output": 340, "totalTokens": number + 340 });
    let message = json!({ "role": "user", "content": [{ "type": "text", "text": text }], "usage": usage });
    json!({ "type": "message", "id": format!("{number:08x}"), "message": message }).to_string() + "\n"
}

/// A recorded session with some thousand requests, as of a person with a page open.
fn session(options: &Options, figures: &mut Figures) {
    let home = Home::new();
    configure(&home, &format!("{{ gateway: {{ mode: 'local', auth: {{ token: '{}' }} }} }}", load::TOKEN));
    let gateway = gateway::in_home(&home).binary(&options.binary).arg("--record").start();
    for method in ["health", "sessions.list", "status", "config.get"] {
        let request = format!(r#"{{"type":"req","id":"1","method":"{method}","params":{{}}}}"#);
        let bound = Bound { within: Duration::from_secs(10), at_most: 500 };
        let _ = load::requests(gateway.address(), 2, &request, bound);
    }
    let name = "session.capsule.tar.gz";
    let arguments = ["dev", "capture", name, "--yes"];
    let run = Run::of(&options.binary, &home, &arguments).finish().expect_code(0);
    gateway.stop();
    let bytes = fs::metadata(home.path().join(name)).expect("the capsule").len();
    figures.put("capture.session", run.took.as_secs_f64() * 1e3);
    figures.put("capture.session.size", stats::count(usize::try_from(bytes).expect("a length")) / 1024.0);
}
