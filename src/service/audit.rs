//! How an installed definition differs from the one that would be written now. Pure.

use super::Definition;
use super::diff::{self, Line};
use super::spec::VERSION_MARKER;

/// One difference that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// For scripts.
    pub code: &'static str,
    /// For people, without secrets.
    pub message: String,
}

/// Every difference; empty when both run the same in the same way. Who wrote which version of it does not count.
pub fn drift(installed: &Definition, wanted: &Definition) -> Vec<Drift> {
    let mut found = Vec::new();
    let mut differs = |code, name: &str, has: Option<&str>, wants: Option<&str>| {
        if has != wants {
            let message = match (has, wants) {
                (Some(has), Some(wants)) => format!("{name} is {has} instead of {wants}"),
                (None, Some(wants)) => format!("{name} is missing ({wants})"),
                _ => format!("{name} is set"),
            };
            found.push(Drift { code, message });
        }
    };
    let program = |definition: &Definition| definition.argv.first().cloned();
    differs("program", "the program", program(installed).as_deref(), program(wanted).as_deref());
    for option in ["--profile", "--port", "--bind"] {
        differs("option", option, installed.option(option), wanted.option(option));
    }
    for (name, value) in wanted.environment.iter().filter(|(name, _)| *name != VERSION_MARKER) {
        differs("variable", name, installed.environment.get(name).map(String::as_str), Some(value));
    }
    // Theirs may be secrets.
    for name in installed.environment.keys().filter(|name| !wanted.environment.contains_key(*name)) {
        differs("variable", name, Some(""), None);
    }
    let directory = |definition: &Definition| {
        definition.working_directory.as_ref().map(|directory| directory.display().to_string())
    };
    differs(
        "directory",
        "the working directory",
        directory(installed).as_deref(),
        directory(wanted).as_deref(),
    );
    if found.is_empty() {
        let changed: Vec<_> = diff::lines(&installed.text, &wanted.text);
        // Comments are read by nobody.
        let counts =
            |line: &&Line| !line.text.trim().is_empty() && !line.text.trim_start().starts_with(['#', ';']);
        let installed_version = installed.version().unwrap_or_default();
        let wanted_version = wanted.version().unwrap_or_default();
        let is_version = |line: &&Line| {
            [installed_version, wanted_version]
                .iter()
                .any(|version| !version.is_empty() && line.text.contains(version))
        };
        if changed.iter().filter(counts).any(|line| !is_version(&line)) {
            found.push(Drift {
                code: "behaviour",
                message: "lines of the definition were changed".to_owned(),
            });
        }
    }
    found
}

/// The lines that differ, as they may be shown: what only the installed one knows of variables, and its secrets on
/// the command line, are hidden.
pub fn changes(installed: &Definition, wanted: &Definition) -> Vec<Line> {
    let mut hidden: Vec<(&str, &str)> = installed
        .environment
        .iter()
        .filter(|(name, _)| !wanted.environment.contains_key(*name))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let options = ["--token", "--password"];
    hidden.extend(options.iter().filter_map(|option| Some((*option, installed.option(option)?))));
    let mut lines = diff::lines(&installed.text, &wanted.text);
    for line in lines.iter_mut().filter(|line| !line.added) {
        for (name, value) in hidden.iter().filter(|(_, value)| !value.is_empty()) {
            // A short value may stand anywhere by chance.
            if value.len() >= 6 || line.text.contains(name) {
                line.text = line.text.replace(value, "[hidden]");
            }
            // One that is written in another way than it reads.
            if line.text.contains(name) && !line.text.contains("[hidden]") {
                line.text = format!("{name}=[hidden]");
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(text: &str, argv: &[&str], environment: &[(&str, &str)]) -> Definition {
        Definition {
            path: "/unit".into(),
            text: text.to_owned(),
            argv: argv.iter().map(|&word| word.to_owned()).collect(),
            environment: environment
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            working_directory: None,
        }
    }

    #[track_caller]
    fn check(installed: &Definition, wanted: &Definition, expected: &[&str]) {
        let found: Vec<_> = drift(installed, wanted).into_iter().map(|drift| drift.message).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_runs_otherwise_is_named() {
        let argv = ["/bin/c", "gateway", "--port", "1", "--bind", "loopback"];
        let wanted = definition("new", &argv, &[("A", "x"), ("B", "y"), (VERSION_MARKER, "2")]);
        check(&wanted, &wanted, &[]);
        let other = ["/opt/c", "--profile", "w", "gateway", "--port", "2"];
        let installed = definition("old", &other, &[("A", "z"), ("TOKEN", "secret")]);
        check(
            &installed,
            &wanted,
            &[
                "the program is /opt/c instead of /bin/c",
                "--profile is set",
                "--port is 2 instead of 1",
                "--bind is missing (loopback)",
                "A is z instead of x",
                "B is missing (y)",
                "TOKEN is set",
            ],
        );
    }

    #[test]
    fn a_version_and_comments_do_not_count() {
        let wanted = definition("D=Gateway (v2.0)\nRestart=always\n", &[], &[(VERSION_MARKER, "2.0")]);
        let older = definition("# x\nD=Gateway (v1.0)\nRestart=always\n", &[], &[(VERSION_MARKER, "1.0")]);
        check(&older, &wanted, &[]);
        let edited = definition("D=Gateway (v2.0)\nRestart=no\n", &[], &[(VERSION_MARKER, "2.0")]);
        check(&edited, &wanted, &["lines of the definition were changed"]);
    }

    #[test]
    fn secrets_are_not_shown() {
        let text = "Environment=A=x\nEnvironment=TOKEN=s3cr3t-value\nEnvironment=ODD=\\x41bc\nFLAG=1 port=18789\nrun --token s3cr3t-value\n";
        let variables = [("A", "x"), ("TOKEN", "s3cr3t-value"), ("ODD", "Abc"), ("FLAG", "1")];
        let installed = definition(text, &["c", "--token", "s3cr3t-value"], &variables);
        let wanted = definition("Environment=A=x\n", &[], &[("A", "x")]);
        let shown: Vec<_> = changes(&installed, &wanted).iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "- Environment=TOKEN=[hidden]",
                "- ODD=[hidden]",
                "- FLAG=[hidden] port=[hidden]8789",
                "- run --token [hidden]"
            ]
        );
    }
}
