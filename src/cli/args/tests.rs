use clap::{CommandFactory, Parser};

use super::*;

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    let cli = Cli::try_parse_from(["clawdbot", "gateway", "--token", "hunter2"]).unwrap();
    assert!(!format!("{cli:?}").contains("hunter2"));
}
