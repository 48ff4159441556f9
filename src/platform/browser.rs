//! The person's browser.

use std::io;

/// Whether there is a desktop to open a browser on, as far as variables tell; `is_set` says whether one is.
pub fn has_desktop(is_set: impl Fn(&str) -> bool) -> bool {
    if cfg!(any(windows, target_os = "macos")) {
        // Who is logged in from elsewhere sees nothing of it.
        return !is_set("SSH_CONNECTION");
    }
    ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].into_iter().any(is_set)
}

/// Opens `url` in the browser that the person has chosen. It is an argument of other programs, which everybody on this
/// machine can read: never one with a secret that lasts. Waits for nothing but a launcher that fails at once.
pub fn open(url: &str) -> io::Result<()> {
    open::that_detached(url)
}
