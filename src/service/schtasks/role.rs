//! The role in which a task starts this program: what it is given besides the command line. Pure.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::service::ServiceSpec;

/// The first argument. What follows: `--stdout FILE`, `--stderr FILE`, `NAME=VALUE` for every variable, `--`, and the
/// arguments of the command line.
pub const ROLE: &str = "__task";

const STDOUT: &str = "--stdout";
const STDERR: &str = "--stderr";
const END: &str = "--";

/// A command line with what it is run in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskRun {
    /// Where standard output goes.
    pub stdout: Option<PathBuf>,
    /// Where standard error goes.
    pub stderr: Option<PathBuf>,
    /// Variables besides those of the session.
    pub environment: BTreeMap<String, String>,
    /// The arguments, without the program.
    pub arguments: Vec<String>,
}

/// The arguments that a task passes for a service.
pub(super) fn arguments(spec: &ServiceSpec) -> Vec<String> {
    let path = |path: &PathBuf| path.to_string_lossy().into_owned();
    let mut words = vec![ROLE.to_owned()];
    words.extend([STDOUT.to_owned(), path(&spec.stdout_log), STDERR.to_owned(), path(&spec.stderr_log)]);
    words.extend(spec.environment.iter().map(|(name, value)| format!("{name}={value}")));
    words.push(END.to_owned());
    words.extend(spec.argv.iter().skip(1).cloned());
    words
}

impl TaskRun {
    /// What the arguments behind [`ROLE`] mean; `None` when they are not of that form.
    pub fn parse(words: &[String]) -> Option<Self> {
        let end = words.iter().position(|word| word == END)?;
        let mut run = Self { arguments: words[end + 1..].to_vec(), ..Self::default() };
        let mut words = words[..end].iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                STDOUT => run.stdout = Some(words.next()?.into()),
                STDERR => run.stderr = Some(words.next()?.into()),
                variable => {
                    let (name, value) = variable.split_once('=').filter(|(name, _)| !name.is_empty())?;
                    run.environment.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        Some(run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::schtasks::tests::spec;

    #[test]
    fn what_a_task_passes_is_understood() {
        let spec = spec();
        let words = arguments(&spec);
        assert_eq!(words[0], ROLE);
        let run = TaskRun::parse(&words[1..]).unwrap();
        assert_eq!((run.stdout, run.stderr), (Some(spec.stdout_log), Some(spec.stderr_log)));
        assert_eq!((run.environment, &*run.arguments), (spec.environment, &spec.argv[1..]));
    }

    #[test]
    fn other_arguments_are_none() {
        for words in [&[][..], &["gateway"], &["A", "--"], &["=b", "--"], &["--stdout", "--"], &["A=b"]] {
            let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
            assert_eq!(TaskRun::parse(&words), None, "{words:?}");
        }
        let words = ["A=b=c", "--", "--", "x"].map(str::to_owned);
        let run = TaskRun::parse(&words).unwrap();
        assert_eq!((run.environment["A"].as_str(), &*run.arguments), ("b=c", &words[2..]));
    }
}
