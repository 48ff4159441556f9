//! A plain HTTP client: one request, one connection, and the reason when there is no answer.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;
use socket2::SockRef;

/// Why a connection had no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nobody listened.
    Refused,
    /// The connection was cut before the answer was complete.
    Reset,
    /// There was no answer in time.
    Timeout,
    /// Anything else.
    Other(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::ConnectionRefused => Self::Refused,
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof => Self::Reset,
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::Timeout,
            _ => Self::Other(error.to_string()),
        }
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Response {
    /// Status code.
    pub(crate) status: u16,
    /// Header names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Body.
    pub(crate) body: String,
}

/// What `GET /health` said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Health {
    /// Process id of the gateway.
    pub(crate) pid: u32,
    /// Its generation.
    pub(crate) generation: u64,
}

/// The text of a request that asks for the connection to be closed after the answer.
pub(crate) fn request_text(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> String {
    head_text("GET", address, path, headers)
}

fn head_text(method: &str, address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> String {
    let named = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
    let host = if named { String::new() } else { format!("Host: {address}\r\n") };
    let rest: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{host}{}\r\n", rest.concat())
}

/// One `GET`. `timeout` counts from the connect to the last byte.
pub(crate) fn get(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    timeout: Duration,
) -> Result<Response, Failure> {
    exchange(address, request_text(address, path, headers).as_bytes(), false, timeout)
}

/// One request of any method. A body is JSON unless the headers say otherwise.
pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
    timeout: Duration,
) -> Result<Response, Failure> {
    let mut headers = headers.to_vec();
    let length = body.map(|body| body.len().to_string());
    if let Some(length) = &length {
        headers.push(("content-length", length));
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            headers.push(("content-type", "application/json"));
        }
    }
    let text = head_text(method, address, path, &headers) + body.unwrap_or_default();
    exchange(address, text.as_bytes(), method == "HEAD", timeout)
}

/// Sends bytes and reads one response. `is_bare`: whatever its head says, no body follows.
fn exchange(
    address: SocketAddr,
    request: &[u8],
    is_bare: bool,
    timeout: Duration,
) -> Result<Response, Failure> {
    let deadline = Instant::now() + timeout;
    let mut stream = TcpStream::connect_timeout(&address, timeout)?;
    stream.set_nodelay(true)?;
    stream.write_all(request)?;
    let mut bytes = Vec::with_capacity(1024);
    let mut chunk = [0; 4096];
    loop {
        let rest = deadline.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            return Err(Failure::Timeout);
        }
        stream.set_read_timeout(Some(rest))?;
        let count = stream.read(&mut chunk)?;
        bytes.extend_from_slice(&chunk[..count]);
        if let Some(response) = parse_one(&bytes, count == 0, is_bare) {
            // Closed without lingering, so that thousands of connections leave no port in TIME_WAIT.
            let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
            return Ok(response);
        }
        if count == 0 {
            return Err(Failure::Reset);
        }
    }
}

/// `GET /health` of the gateway on `address`.
pub(crate) fn health(address: SocketAddr, timeout: Duration) -> Result<Health, Failure> {
    parse_health(&get(address, "/health", &[], timeout)?)
}

/// The generation and pid of an answer to `GET /health`.
pub(crate) fn parse_health(response: &Response) -> Result<Health, Failure> {
    let value: Value = serde_json::from_str(&response.body)
        .map_err(|error| Failure::Other(format!("{error}: {:?}", response.body)))?;
    let number = |name: &str| value[name].as_u64();
    match (response.status, value["ok"].as_bool(), number("pid"), number("generation")) {
        (200, Some(true), Some(pid), Some(generation)) => {
            Ok(Health { pid: u32::try_from(pid).unwrap_or(0), generation })
        }
        _ => Err(Failure::Other(format!("{} {}", response.status, response.body))),
    }
}

/// The response in `bytes` when it is complete: by its length, or because the peer has `closed`.
pub(crate) fn parse(bytes: &[u8], closed: bool) -> Option<Response> {
    parse_one(bytes, closed, false)
}

fn parse_one(bytes: &[u8], closed: bool, is_bare: bool) -> Option<Response> {
    let head_end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..head_end]);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let body = &bytes[head_end + 4..];
    let complete = match length {
        _ if is_bare => true,
        Some(length) => body.len() >= length,
        None => closed,
    };
    complete.then(|| Response { status, headers, body: String::from_utf8_lossy(body).into_owned() })
}
