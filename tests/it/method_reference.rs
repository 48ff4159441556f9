//! `dev/METHODS.md` is what the table of the methods says.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clawdbot::platform::env as environment;
use clawdbot::protocol::methods::{Access, Method};

/// Set to write the file instead of comparing it.
const REWRITE: &str = "CLAWDBOT_REWRITE_METHODS";

const INTRODUCTION: &str = "\
# Methods

Every method that this gateway serves, in the order of `hello-ok`. Made from `src/protocol/methods/table.rs`; write it anew
after a change there with `CLAWDBOT_REWRITE_METHODS=1 cargo test --test it method_reference`.

Access is the scope that an operator needs (`operator.write` includes `operator.read`, `operator.admin` everything), or
`node`. Objects are strict, unless the parameters are `any`: an unknown member is refused. In the notation `?` marks
members that may be absent, `text 1..64` has that many characters, `int 1..5000` is in that range, `[ ]` is a list,
and `*` stands for any name. Methods marked † are served without being listed in `hello-ok`.
";

fn reference() -> String {
    let mut text = INTRODUCTION.to_owned();
    for &method in Method::ALL {
        let mark = if Method::advertised().any(|listed| listed == method) { "" } else { " †" };
        let access = match method.access() {
            Access::Node => "node",
            Access::Operator(scope) => scope.as_str(),
        };
        let about = method.about().trim();
        let (name, params) = (method.name(), method.params());
        write!(text, "\n## `{name}`{mark}\n\n{about}\n\n- access: `{access}`\n- parameters: `{params}`\n")
            .expect("a text takes everything");
    }
    text
}

#[test]
fn the_file_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("dev/METHODS.md");
    let expect = reference();
    if environment::read().contains_key(REWRITE) {
        fs::write(&path, &expect).expect("dev/METHODS.md can be written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let differs = expect.lines().zip(found.lines()).find(|(expect, found)| expect != found);
    assert!(
        expect == found,
        "dev/METHODS.md is not what the table says, first at {differs:?}; write it anew:\n    \
         {REWRITE}=1 cargo test --test it method_reference"
    );
}
