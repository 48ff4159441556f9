//! The seam behind which each system says who holds a port.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use super::holder::PortHolder;
use crate::platform::exec::ExecError;

/// Knows who holds a port.
pub trait PortInspector: fmt::Debug {
    /// Everybody who listens on `port`, on whatever address, ordered by pid; those that cannot be seen come last.
    fn holders(&self, port: u16) -> Result<Vec<PortHolder>, InspectError>;

    /// The parent of every process that can be seen, by pid. Empty where nothing here can ask.
    fn parents(&self) -> Result<BTreeMap<u32, u32>, InspectError>;
}

/// Why the holders of a port stay unknown.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// The kernel's tables cannot be read.
    #[error("failed to read {0}: {1}")]
    Read(&'static str, #[source] io::Error),
    /// The program that knows cannot be asked.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// The program that knows said something else.
    #[error("failed to ask {0} who holds a port: {1}")]
    Answer(&'static str, String),
}

/// The inspector of this system.
pub fn native() -> Box<dyn PortInspector> {
    #[cfg(target_os = "linux")]
    return Box::new(super::proc_fs::ProcFs);
    #[cfg(all(unix, not(target_os = "linux")))]
    return Box::new(super::lsof::Lsof(crate::platform::exec::SystemRunner));
    #[cfg(not(unix))]
    return Box::new(super::netstat::Netstat(crate::platform::exec::SystemRunner));
}

/// Everybody who listens on `port`, for a message: nobody when the system cannot be asked, which is logged.
pub fn holders(port: u16) -> Vec<PortHolder> {
    native().holders(port).unwrap_or_else(|error| {
        tracing::warn!(%error, "who holds port {port} is not known");
        Vec::new()
    })
}

/// The ports that processes listen on, for a message: none where nobody can be asked.
pub fn listened(pids: impl IntoIterator<Item = u32>) -> Vec<u16> {
    #[cfg(target_os = "linux")]
    match super::proc_fs::listened(pids) {
        Ok(ports) => ports.into_iter().collect(),
        Err(error) => {
            tracing::warn!(%error, "what a process listens on is not known");
            Vec::new()
        }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = pids;
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::platform::net;

    #[cfg(target_os = "linux")]
    #[test]
    fn finds_this_very_process() {
        let listener = net::bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let own = std::process::id();
        let found = holders(address.port());
        let holder = found.iter().find(|holder| holder.pid() == Some(own));
        let holder = holder.unwrap_or_else(|| panic!("not among {found:?}"));
        assert_eq!(holder.addresses, [address]);
        let process = holder.process.as_ref().unwrap();
        assert!(process.cmdline[0].contains("clawdbot"), "{process:?}");
        assert!(process.age.is_some() && process.started.is_some(), "{process:?}");
        assert!(!process.command.is_empty(), "{process:?}");
        let parents = native().parents().unwrap();
        assert_eq!(parents.get(&own).copied(), Some(std::os::unix::process::parent_id()));
        drop(listener);
        assert_eq!(holders(address.port()), []);
    }
}
