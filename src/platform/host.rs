//! Facts about the machine that clients are shown.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::OnceLock;

/// Name and kind of this machine, in the published program's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFacts {
    /// Host name; `unknown` when the system has none.
    pub name: String,
    /// Operating system, for example `linux`, `darwin`, `win32`.
    pub os: &'static str,
    /// Release of the operating system's kernel.
    pub release: String,
    /// `Linux`, `Mac`, or `Windows`; the operating system's own name for others.
    pub family: &'static str,
    /// Processor architecture, for example `x64`.
    pub arch: &'static str,
}

/// The facts, read once.
pub fn facts() -> &'static HostFacts {
    static FACTS: OnceLock<HostFacts> = OnceLock::new();
    FACTS.get_or_init(|| {
        let (name, release) = name_and_release();
        let (os, family) = match std::env::consts::OS {
            "linux" => ("linux", "Linux"),
            "macos" => ("darwin", "Mac"),
            "windows" => ("win32", "Windows"),
            other => (other, other),
        };
        let arch = match std::env::consts::ARCH {
            "x86_64" => "x64",
            "aarch64" => "arm64",
            "x86" => "ia32",
            other => other,
        };
        HostFacts { name, os, release, family, arch }
    })
}

/// The system and the processor that this program was built for.
pub fn target() -> String {
    format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)
}

/// The address that this machine uses towards others; `None` without a network. Sends nothing.
pub fn primary_address() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // An address of the documentation range: connecting a datagram socket only chooses a route.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(address) if !address.is_unspecified() => Some(address),
        _ => None,
    }
}

#[cfg(unix)]
fn name_and_release() -> (String, String) {
    let system = rustix::system::uname();
    let text = |bytes: &std::ffi::CStr| bytes.to_string_lossy().into_owned();
    let name = Some(text(system.nodename())).filter(|name| !name.is_empty());
    (name.unwrap_or_else(|| "unknown".to_owned()), text(system.release()))
}

#[cfg(not(unix))]
fn name_and_release() -> (String, String) {
    let environment = super::env::read();
    let name = environment.get("COMPUTERNAME").cloned();
    (name.unwrap_or_else(|| "unknown".to_owned()), String::new())
}
