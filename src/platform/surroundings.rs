//! What surrounds this process, as far as it says why a service manager cannot be reached.

use std::path::{Path, PathBuf};

/// Facts about the machine and the session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The name of the user whom this process acts for.
    pub user: Option<String>,
    /// A Linux inside Windows.
    pub wsl: bool,
    /// A container.
    pub container: bool,
    /// systemd runs this machine.
    pub systemd: bool,
    /// The user's own directory for sockets, when there is one that this session does not name.
    pub unnamed_runtime_dir: Option<PathBuf>,
    /// The user who became root for this command.
    pub sudo_user: Option<String>,
}

impl Surroundings {
    /// Looks around.
    pub fn read() -> Self {
        let env = super::env::read();
        let exists = |path: &str| Path::new(path).exists();
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Self {
            user: user_name(),
            wsl: kernel.to_ascii_lowercase().contains("microsoft"),
            container: exists("/.dockerenv")
                || exists("/run/.containerenv")
                || exists("/run/systemd/container"),
            // As sd_booted(3) tells.
            systemd: exists("/run/systemd/system"),
            unnamed_runtime_dir: user_id()
                .map(|id| PathBuf::from(format!("/run/user/{id}")))
                .filter(|directory| !env.contains_key("XDG_RUNTIME_DIR") && directory.join("bus").exists()),
            sudo_user: env.get("SUDO_USER").cloned().filter(|name| user_id() == Some(0) && name != "root"),
        }
    }
}

/// The number of the user whom this process acts for; `None` where users have none.
pub fn user_id() -> Option<u32> {
    #[cfg(unix)]
    return Some(rustix::process::geteuid().as_raw());
    #[cfg(not(unix))]
    return None;
}

/// The name of that user.
pub fn user_name() -> Option<String> {
    #[cfg(unix)]
    {
        let user = nix::unistd::User::from_uid(nix::unistd::Uid::effective()).ok().flatten();
        user.map(|user| user.name)
    }
    #[cfg(not(unix))]
    {
        super::env::read().get("USERNAME").cloned()
    }
}

/// The name of that user for Windows, which may know several of the same name: `DOMAIN\name`.
pub fn account() -> Option<String> {
    let name = user_name()?;
    let domain = super::env::read().remove("USERDOMAIN");
    Some(domain.map_or_else(|| name.clone(), |domain| format!("{domain}\\{name}")))
}
