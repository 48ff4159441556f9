//! Answers that need no request to be read: to whoever speaks plainly where TLS is spoken, and to those for whom there is
//! no room.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::gateway::connection::swallow;

/// Answers with a status and a sentence, whatever is asked for, and ends the connection.
pub(crate) async fn refuse(mut stream: TcpStream, status: &str, sentence: &str) {
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{sentence}",
        sentence.len()
    );
    if stream.write_all(answer.as_bytes()).await.is_ok() {
        swallow(&mut stream).await;
    }
}
