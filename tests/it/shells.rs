//! Completion scripts, man pages, and what is said about a command line that is mistyped.

use std::fs;
use std::io::Write;
use std::process::{Output, Stdio};

use crate::support::home::Home;
use crate::support::program::{BINARY, Run, command, fresh_mark, not_run};

/// Runs a program of this machine with `input`; `None` when there is none of that name.
fn with_input(home: &Home, program: &str, arguments: &[&str], input: &str) -> Option<Output> {
    let mut command = command(program.as_ref(), home.path(), &fresh_mark());
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        not_run(&format!("there is no {program}"));
        return None;
    };
    // One that ends before it has read everything has said why.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Some(child.wait_with_output().unwrap())
}

fn script(home: &Home, shell: &str) -> String {
    let done = Run::new(home, &["completions", shell]).finish().expect_code(0);
    assert!(done.stderr.is_empty());
    assert!(done.stdout.contains("accept-risk") && !done.stdout.contains("__dev-"), "{shell}");
    done.stdout
}

#[test]
fn every_shell_takes_its_script() {
    let home = Home::new();
    for (shell, check) in [
        ("bash", Some(("bash", &["--norc", "-n"][..]))),
        ("zsh", Some(("zsh", &["-f", "-n"][..]))),
        ("fish", Some(("fish", &["--no-config", "--no-execute"][..]))),
        // These two have no way to check without running.
        ("powershell", None),
        ("elvish", None),
    ] {
        let script = script(&home, shell);
        let Some((program, arguments)) = check else { continue };
        let Some(done) = with_input(&home, program, arguments, &script) else { continue };
        assert!(done.status.success() && done.stderr.is_empty(), "{shell}: {done:?}");
    }
    let unknown = Run::new(&home, &["completions", "csh"]).finish().expect_code(2);
    assert!(unknown.stderr.contains("[possible values: bash, elvish, fish, powershell, zsh]"));
}

/// What bash offers after `line`.
fn offered(home: &Home, script: &str, line: &str) -> Option<Vec<String>> {
    let words: Vec<_> = line.split(' ').map(|word| format!("'{word}'")).collect();
    let count = words.len() - 1;
    let asked = format!(
        "{script}\nCOMP_WORDS=({})\nCOMP_CWORD={count}\n_clawdbot clawdbot \"${{COMP_WORDS[{count}]}}\" \"${{COMP_WORDS[{count}-1]}}\"\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        words.join(" ")
    );
    let done = with_input(home, "bash", &["--norc"], &asked)?;
    assert!(done.stderr.is_empty(), "{done:?}");
    Some(String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect())
}

#[test]
fn bash_completes_commands_options_and_values() {
    let home = Home::new();
    let script = script(&home, "bash");
    for (line, expected) in [
        ("clawdbot gatew", &["gateway"][..]),
        ("clawdbot config va", &["validate"]),
        ("clawdbot gateway --bi", &["--bind"]),
        ("clawdbot onboard --gateway-bind t", &["tailnet"]),
        ("clawdbot __d", &[""]),
    ] {
        let Some(offered) = offered(&home, &script, line) else { return };
        assert_eq!(offered, expected, "{line}");
    }
}

#[test]
fn man_pages_are_those_of_every_command_and_well_formed() {
    let home = Home::new();
    let main = Run::new(&home, &["man"]).finish().expect_code(0).stdout;
    assert!(main.contains(".TH clawdbot 1") && !main.contains("__dev-"));
    let done = Run::new(&home, &["man", "share/man1"]).finish().expect_code(0);
    let pages: Vec<_> =
        fs::read_dir(home.path().join("share/man1")).unwrap().map(|page| page.unwrap()).collect();
    assert_eq!(done.stdout, format!("{} pages are in share/man1\n", pages.len()));
    let names: Vec<_> = pages.iter().map(|page| page.file_name().into_string().unwrap()).collect();
    for name in ["clawdbot.1", "clawdbot-gateway-run.1", "clawdbot-dev-fixtures-new.1"] {
        assert!(names.iter().any(|page| page == name), "{name} is not in {names:?}");
    }
    assert!(!names.iter().any(|name| name.contains("help") || name.contains("__")), "{names:?}");
    assert_eq!(home.read("share/man1/clawdbot.1"), main);
    for page in pages {
        let text = fs::read_to_string(page.path()).unwrap();
        assert!(text.contains("Examples:"), "{page:?}");
        let Some(done) = with_input(&home, "groff", &["-man", "-Tutf8", "-ww"], &text) else { return };
        assert!(done.status.success() && done.stderr.is_empty(), "{page:?}: {done:?}");
    }
    home.write("file", "");
    let refused = Run::new(&home, &["man", "file/man1"]).finish().expect_code(1);
    assert!(refused.stderr.starts_with("Error: failed to write to file/man1: "), "{}", refused.stderr);
}

#[test]
fn what_was_probably_meant_is_said() {
    let home = Home::new();
    for (line, meant) in [
        (&["gatway"][..], "'gateway'"),
        (&["gateway", "heath"], "'health'"),
        (&["gateway", "--prot", "1"], "'--port'"),
        (&["config", "valdate"], "'validate'"),
        (&["onboard", "--gateway-bnd", "lan"], "'--gateway-bind'"),
        (&["gateway", "--bind", "loopbck"], "'loopback'"),
        (&["dev", "fixtures", "chek"], "'check'"),
    ] {
        let refused = Run::new(&home, line).finish().expect_code(2);
        assert!(refused.stdout.is_empty());
        assert!(
            refused.stderr.contains("tip: ") && refused.stderr.contains(meant),
            "{line:?}: {}",
            refused.stderr
        );
    }
    assert!(fs::read_dir(home.path()).unwrap().next().is_none(), "{BINARY} wrote something");
}
