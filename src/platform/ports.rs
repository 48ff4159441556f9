//! Who listens on a port: read from `/proc` on Linux, unknown elsewhere.

#[cfg(target_os = "linux")]
mod proc_net;

/// A process that listens on a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its command line, as it was started; secrets are not removed from it.
    pub command: Vec<String>,
}

/// The processes that listen on `port`, on any address. Those of other users are usually not visible.
pub fn holders(port: u16) -> Vec<Holder> {
    #[cfg(target_os = "linux")]
    return proc_net::holders(port);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = port;
        Vec::new()
    }
}
