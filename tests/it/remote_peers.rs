//! Peers on other machines, in networks that the tests make for themselves: who has to be approved, how many may come
//! from one address, and when one that is gone without a word is gone here too.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};

use crate::support::gateway::{self, Gateway, configure};
use crate::support::home::Home;
use crate::support::http;
use crate::support::own_process::{in_own_network, ip};
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::{Credentials, Wire};

const TOKEN: &str = "of-the-lan";

/// The gateway's address in the network of the test, and two of others there. All are this machine's in truth.
const OWN: &str = "10.1.2.3";
const OTHERS: [&str; 2] = ["10.1.2.8", "10.1.2.9"];

/// Connections of one address, as the README says.
const PER_ADDRESS: usize = 1024;

/// Makes the network and a gateway in it; returns its address there too.
fn start(home: &Home) -> (Gateway, SocketAddr) {
    ip("link add lan0 type veth peer name lan1");
    ip("link set lan1 up");
    ip("link set lan0 up");
    for address in [OWN, OTHERS[0], OTHERS[1]] {
        ip(&format!("addr add {address}/24 dev lan0"));
    }
    configure(home, &format!("{{ gateway: {{ mode: 'local', auth: {{ token: '{TOKEN}' }} }} }}"));
    let gateway = gateway::in_home(home).arg("--bind").arg("lan").start();
    let lan = SocketAddr::new(OWN.parse().unwrap(), gateway.address().port());
    (gateway, lan)
}

/// The same port on the loopback interface.
fn loopback(lan: SocketAddr) -> SocketAddr {
    (std::net::Ipv4Addr::LOCALHOST, lan.port()).into()
}

/// A connection that comes from one of the other addresses.
fn connect_from(from: &str, to: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(from.parse::<IpAddr>().unwrap(), 0).into()).unwrap();
    socket.connect_timeout(&to.into(), PATIENCE).unwrap();
    let stream: TcpStream = socket.into();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// The status line of an answer to `/health`; the connection stays.
