//! A page in a browser while the gateway of dev mode is replaced.

use std::fs;

use crate::support::browser::Page;
use crate::support::harness;
use crate::support::home::Home;

#[test]
fn a_page_is_told_of_every_reload_and_is_back_at_once() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let Some(page) = Page::open(harness.address()) else { return };
    assert_eq!([page.next(), page.next()], ["open", "hello"]);
    for round in 0..3 {
        let mark = harness.mark();
        fs::write(home.workspace().join("AGENTS.md"), format!("# Round {round}\n")).unwrap();
        harness.reloaded(mark);
        assert_eq!([page.next(), page.next(), page.next()], ["closed 1012", "open", "hello"]);
    }
}
