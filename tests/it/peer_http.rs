//! What the published gateway answers to plain requests, and ours: the same files, the same workspace, the same answers.

use std::net::SocketAddr;

use crate::support::gateway;
use crate::support::home::Home;
use crate::support::peer::Peer;
use crate::support::raw::ask;

/// What clients and browsers go by.
#[derive(Debug, PartialEq)]
struct Seen {
    status: u16,
    kind: Option<String>,
    location: Option<String>,
    cache: Option<String>,
    body: String,
}

/// Requests that both answer alike. `{base}` is the base path.
const REQUESTS: [&str; 27] = [
    "GET {base}/",
    "GET {base}/chat",
    "GET {base}/a/deep/view?session=main",
    "GET {base}/assets/",
    "GET {base}/favicon.ico",
    "GET {base}/chat/favicon.ico",
    "GET {base}/avatar/main?meta=1",
    "GET {base}/avatar/main",
    "GET {base}/avatar/web?meta=1",
    "GET {base}/avatar/web",
    "GET {base}/avatar/gone?meta=1",
    "GET {base}/avatar/gone",
    "GET {base}/avatar/unknown?meta=1",
    "GET {base}/avatar/unknown",
    "GET {base}/avatar/-x",
    "GET {base}/avatar/a/b",
    "GET {base}/avatar/",
    "GET /ui",
    "GET /ui/",
    "GET /ui/x",
    "GET /panel?token=x",
    "GET /panelled",
    "POST {base}/",
    "POST {base}/avatar/main",
    "OPTIONS {base}/",
    "HEAD {base}/",
    "HEAD {base}/avatar/main",
];

fn write(home: &Home, base_path: &str, root: &str) {
    let agents = "agents: { defaults: { workspace: '~/w' }, list: [
        { id: 'main', default: true, workspace: '~/w', identity: { name: 'Claw', avatar: 'me.png' } },
        { id: 'web', workspace: '~/w', identity: { avatar: 'https://a.example/a.png' } },
        { id: 'gone', workspace: '~/w', identity: { avatar: 'gone.png' } } ] }";
    home.write("w/me.png", "a picture");
    let ui = format!("controlUi: {{ basePath: '{base_path}', {root} }}, auth: {{ token: 'right' }}");
    gateway::configure(home, &gateway::prompt(&ui, agents));
}

fn seen(address: SocketAddr, line: &str) -> Seen {
    let answer = ask(address, line, &[]);
    let header = |name: &str| answer.header(name).map(str::to_owned);
    Seen {
        status: answer.status,
        kind: header("content-type"),
        location: header("location"),
        cache: header("cache-control"),
        body: answer.text(),
    }
}

#[test]
fn plain_requests_are_answered_as_by_the_published_gateway() {
    let Some(peer) = Peer::find() else { return };
    let Some(root) = peer.control_ui() else { return };
    let root = format!("root: {}", serde_json::to_string(&root).unwrap());
    for base in ["", "/panel"] {
        let (theirs, ours) = (Home::new(), Home::new());
        write(&theirs, base, "");
        write(&ours, base, &root);
        let published = peer.gateway(&theirs);
        let gateway = gateway::in_home(&ours).start();
        for request in REQUESTS {
            let line = request.replace("{base}", base);
            let expected = seen(published.address(), &line);
            assert_ne!(expected.status, 0, "{line}: no answer of the published gateway");
            assert_eq!(seen(gateway.address(), &line), expected, "{line}");
        }
        // The files that the page asks for.
        let page = seen(gateway.address(), &format!("GET {base}/")).body;
        let files = page.split('"').filter_map(|part| part.strip_prefix("./"));
        for file in files {
            let line = format!("GET {base}/chat/{file}");
            let line = if file.starts_with("assets/") { line } else { format!("GET {base}/{file}") };
            let (own, other) = (seen(gateway.address(), &line), seen(published.address(), &line));
            assert!(
                own == other && own.status == 200,
                "{line}: {} {:?}, {:?}",
                own.status,
                own.kind,
                other.kind
            );
        }
        published.stop();
        gateway.stop();
    }
}