fn ask(stream: &mut TcpStream, address: SocketAddr) -> String {
    stream.write_all(format!("GET /health HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes()).unwrap();
    let mut line = [0; 12];
    stream.read_exact(&mut line).unwrap();
    String::from_utf8_lossy(&line).into_owned()
}

#[test]
fn a_device_of_another_machine_is_announced_to_who_may_pair() {
    in_own_network("remote_peers::a_device_of_another_machine_is_announced_to_who_may_pair", || {
        let home = Home::new();
        let (_gateway, lan) = start(&home);
        let mut keeper = Wire::operator(loopback(lan), TOKEN, &["operator.pairing"]);
        let mut reader = Wire::operator(loopback(lan), TOKEN, &["operator.read"]);
        let device = Credentials::DeviceWithToken([7; 32], TOKEN.to_owned());

        let refused = Wire::hello(lan, &device).unwrap_err();
        let refused: Value = serde_json::from_str(&refused).unwrap();
        assert_eq!(refused["error"]["code"], "NOT_PAIRED", "{refused}");
        let request = &refused["error"]["details"]["requestId"];
        let asked = keeper.event("device.pair.requested").unwrap()["payload"].clone();
        assert_eq!((&asked["requestId"], &asked["remoteIp"]), (request, &json!(OWN)), "{asked}");
        assert_eq!((&asked["clientId"], &asked["isRepair"]), (&json!("test"), &json!(false)), "{asked}");
        // It asks once, however often it comes.
        let again = Wire::hello(lan, &device).unwrap_err();
        assert!(again.contains(request.as_str().unwrap()), "{again}");

        let listed = keeper.payload("device.pair.list", &json!({}));
        assert_eq!(listed["pending"].as_array().unwrap().len(), 1, "{listed}");
        let mut admin = Wire::operator(loopback(lan), TOKEN, &["operator.admin"]);
        admin.payload("device.pair.approve", &json!({ "requestId": request }));
        // Had it been announced again, that would come first.
        let next = std::iter::from_fn(|| keeper.next().ok())
            .find(|frame| frame["event"].as_str().is_some_and(|event| event.starts_with("device.")));
        let resolved = next.unwrap();
        assert_eq!(resolved["event"], "device.pair.resolved", "{resolved}");
        assert_eq!(resolved["payload"]["decision"], "approved", "{resolved}");
        Wire::hello(lan, &device).unwrap();

        // Who may not pair has heard of none of it.
        reader.send(&json!({ "type": "req", "id": "last", "method": "health", "params": {} })).unwrap();
        loop {
            let frame = reader.next().unwrap();
            assert!(!frame["event"].as_str().is_some_and(|event| event.starts_with("device.")), "{frame}");
            if frame["id"] == "last" {
                break;
            }
        }
    });
}

#[test]
fn one_address_cannot_take_every_place() {
    in_own_network("remote_peers::one_address_cannot_take_every_place", || {
        let home = Home::new();
        let (gateway, lan) = start(&home);
        let [greedy, modest] = OTHERS;
        let mut taken: Vec<TcpStream> = (0..PER_ADDRESS).map(|_| connect_from(greedy, lan)).collect();
        // They are accepted in their order.
        assert_eq!(ask(taken.last_mut().unwrap(), lan), "HTTP/1.1 200");
        for _ in 0..3 {
            let mut more = connect_from(greedy, lan);
            more.write_all(http::request_text(lan, "/health", &[]).as_bytes()).unwrap();
            more.shutdown(Shutdown::Write).unwrap();
            let mut answer = String::new();
            more.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{answer}");
            assert!(answer.ends_with("too many connections from this address"), "{answer}");
        }
        gateway.says(0, "refused a connection");
        let warnings = gateway.log().matches("refused a connection").count();
        assert_eq!(warnings, 1, "it is said once: {}", gateway.log());
        // Nobody else notices.
        assert_eq!(ask(&mut connect_from(modest, lan), lan), "HTTP/1.1 200");
        Wire::operator(loopback(lan), TOKEN, &["operator.read"]).payload("health", &json!({}));
        // Places that are given back can be had again.
        taken.truncate(PER_ADDRESS / 2);
        wait::until("there is room again", PATIENCE, || {
            let mut stream = connect_from(greedy, lan);
            (ask(&mut stream, lan) == "HTTP/1.1 200").then_some(())
        });
    });
}

/// The system is patient for two minutes, and so is this test. The first byte that nobody acknowledges is that of a
/// tick.
#[test]
fn a_peer_that_vanishes_without_a_word_is_gone() {
    in_own_network("remote_peers::a_peer_that_vanishes_without_a_word_is_gone", || {
        let home = Home::new();
        let (_gateway, lan) = start(&home);
        let [vanishing, staying] = OTHERS;
        let hello = |from: &str, seed: u8| {
            let credentials = Credentials::DeviceWithToken([seed; 32], TOKEN.to_owned());
            Wire::hello_over(connect_from(from, lan), lan, &credentials)
        };
        let mut admin = Wire::operator(loopback(lan), TOKEN, &["operator.admin"]);
        for (from, seed) in [(vanishing, 1), (staying, 2)] {
            hello(from, seed).unwrap_err();
            let listed = admin.payload("device.pair.list", &json!({}));
            let request = &listed["pending"][0]["requestId"];
            admin.payload("device.pair.approve", &json!({ "requestId": request }));
        }
        let (_gone, _) = hello(vanishing, 1).unwrap();
        let (mut kept, _) = hello(staying, 2).unwrap();
        let mut reason = |address: &str| {
            let present = admin.payload("system-presence", &json!({}));
            let entries = present.as_array().unwrap();
            entries.iter().find(|entry| entry["ip"] == address).map(|entry| entry["reason"].clone())
        };
        assert_eq!(reason(vanishing), Some(json!("connect")));
        // From now on nothing reaches the address, and nothing comes from it.
        ip(&format!("addr del {vanishing}/24 dev lan0"));
        wait::until("the peer is gone", Duration::from_mins(3), || {
            kept.payload("health", &json!({}));
            (reason(vanishing) == Some(json!("disconnect"))).then_some(())
        });
        assert_eq!(reason(staying), Some(json!("connect")));
    });
}
