//! `--record`: where recordings go, and what has to be true of that place.

use std::path::{Path, PathBuf};

use crate::cli::args::RunArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::profile::{ProfilePaths, shorten};
use crate::recording::{self, Begun, Facts, Recording};
use crate::settings::RunFlags;

/// The directory of recordings, if it is asked for.
pub(crate) fn directory(args: &RunArgs, paths: &ProfilePaths, working_dir: Option<&Path>) -> Option<PathBuf> {
    let typed = args.record.as_ref()?;
    if typed.is_empty() {
        return Some(paths.recordings());
    }
    Some(working_dir.map_or_else(|| PathBuf::from(typed), |base| base.join(typed)))
}

/// Begins a recording of what `facts` tells and says that everything is recorded. Not below what is watched: each frame
/// would be an edit.
pub(crate) fn begin(
    flags: &RunFlags,
    watched: &[PathBuf],
    facts: impl FnOnce() -> Facts,
    paths: &ProfilePaths,
    printer: &Printer,
) -> Result<Option<Begun>, ExpectedError> {
    let Some(directory) = &flags.record else { return Ok(None) };
    let shown = shorten(directory, &paths.home);
    if let Some(watched) = watched.iter().find(|watched| directory.starts_with(watched)) {
        let watched = shorten(watched, &paths.home);
        return Err(ExpectedError::Usage(format!(
            "{shown} (--record) is below {watched}, which is watched: every frame would be an edit."
        )));
    }
    let begun = recording::begin(directory, &facts())
        .map_err(|error| ExpectedError::Refused(format!("Cannot record to {shown} (--record): {error}.")))?;
    let shown = shorten(begun.path(), &paths.home);
    printer.error(&format!("--record: every frame is recorded in {shown}, tokens and texts too."));
    Ok(Some(begun))
}

/// What a person is told when it begins or ends while a gateway runs; an error when it could not be.
pub(crate) fn news(recording: &Recording, home: &Path) -> Result<String, String> {
    let Recording { current, last, problem } = recording;
    let last = last.as_ref().map(|last| shorten(last, home));
    match (current, problem, last) {
        (Some(current), _, _) => {
            Ok(format!("records every frame in {}, tokens and texts too", shorten(current, home)))
        }
        (None, Some(problem), Some(last)) => Err(format!("stopped recording in {last}: {problem}")),
        (None, Some(problem), None) => Err(format!("does not record: {problem}")),
        (None, None, Some(last)) => Ok(format!("recorded in {last}")),
        (None, None, None) => Ok("does not record".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{EnvMap, ProfileRequest, resolve};

    #[test]
    fn where_it_goes() {
        let paths =
            resolve(&ProfileRequest::default(), &EnvMap::default(), Some("/home/you".into())).unwrap().paths;
        let at = |typed: Option<&str>, base: Option<&str>| {
            let args = RunArgs { record: typed.map(Into::into), ..RunArgs::default() };
            directory(&args, &paths, base.map(Path::new))
        };
        assert_eq!(at(None, Some("/w")), None);
        assert_eq!(at(Some(""), Some("/w")), Some(paths.state_dir.join("recordings")));
        assert_eq!(at(Some("r"), Some("/w")), Some(PathBuf::from("/w/r")));
        assert_eq!(at(Some("/r"), Some("/w")), Some(PathBuf::from("/r")));
    }
}
