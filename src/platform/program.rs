//! Where a program is that somebody names, as a shell looks for it.

use std::path::{Path, PathBuf};

/// Why there is no such program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoProgram {
    /// There is nothing of that name.
    #[error("command not found: {0}")]
    Missing(String),
    /// There is something, and it cannot be executed.
    #[error("command cannot be executed: {}: {reason}", path.display())]
    Unusable {
        /// What is there.
        path: PathBuf,
        /// Why it is no program.
        reason: &'static str,
    },
}

impl NoProgram {
    /// The exit code, by the convention of shells.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Missing(_) => 127,
            Self::Unusable { .. } => 126,
        }
    }
}

/// The program that `name` means: a path, relative to `directory`, or a name that is looked up in `path`.
pub fn find(name: &str, path: Option<&str>, directory: &Path) -> Result<PathBuf, NoProgram> {
    let missing = || NoProgram::Missing(name.to_owned());
    if name.contains(std::path::is_separator) {
        let path = directory.join(name);
        return match look(&path) {
            Found::Program => Ok(path),
            Found::Nothing => Err(missing()),
            Found::Else(reason) => Err(NoProgram::Unusable { path, reason }),
        };
    }
    let mut unusable = None;
    for place in path.map(std::env::split_paths).into_iter().flatten() {
        let path = directory.join(place).join(name);
        match look(&path) {
            Found::Program => return Ok(path),
            Found::Nothing => {}
            Found::Else(reason) => unusable = unusable.or(Some(NoProgram::Unusable { path, reason })),
        }
    }
    Err(unusable.unwrap_or_else(missing))
}

/// What is at a path.
enum Found {
    Program,
    Nothing,
    /// No program, and why not.
    Else(&'static str),
}

fn look(path: &Path) -> Found {
    match path.metadata() {
        Err(_) => Found::Nothing,
        Ok(facts) if facts.is_dir() => Found::Else("it is a directory"),
        Ok(facts) if !is_executable(&facts) => Found::Else("it is not executable (chmod +x)"),
        Ok(_) => Found::Program,
    }
}

#[cfg(unix)]
fn is_executable(facts: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    facts.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_facts: &std::fs::Metadata) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_program_is_found_as_a_shell_finds_it() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path();
        let make = |path: &str, mode| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        };
        make("a/tool", 0o644);
        make("b/tool", 0o755);
        make("a/plain", 0o644);
        let path = format!("{0}/none:{0}/a:b", root.display());
        let find = |name: &str| find(name, Some(&path), root);
        assert_eq!(find("tool"), Ok(root.join("b/tool")), "what is not executable is passed over");
        assert_eq!(find("b/tool"), Ok(root.join("b/tool")));
        assert_eq!(find("plain").unwrap_err().exit_code(), 126);
        assert_eq!(find("./a/tool").unwrap_err().exit_code(), 126);
        assert_eq!(find("./b").unwrap_err().exit_code(), 126);
        assert_eq!(find("nothing").unwrap_err().exit_code(), 127);
        assert_eq!(find("./nothing").unwrap_err().exit_code(), 127);
    }
}
