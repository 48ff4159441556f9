//! A server to be supervised: this test program itself, which becomes one when its environment says so.
//!
//! It answers every connection with its pid and the content of a file, which it reads when it starts.

use std::fs;
use std::io::Read;
use std::net::{SocketAddr, TcpListener as StdListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clawdbot::platform::notify::ENV_SOCKET;
use clawdbot::platform::service_manager::Connection;
use clawdbot::platform::{env, exe, net, process};
use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream as TokioStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::support::harness::{self, Builder, Harness};
use crate::support::home::Home;
use crate::support::program::inherited;

/// The variable that makes this program a server: where it reads what it answers.
pub(super) const VERSION_FILE: &str = "TEST_CHILD_FILE";

/// The variable that makes it speak WebSocket: a page is told the version when it connects, and 1012 at the end.
pub(super) const SPEAKS: &str = "TEST_CHILD_SPEAKS";

/// What a connection was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) pid: u32,
    pub(super) version: String,
}

/// A server in a home of its own.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) home: Home,
    pub(super) file: PathBuf,
}

impl Scene {
    pub(super) fn new() -> Self {
        let home = Home::new();
        let file = home.write("project/version", "one");
        Self { home, file }
    }

    /// The directory that is watched.
    pub(super) fn project(&self) -> &Path {
        self.file.parent().unwrap()
    }

    /// A harness around the server, which gets `arguments` and is `reached` as the test says.
    pub(super) fn server(&self, arguments: &str) -> Builder {
        let program = exe::current().unwrap();
        let command = format!("'{}' exec::child::serve --exact --nocapture {arguments}", program.display());
        self.command(&command).env(VERSION_FILE, self.file.display().to_string())
    }

    /// A harness around any command.
    pub(super) fn command(&self, command: &str) -> Builder {
        let project = self.project().display().to_string();
        harness::in_home(&self.home).arg("--exec").arg(command).arg("--watch").arg(project)
    }
}

/// What the server behind the harness answers now.
pub(super) fn ask(address: SocketAddr) -> Result<Answer, String> {
    let text = |error: std::io::Error| format!("{:?}: {error}", error.kind());
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(20)).map_err(text)?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).map_err(text)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(text)?;
    let (pid, version) = answer.split_once(' ').ok_or_else(|| format!("not an answer: {answer:?}"))?;
    let pid = pid.parse().map_err(|_| format!("not an answer: {answer:?}"))?;
    Ok(Answer { pid, version: version.to_owned() })
}

/// The version that is answered behind the harness.
#[track_caller]
pub(super) fn version(harness: &Harness) -> String {
    ask(harness.address()).unwrap_or_else(|error| panic!("{error}\n{}", harness.stderr())).version
}

/// No test: the server.
#[test]
fn serve() {
    let Some(file) = inherited(VERSION_FILE) else { return };
    let version = fs::read_to_string(file).unwrap();
    if version == "bad" {
        process::end(Some(3));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(answer_all(&version));
}

async fn answer_all(version: &str) {
    let mut ended = signal(SignalKind::terminate()).unwrap();
    if version == "mute" {
        ended.recv().await;
        return;
    }
    let listener = listener();
    announce();
    let (leaving, left) = watch::channel(());
    let mut pages = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            accepted = listener.accept() => {
                let (mut stream, _) = accepted.unwrap();
                if inherited(SPEAKS).is_some() {
                    pages.spawn(keep_page(stream, version.to_owned(), left.clone()));
                    continue;
                }
                let answer = format!("{} {version}", std::process::id());
                stream.write_all(answer.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
            }
            _ = ended.recv(), if version != "stubborn" => break,
        }
    }
    drop((listener, leaving));
    while pages.join_next().await.is_some() {}
}

/// Tells a page the version, and at the end that there will be another one.
async fn keep_page(stream: TokioStream, version: String, mut left: watch::Receiver<()>) {
    // Whoever only looks whether it is there speaks no WebSocket.
    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
    socket.send(Message::text(version)).await.unwrap();
    while left.changed().await.is_ok() {}
    let restart = CloseFrame { code: CloseCode::Restart, reason: "".into() };
    let _ = socket.close(Some(restart)).await;
    while socket.next().await.is_some_and(|message| message.is_ok()) {}
}

/// The first inherited socket, or the port that the environment names.
fn listener() -> TcpListener {
    let mut inherited_sockets = net::inherited(&env::read()).unwrap().into_iter();
    let listener = inherited_sockets.next().unwrap_or_else(|| {
        let port: u16 = inherited("PORT").unwrap().parse().unwrap();
        let listener = StdListener::bind(("127.0.0.1", port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        listener
    });
    TcpListener::from_std(listener).unwrap()
}

fn announce() {
    let name = inherited(ENV_SOCKET).map(|name| (ENV_SOCKET.to_owned(), name));
    Connection::open(&name.into_iter().collect()).ready();
}
