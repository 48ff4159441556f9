//! A page in a browser while the command behind the forwarder is replaced.

use super::child::{SPEAKS, Scene};
use crate::support::browser::Page;
use crate::support::edits::Save;

#[test]
fn a_page_is_connected_again_by_its_first_attempt() {
    let scene = Scene::new();
    let harness = scene.server("--skip {port}").env(SPEAKS, "WebSocket").start().armed();
    let Some(page) = Page::open(harness.address()) else { return };
    assert_eq!([page.next(), page.next()], ["open", "one"]);
    for text in ["two", "three", "four"] {
        let mark = harness.mark();
        Save::Plain.write(&scene.file, text);
        harness.reloaded(mark);
        assert_eq!([page.next(), page.next(), page.next()], ["closed 1012", "open", text]);
    }
}
