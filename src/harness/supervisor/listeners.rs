//! The sockets of a plan: bound once, shared by every generation, closed with the last plan that names them.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use crate::platform::net;
use crate::settings::BindPlan;

/// Bound sockets and what they were asked for.
#[derive(Debug)]
pub struct Listeners {
    plan: BindPlan,
    port: u16,
    sockets: Arc<[TcpListener]>,
}

/// An address that could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("failed to bind {address}: {source}")]
pub struct BindError {
    /// The address.
    pub address: SocketAddr,
    /// Why.
    pub source: io::Error,
}

impl Listeners {
    /// Binds every required address, and the optional ones that can be bound. With port 0 the system chooses one
    /// port for all.
    pub fn bind(plan: &BindPlan, port: u16) -> Result<Self, BindError> {
        let mut sockets: Vec<TcpListener> = Vec::new();
        let mut chosen = port;
        for planned in &plan.addresses {
            let address = SocketAddr::new(planned.address, chosen);
            match net::bind(address) {
                Ok(socket) => {
                    if let Ok(bound) = socket.local_addr() {
                        chosen = bound.port();
                    }
                    sockets.push(socket);
                }
                Err(source) if planned.required => return Err(BindError { address, source }),
                Err(error) => tracing::debug!(%address, %error, "optional address not bound"),
            }
        }
        Ok(Self { plan: plan.clone(), port, sockets: sockets.into() })
    }

    /// Whether these are the sockets that `plan` asks for at `port`.
    pub fn serve(&self, plan: &BindPlan, port: u16) -> bool {
        self.plan == *plan && self.port == port
    }

    /// The sockets, the main one first.
    pub fn sockets(&self) -> &Arc<[TcpListener]> {
        &self.sockets
    }
}
