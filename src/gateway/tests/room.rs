use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::support::{TestGateway, listener, soon, start};
use crate::gateway::http;
use crate::gateway::listener::{Acceptor, accept_loop};
use crate::gateway::room::Room;

/// Another door of a gateway, with little room behind it.
fn narrow_door(gateway: &TestGateway) -> SocketAddr {
    let door = TcpListener::from_std(listener()).unwrap();
    let address = door.local_addr().unwrap();
    let shared = Arc::clone(&gateway.running.gateway);
    let acceptor = Acceptor {
        router: http::router(Arc::clone(&shared)),
        connections: TaskTracker::new(),
        tls: None,
        kill: CancellationToken::new(),
        room: Room::new(2, 2),
        refusals: Arc::new(Semaphore::new(64)),
        gateway: shared,
    };
    tokio::spawn(accept_loop(door, acceptor));
    address
}

/// Asks for `/health` on a connection that stays open; returns the status line.
async fn ask(stream: &mut TcpStream) -> String {
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut line = String::new();
    while !line.ends_with("\r\n") {
        line.push(char::from(soon(stream.read_u8()).await.unwrap()));
    }
    line
}

#[tokio::test]
async fn without_room_the_answer_is_503_until_there_is_room_again() {
    let gateway = start(json!({})).await;
    let address = narrow_door(&gateway);
    let mut inside = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        assert_eq!(ask(&mut stream).await, "HTTP/1.1 200 OK\r\n");
        inside.push(stream);
    }
    let mut outside = TcpStream::connect(address).await.unwrap();
    outside.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    outside.shutdown().await.unwrap();
    let mut answer = String::new();
    soon(outside.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\ntoo many connections"), "{answer}");
    drop(inside);
    let again = async {
        loop {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let status = ask(&mut stream).await;
            if status == "HTTP/1.1 200 OK\r\n" {
                return;
            }
            assert_eq!(status, "HTTP/1.1 503 Service Unavailable\r\n");
        }
    };
    soon(again).await;
}
