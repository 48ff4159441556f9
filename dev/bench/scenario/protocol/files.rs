//! Files of the Control UI, asked for again as soon as they are answered: whole, and only if they have changed.

use std::time::Duration;

use super::server::Server;
use crate::figures::Figures;
use crate::load::{self, Bound};
use crate::options::Options;
use crate::support::home::Home;

/// A file of 4 KiB.
const FILE: &str = "/assets/file.js";

/// Connections at a time, about what a browser opens for six tabs.
const LINKS: usize = 32;

/// Ours alone.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let home = Home::new();
    home.write("ui/index.html", "<!doctype html><head></head>");
    home.write("ui/assets/file.js", &"x".repeat(4096));
    let root = home.path().join("ui");
    let server = Server::ours_with(options, home, &[("CLAWDBOT_CONTROL_UI_DIR", &root.to_string_lossy())]);
    let bound = |full| Bound { within: options.duration(Duration::from_secs(full)), at_most: usize::MAX };
    let whole = |full| load::pages(server.address, LINKS, FILE, "", 200, bound(full));
    let _ = whole(1);
    figures.put_pace("protocol.files.whole", &whole(4));
    let Some(etag) = load::etag(server.address, FILE) else {
        crate::report::line("  no ETag: conditional requests were not measured");
        return;
    };
    let condition = format!("If-None-Match: {etag}\r\n");
    let unchanged = load::pages(server.address, LINKS, FILE, &condition, 304, bound(4));
    figures.put_pace("protocol.files.unchanged", &unchanged);
}
