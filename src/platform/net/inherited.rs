//! Listening sockets that the parent left open for us, by systemd's convention (`sd_listen_fds(3)`).

use std::collections::BTreeMap;
use std::net::TcpListener;

/// Number of inherited sockets.
pub const ENV_COUNT: &str = "LISTEN_FDS";
/// Process id for which the sockets are meant; a value of another process means that there are none.
pub const ENV_PID: &str = "LISTEN_PID";
/// One name per socket, separated by colons.
pub const ENV_NAMES: &str = "LISTEN_FDNAMES";
/// Descriptor number of the first socket.
pub const FIRST_FD: i32 = 3;

/// Why inherited sockets cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InheritError {
    /// The count is not a number, or absurd.
    #[error("failed to read {ENV_COUNT}={0}: not a small number")]
    Count(String),
    /// A descriptor is missing, or is something else than a listening TCP socket.
    #[error("failed to use inherited descriptor {0}: not a listening TCP socket")]
    NotAListener(i32),
    /// The second attempt of the process: the first one owns the sockets.
    #[error("failed to take the inherited sockets: already taken")]
    Taken,
    /// A socket option could not be set.
    #[error("failed to prepare inherited descriptor {0}: {1}")]
    Option(i32, std::io::Error),
}

/// Takes the listening sockets that the environment announces; none when it announces none, or announces them
/// for another process. The sockets come back non-blocking and closed on exec.
#[cfg(unix)]
pub fn inherited(env: &BTreeMap<String, String>) -> Result<Vec<TcpListener>, InheritError> {
    unix::inherited(env)
}

/// Sockets are not inherited on this system.
#[cfg(not(unix))]
pub fn inherited(_env: &BTreeMap<String, String>) -> Result<Vec<TcpListener>, InheritError> {
    Ok(Vec::new())
}

#[cfg(unix)]
mod unix {
    #![expect(unsafe_code, reason = "descriptor numbers from the environment become owned sockets")]

    use std::collections::BTreeMap;
    use std::net::TcpListener;
    use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd};
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::io::{FdFlags, fcntl_setfd};
    use rustix::net::sockopt::socket_acceptconn;
    use rustix::net::{AddressFamily, getsockname};

    use super::{ENV_COUNT, ENV_PID, FIRST_FD, InheritError};

    /// More than any machine has addresses, less than any limit on descriptors.
    const MOST: i32 = 256;

    static TAKEN: AtomicBool = AtomicBool::new(false);

    pub(super) fn inherited(env: &BTreeMap<String, String>) -> Result<Vec<TcpListener>, InheritError> {
        let Some(count) = announced(env, std::process::id())? else { return Ok(Vec::new()) };
        if TAKEN.swap(true, Ordering::Relaxed) {
            return Err(InheritError::Taken);
        }
        (FIRST_FD..FIRST_FD + count).map(take).collect()
    }

    /// How many sockets the environment announces for the process `pid`.
    pub(super) fn announced(env: &BTreeMap<String, String>, pid: u32) -> Result<Option<i32>, InheritError> {
        let Some(count) = env.get(ENV_COUNT) else { return Ok(None) };
        if env.get(ENV_PID).is_some_and(|meant| *meant != pid.to_string()) {
            return Ok(None);
        }
        match count.parse() {
            Ok(count) if (0..=MOST).contains(&count) => Ok(Some(count)),
            _ => Err(InheritError::Count(count.clone())),
        }
    }

    fn take(number: i32) -> Result<TcpListener, InheritError> {
        // SAFETY: nothing here opens descriptors that low before this runs, `TAKEN` lets it run once, and the
        // query below fails harmlessly on a number that is not open.
        let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
        let families = [AddressFamily::INET, AddressFamily::INET6];
        let is_tcp = getsockname(borrowed).is_ok_and(|address| families.contains(&address.address_family()));
        if !is_tcp || !socket_acceptconn(borrowed).unwrap_or(false) {
            return Err(InheritError::NotAListener(number));
        }
        // SAFETY: the number is an open listening socket, left to this process by its parent, and nobody else
        // in this process owns it.
        let socket = unsafe { OwnedFd::from_raw_fd(number) };
        let failed = |error| InheritError::Option(number, error);
        fcntl_setfd(&socket, FdFlags::CLOEXEC).map_err(|error| failed(error.into()))?;
        let listener = TcpListener::from(socket);
        listener.set_nonblocking(true).map_err(failed)?;
        Ok(listener)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], expect: Option<i32>) {
        let env = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(unix::announced(&env, 42).ok().flatten(), expect, "{variables:?}");
    }

    #[test]
    fn only_what_is_announced_for_this_process_counts() {
        check(&[], None);
        check(&[(ENV_COUNT, "2"), (ENV_PID, "42")], Some(2));
        check(&[(ENV_COUNT, "2")], Some(2));
        check(&[(ENV_COUNT, "2"), (ENV_PID, "43")], None);
        check(&[(ENV_COUNT, "many"), (ENV_PID, "42")], None);
        check(&[(ENV_COUNT, "-1"), (ENV_PID, "42")], None);
        check(&[(ENV_COUNT, "100000"), (ENV_PID, "42")], None);
    }
}
