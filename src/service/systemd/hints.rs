//! What helps when the manager cannot be reached. Pure.

use crate::platform::surroundings::Surroundings;

/// Advice, one line each; the first ones are the published program's where it has any.
pub(super) fn hints(around: &Surroundings) -> Vec<String> {
    let lines = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
    if let Some(user) = &around.sudo_user {
        return lines(&[&format!(
            "The service belongs to a user. Run the same command as {user}, without sudo."
        )]);
    }
    if let Some(directory) = &around.unnamed_runtime_dir {
        return lines(&[&format!(
            "This session does not know its user manager. Run: export XDG_RUNTIME_DIR={}",
            directory.display()
        )]);
    }
    if around.wsl && !around.systemd {
        return lines(&[
            "WSL2 needs systemd enabled: put these two lines into /etc/wsl.conf: [boot] and systemd=true",
            "Then run: wsl --shutdown (from PowerShell) and reopen your distro.",
            "Verify: systemctl --user status",
        ]);
    }
    if around.container && !around.systemd {
        return lines(&["In a container, run the gateway in the foreground: clawdbot gateway"]);
    }
    if !around.systemd {
        return lines(&[
            "systemd user services are unavailable; install/enable systemd or run the gateway under your supervisor.",
            "In the foreground: clawdbot gateway",
        ]);
    }
    lines(&[
        "Log in as this user (ssh, console, or desktop) and run the command there.",
        "Or have the user's manager run without a login: sudo loginctl enable-linger \"$USER\"",
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(around: &Surroundings, first: &str) {
        let hints = hints(around);
        assert!(hints[0].contains(first), "{hints:?}");
    }

    #[test]
    fn the_advice_fits_the_place() {
        let none = Surroundings::default();
        let systemd = Surroundings { systemd: true, ..none.clone() };
        check(&Surroundings { wsl: true, ..none.clone() }, "/etc/wsl.conf");
        check(&Surroundings { wsl: true, ..systemd.clone() }, "Log in");
        check(&Surroundings { container: true, ..none.clone() }, "foreground");
        check(&Surroundings { container: true, ..systemd.clone() }, "Log in");
        check(&none, "install/enable systemd");
        check(&systemd, "Log in");
        let sudo = Surroundings { sudo_user: Some("you".to_owned()), ..systemd.clone() };
        check(&sudo, "as you, without sudo");
        let hidden = Surroundings { unnamed_runtime_dir: Some("/run/user/7".into()), ..systemd };
        check(&hidden, "export XDG_RUNTIME_DIR=/run/user/7");
    }
}
