//! The end of a connection for which no command came: told where the client understands it.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::pump::{end, write};

/// How long a client has to say what it speaks, and to read the answer.
const PATIENCE: Duration = Duration::from_millis(250);

/// For clients that speak HTTP, WebSocket's included.
const ANSWER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Content-Length: 64\r\n\
Retry-After: 1\r\n\
Connection: close\r\n\
\r\n\
The command behind this port does not answer; see its terminal.\n";

/// Says so, if the client speaks HTTP, and ends the connection.
pub(super) async fn decline(client: TcpStream) {
    let mut start = [0; 16];
    let peeked = timeout(PATIENCE, client.peek(&mut start)).await;
    let Ok(Ok(length)) = peeked else { return };
    if !speaks_http(&start[..length]) || write(&client, ANSWER).await.is_err() || end(&client).is_err() {
        return;
    }
    // What it has said and nobody read would reset the connection, and the answer with it.
    let _ = timeout(PATIENCE, drain(&client)).await;
}

async fn drain(client: &TcpStream) {
    let mut buffer = [0; 4096];
    while client.readable().await.is_ok() {
        match client.try_read(&mut buffer) {
            Ok(0) => return,
            Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => return,
            Ok(_) | Err(_) => {}
        }
    }
}

/// Whether a connection begins like a request.
fn speaks_http(start: &[u8]) -> bool {
    const METHODS: [&[u8]; 7] = [b"GET ", b"HEAD ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ", b"OPTIONS "];
    METHODS.iter().any(|method| start.starts_with(method))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_as_long_as_it_says() {
        let text = String::from_utf8(ANSWER.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{head} {}", body.len());
    }

    #[test]
    fn requests_are_told_from_everything_else() {
        assert!(speaks_http(b"GET / HTTP/1.1") && speaks_http(b"OPTIONS * HTTP/1"));
        assert!(!speaks_http(b"") && !speaks_http(b"GET") && !speaks_http(b"\x16\x03\x01"));
    }
}
