//! Every command line in a help text works, and every command shows one.

use clap::CommandFactory;

use super::*;

/// Words as a shell makes them, quotes included; what the shell itself takes (redirections, pipes, the end of a
/// substitution) ends the command.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut characters = line.chars().peekable();
    while let Some(&next) = characters.peek() {
        match next {
            ' ' => {
                characters.next();
            }
            '|' | '>' | ')' => break,
            _ => {
                let mut word = String::new();
                while let Some(letter) = characters.next_if(|letter| !matches!(letter, ' ' | ')')) {
                    match letter {
                        '\'' | '"' => word.extend(characters.by_ref().take_while(|&end| end != letter)),
                        letter => word.push(letter),
                    }
                }
                words.push(word);
            }
        }
    }
    words
}

#[track_caller]
fn check(path: &str, command: &clap::Command) {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    assert!(help.starts_with("Examples:\n"), "{path} --help shows no example");
    for line in help.lines().skip(1) {
        assert!(line.chars().count() <= 78, "{path}: {line}");
        let start = line.find("clawdbot ").unwrap_or_else(|| panic!("{path}: {line}"));
        // What explains the line stands behind two spaces or more.
        let typed = line[start..].split("  ").next().unwrap_or_default();
        let words = words(typed);
        // Stands for a name.
        if words.iter().any(|word| word == "COMMAND") {
            continue;
        }
        let mut shown: Vec<_> = words.iter().skip(1).map(String::as_str).collect();
        if shown.first() == Some(&"--profile") {
            shown.drain(..2);
        }
        shown.retain(|word| !word.starts_with('-'));
        let shown = shown.join(" ");
        let own = path.trim_start_matches("clawdbot").trim_start();
        assert!(shown.starts_with(own), "{path} shows another command: {line}");
        if let Err(stop) = parse(words.into_iter().map(OsString::from)) {
            panic!("{path}: {line}: {stop:?}");
        }
    }
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        check(&format!("{path} {}", inner.get_name()), inner);
    }
}

#[test]
fn every_help_text_ends_with_command_lines_that_work() {
    check("clawdbot", &Cli::command());
}

#[test]
fn words_are_those_of_a_shell() {
    assert_eq!(words("a 'b c' d=\"e\" > f"), ["a", "b c", "d=e"]);
    assert_eq!(words("a b)"), ["a", "b"]);
}
