//! `__task`: the role in which a Scheduled Task starts this program.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use crate::platform::{append, atomic, detach};
use crate::profile::EnvMap;
use crate::service::schtasks::role::TaskRun;

/// Takes the role on: leaves the console, sets the variables, and returns the command line that is meant. `arguments`
/// are those of the process.
pub(crate) fn enter(arguments: &[OsString], env: &mut EnvMap) -> Result<Vec<OsString>, String> {
    let words: Option<Vec<String>> =
        arguments.iter().skip(2).map(|word| word.to_str().map(str::to_owned)).collect();
    let run = words.and_then(|words| TaskRun::parse(&words)).ok_or("__task is for Scheduled Tasks")?;
    for (name, value) in &run.environment {
        env.set(name, value);
    }
    let open = |path: &Path| {
        path.parent().map_or(Ok(()), atomic::private_directory)?;
        append::open(path)
    };
    // A gateway without these files is better than none.
    let file = |path: Option<&Path>| path.and_then(|path| open(path).ok());
    detach::into_files(file(run.stdout.as_deref()), file(run.stderr.as_deref()))
        .map_err(|error: io::Error| error.to_string())?;
    let program = arguments.first().cloned().unwrap_or_default();
    Ok([program].into_iter().chain(run.arguments.into_iter().map(OsString::from)).collect())
}
