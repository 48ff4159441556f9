//! Plain HTTP requests over connections that stay open.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::drive::{Bound, Pace, on_one_thread, run};

/// One connection.
#[derive(Debug)]
struct Page {
    stream: TcpStream,
    bytes: Vec<u8>,
}

/// `links` connections that ask for `path` again as soon as it is answered with `status`.
pub(crate) fn pages(
    address: SocketAddr,
    links: usize,
    path: &str,
    headers: &str,
    status: u16,
    bound: Bound,
) -> Pace {
    let request: Arc<[u8]> =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n").into_bytes().into();
    on_one_thread(async {
        let mut ready = Vec::new();
        for _ in 0..links {
            match Page::open(address).await {
                Ok(page) => ready.push(page),
                Err(error) => return Pace { failure: Some(error.to_string()), ..Pace::default() },
            }
        }
        run(ready, bound, Duration::ZERO, async move |page: &mut Page| {
            let (answered, _) = page.ask(&request).await.map_err(|error| error.to_string())?;
            if answered == status { Ok(()) } else { Err(format!("answered with {answered}")) }
        })
        .await
    })
}

/// The `ETag` of what is at `path`.
pub(crate) fn etag(address: SocketAddr, path: &str) -> Option<String> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let head = on_one_thread(async {
        let mut page = Page::open(address).await?;
        page.ask(request.as_bytes()).await
    });
    let (_, head) = head.ok()?;
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("etag:"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

impl Page {
    async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, bytes: Vec::with_capacity(8 * 1024) })
    }

    /// Sends a request, and reads up to the end of its answer: its status, and its head.
    async fn ask(&mut self, request: &[u8]) -> io::Result<(u16, String)> {
        self.stream.write_all(request).await?;
        self.bytes.clear();
        let end = loop {
            if let Some(end) = self.bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.bytes[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let (Some(status), length) = (status, length.unwrap_or(0)) else {
            return Err(io::Error::other(head));
        };
        let whole: usize = if status == 304 { end } else { end + length };
        while self.bytes.len() < whole {
            self.more().await?;
        }
        Ok((status, head))
    }

    async fn more(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.bytes).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}
