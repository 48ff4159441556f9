//! Downloads, with `curl`, `tar`, and `unzip` of this machine. Blocks.

use std::fs;
use std::path::Path;

use super::install::{Outcome, Tools};
use super::installer::Installer;
use crate::gateway::agents::expand_home;
use crate::platform::exec::{CommandLine, CommandOutput};
use crate::platform::process::ExitReport;

/// Most bytes that are fetched; models take a few hundred million.
const LARGEST: u64 = 8 << 30;
/// Nothing else is fetched, redirections included.
const SCHEMES: &str = "=http,https";

/// What can be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Archive {
    Tar,
    Zip,
}

/// Fetches `url`, and unpacks it where that is wanted.
pub(super) fn fetch(installer: &Installer, url: &str, tools: &Tools<'_>) -> Result<Outcome, Outcome> {
    let name =
        file_name(url).ok_or_else(|| Outcome::refused(format!("not an http or https address: {url}")))?;
    let archive = installer.archive.as_deref().unwrap_or(name);
    let archive = Archive::of(archive).filter(|_| installer.extract != Some(false));
    if archive.is_none() && installer.extract == Some(true) {
        return Err(Outcome::refused(format!(
            "no archive that can be unpacked: {name} (tar.gz, tar.bz2, zip)"
        )));
    }
    if archive == Some(Archive::Zip) && installer.strip_components > 0 {
        return Err(Outcome::refused("stripComponents is not supported for zip"));
    }
    let named = installer.target_dir.as_deref().map(|directory| expand_home(directory, tools.home));
    let directory = named.map_or_else(|| tools.downloads.clone(), |named| tools.downloads.join(named));
    let failed = |error: std::io::Error| {
        Outcome::refused(format!("Download failed: failed to write {}: {error}", directory.display()))
    };
    fs::create_dir_all(&directory).map_err(failed)?;
    // Found by nobody as what it will be until it is whole.
    let part = tempfile::Builder::new().prefix(".download-").tempfile_in(&directory).map_err(failed)?;
    let size = LARGEST.to_string();
    let fetching = tool(tools, "curl")?
        .args([
            "--fail",
            "--location",
            "--silent",
            "--show-error",
            "--proto",
            SCHEMES,
            "--proto-redir",
            SCHEMES,
        ])
        .args(["--max-filesize", &size, "--output"])
        .args([part.path().as_os_str()])
        .args(["--url", url]);
    tools.run("Download", fetching)?;
    let file = directory.join(name);
    let length = part.as_file().metadata().map_err(failed)?.len();
    part.persist(&file).map_err(|error| failed(error.error))?;
    let Some(archive) = archive else {
        let output = said(format!("downloaded={length}"));
        return Ok(Outcome::done(format!("Downloaded to {}", file.display()), &output));
    };
    let output = tools.run("Extraction", unpacking(archive, tools, &file, &directory, installer)?)?;
    Ok(Outcome::done(format!("Downloaded and extracted to {}", directory.display()), &output))
}

fn unpacking(
    archive: Archive,
    tools: &Tools<'_>,
    file: &Path,
    directory: &Path,
    installer: &Installer,
) -> Result<CommandLine, Outcome> {
    Ok(match archive {
        Archive::Tar => {
            let strip = format!("--strip-components={}", installer.strip_components);
            let command = tool(tools, "tar")?.args(["-xf"]).args([file]).args(["-C"]).args([directory]);
            command.args([strip])
        }
        Archive::Zip => tool(tools, "unzip")?.args(["-q", "-o"]).args([file]).args(["-d"]).args([directory]),
    })
}

fn tool(tools: &Tools<'_>, name: &str) -> Result<CommandLine, Outcome> {
    tools.program(name).ok_or_else(|| Outcome::refused(format!("{name} not installed")))
}

fn said(stdout: String) -> CommandOutput {
    CommandOutput {
        exit: ExitReport { code: Some(0), ..ExitReport::default() },
        stdout,
        stderr: String::new(),
    }
}

/// The name of the file at an address that is fetched; `None` for other addresses.
fn file_name(url: &str) -> Option<&str> {
    let scheme = url.get(..url.find("://")?)?.to_ascii_lowercase();
    if !["http", "https"].contains(&scheme.as_str()) || url.chars().any(char::is_whitespace) {
        return None;
    }
    let path = url.get(scheme.len() + "://".len()..)?.split(['?', '#']).next()?;
    let (host, path) = path.split_once('/').unwrap_or((path, ""));
    let name = path.rsplit('/').next().filter(|name| !name.is_empty() && !name.starts_with('.'));
    (!host.is_empty()).then_some(name.unwrap_or("download"))
}

// === impl Archive ===

impl Archive {
    /// By the name of a file, or of a format.
    fn of(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        if ends(&["tar.gz", "tgz", "tar.bz2", "tbz2", "tar.xz"]) {
            Some(Self::Tar)
        } else {
            ends(&["zip"]).then_some(Self::Zip)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_is_fetched_from() {
        for (url, expected) in [
            ("https://x.example/a/tool.tar.gz?x=1#y", Some("tool.tar.gz")),
            ("HTTP://x.example/", Some("download")),
            ("https://x.example", Some("download")),
            ("https://x.example/a/..", Some("download")),
            ("https://x.example/.bashrc", Some("download")),
            ("file:///etc/passwd", None),
            ("https:///a", None),
            ("https://x.example/a b", None),
            ("x", None),
            ("é://x", None),
        ] {
            assert_eq!(file_name(url), expected, "{url}");
        }
    }

    #[test]
    fn archives_are_known_by_their_names() {
        for name in ["a.tar.gz", "a.TGZ", "tar.bz2", "a.tbz2"] {
            assert_eq!(Archive::of(name), Some(Archive::Tar), "{name}");
        }
        assert_eq!(Archive::of("zip"), Some(Archive::Zip));
        assert_eq!(Archive::of("a.gz"), None);
    }
}
