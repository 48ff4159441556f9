//! A browser with a page that keeps a WebSocket open, comes back when it is closed, and says what happens to it.
//!
//! `CLAWDBOT_BROWSER` names the program; otherwise one of the usual names is looked for.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;

use super::home::Home;
use super::process;
use super::program::{self, fresh_mark, installed};
use super::wait::PATIENCE;
use super::wire::{Credentials, connect_frame};

/// What browsers of one family are called.
const NAMES: [&str; 5] =
    ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The page. One report follows the other, in the order in which things happened.
const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><title>A client</title><script>
let reports = Promise.resolve();
function say(text) {
  reports = reports.then(() => fetch("/", { method: "POST", body: text }));
}
function connect() {
  const socket = new WebSocket("ADDRESS");
  let opened = false;
  socket.onopen = () => { opened = true; say("open"); };
  socket.onmessage = ({ data }) => {
    let frame = {};
    try { frame = JSON.parse(data); } catch { return say(data); }
    if (frame.payload && frame.payload.nonce) socket.send(JSON.stringify(CONNECT));
    if (frame.id === "connect") say(frame.ok ? "hello" : data);
  };
  socket.onclose = ({ code }) => { say((opened ? "closed " : "failed ") + code); setTimeout(connect, 10); };
}
connect();
</script>"#;

/// A page that is open. Dropped, it ends with its browser.
#[derive(Debug)]
pub(crate) struct Page {
    said: mpsc::Receiver<String>,
    _browser: Launched,
}

/// A browser. Ended when dropped, with everything that it has started.
#[derive(Debug)]
pub(super) struct Launched {
    child: Child,
    mark: String,
    home: Home,
}

impl Page {
    /// Opens a page of this machine that connects to `server`; nothing when there is no browser.
    pub(crate) fn open(server: SocketAddr) -> Option<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let connect = connect_frame("", &Credentials::Token("any".to_owned())).to_string();
        let page = PAGE.replace("ADDRESS", &format!("ws://{server}/")).replace("CONNECT", &connect);
        let (sender, said) = mpsc::channel();
        // It ends with the test program: nobody waits for it.
        thread::spawn(move || {
            listener.incoming().flatten().try_for_each(|stream| answer(stream, &page, &sender))
        });
        Some(Self { said, _browser: Launched::at(&url)? })
    }

    /// What happened next.
    #[track_caller]
    pub(crate) fn next(&self) -> String {
        self.said.recv_timeout(PATIENCE).expect("the page says something")
    }
}

impl Launched {
    /// Starts it with a page; nothing when there is none on this machine.
    pub(super) fn at(url: &str) -> Option<Self> {
        let browser = installed("CLAWDBOT_BROWSER", &NAMES)?;
        let (home, mark) = (Home::new(), fresh_mark());
        let child = launch(&browser, &home, &mark, url);
        Some(Self { child, mark, home })
    }

    /// Where it keeps what it knows.
    pub(super) fn data(&self) -> PathBuf {
        self.home.path().join("browser")
    }
}

impl Drop for Launched {
    fn drop(&mut self) {
        // Its processes write their names over the mark.
        let started = [process::marked(&self.mark), process::tree(self.child.id())].concat();
        let _ = self.child.kill();
        let _ = self.child.wait();
        process::end(&started);
    }
}

fn launch(browser: &Path, home: &Home, mark: &str, url: &str) -> Child {
    let mut command = program::command(browser, home.path(), mark);
    command.args(["--headless", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"]);
    // Its sandbox cannot be had by root, nor in most containers; it shows one page of ours.
    command.args(["--no-sandbox", "--remote-debugging-port=0"]);
    command.arg(format!("--user-data-dir={}", home.path().join("browser").display())).arg(url);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Answers one request: with the page, or by passing on what it says. Fails when nobody listens any more.
fn answer(
    mut stream: TcpStream,
    page: &str,
    said: &mpsc::Sender<String>,
) -> Result<(), mpsc::SendError<String>> {
    let mut reader = BufReader::new(&stream);
    let (mut request, mut length) = (String::new(), 0);
    let _ = reader.read_line(&mut request);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        if let Some((_, value)) = line.to_lowercase().split_once("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    let content = if request.starts_with("GET / ") { page } else { "" };
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close";
    // A browser that is being ended does not read the answer.
    let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{content}", content.len());
    if request.starts_with("POST ") { said.send(String::from_utf8_lossy(&body).into_owned()) } else { Ok(()) }
}
