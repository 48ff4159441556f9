//! Noticing that the machine's addresses change.

use std::io;

/// Changes of the network interfaces, as they happen.
#[derive(Debug)]
pub struct InterfaceChanges {
    source: source::Source,
}

impl InterfaceChanges {
    /// Starts to listen. Must run inside a runtime.
    pub fn listen() -> io::Result<Self> {
        source::Source::open().map(|source| Self { source })
    }

    /// Resolves when something has changed; several changes may be one. Cancel-safe.
    pub async fn next(&mut self) -> io::Result<()> {
        self.source.next().await
    }
}

/// The kernel says so on a routing socket (`rtnetlink(7)`).
#[cfg(target_os = "linux")]
mod source {
    #![expect(
        unsafe_code,
        reason = "a descriptor is registered with the runtime, which nothing else can do for us"
    )]

    use std::io;
    use std::os::fd::OwnedFd;

    use rustix::net::netlink::SocketAddrNetlink;
    use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recv, socket_with};
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// Links, and addresses of both families: `RTMGRP_LINK`, `RTMGRP_IPV4_IFADDR`, `RTMGRP_IPV6_IFADDR`.
    const GROUPS: u32 = 0x1 | 0x10 | 0x100;

    #[derive(Debug)]
    pub(super) struct Source {
        socket: AsyncFd<OwnedFd>,
    }

    impl Source {
        pub(super) fn open() -> io::Result<Self> {
            let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
            bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
            // SAFETY: an `OwnedFd` names one open descriptor as long as it lives, and `AsyncFd` owns it from here on.
            let socket = unsafe { AsyncFd::register_with_interest(socket, Interest::READABLE)? };
            Ok(Self { socket })
        }

        pub(super) async fn next(&mut self) -> io::Result<()> {
            let mut ready = self.socket.readable().await?;
            let mut heard = false;
            loop {
                match ready.try_io(|socket| receive(socket.get_ref())) {
                    Ok(Ok(())) => heard = true,
                    Ok(Err(error)) => return Err(error),
                    Err(_) if heard => return Ok(()),
                    Err(_) => ready = self.socket.readable().await?,
                }
            }
        }
    }

    /// Takes one message; what it says does not matter. Messages that did not fit into the queue are a change too.
    fn receive(socket: &OwnedFd) -> io::Result<()> {
        let mut message = [0_u8; 8192];
        match recv(socket, &mut message, RecvFlags::empty()) {
            Ok(_) | Err(rustix::io::Errno::NOBUFS) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Looks regularly where nothing here knows how to be told.
#[cfg(not(target_os = "linux"))]
mod source {
    use std::io;
    use std::time::Duration;

    use super::super::interfaces::{Interface, interfaces};

    const PERIOD: Duration = Duration::from_secs(10);

    #[derive(Debug)]
    pub(super) struct Source {
        known: Vec<Interface>,
    }

    impl Source {
        pub(super) fn open() -> io::Result<Self> {
            Ok(Self { known: interfaces()? })
        }

        pub(super) async fn next(&mut self) -> io::Result<()> {
            loop {
                tokio::time::sleep(PERIOD).await;
                let now = interfaces()?;
                if now != self.known {
                    self.known = now;
                    return Ok(());
                }
            }
        }
    }
}
