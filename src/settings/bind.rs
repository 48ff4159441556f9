//! Bind mode and the machine's addresses → which addresses to listen on. Binds nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{AuthMode, BindMode, GatewaySettings, Refusal};
use crate::auth::tailscale::is_tailnet;

/// One address of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InterfaceAddress {
    /// The address.
    pub address: IpAddr,
    /// Whether its interface is up.
    pub up: bool,
}

/// One address to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedAddress {
    /// The address.
    pub address: IpAddr,
    /// Whether the start fails when it cannot be bound.
    pub required: bool,
}

/// Which addresses to listen on. The first is the one that start-up lines name with the PID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindPlan {
    /// At least one, each once.
    pub addresses: Vec<PlannedAddress>,
    /// Why the plan is narrower than the mode's name promises.
    pub note: Option<&'static str>,
}

const LOOPBACK: [PlannedAddress; 2] = [
    PlannedAddress { address: IpAddr::V4(Ipv4Addr::LOCALHOST), required: true },
    PlannedAddress { address: IpAddr::V6(Ipv6Addr::LOCALHOST), required: false },
];

impl BindPlan {
    /// The plan for `settings` on a machine with these addresses.
    pub fn new(settings: &GatewaySettings, machine: &[InterfaceAddress]) -> Result<Self, Refusal> {
        Ok(match settings.bind {
            BindMode::Loopback => Self::loopback(None),
            BindMode::Auto if settings.auth.mode == AuthMode::None => {
                Self::loopback(Some("bind auto: only loopback, because no auth is configured"))
            }
            BindMode::Auto | BindMode::Lan => Self::lan(machine),
            BindMode::Tailnet => Self::tailnet(machine),
            BindMode::Custom => Self::custom(settings.custom_bind_host.as_deref())?,
        })
    }

    fn loopback(note: Option<&'static str>) -> Self {
        Self { addresses: LOOPBACK.to_vec(), note }
    }

    /// Addresses of the LAN first: they are what the person asked for.
    fn lan(machine: &[InterfaceAddress]) -> Self {
        let mut addresses = optional(machine, is_lan);
        let note = addresses.is_empty().then_some("only loopback, because this machine has no LAN address");
        addresses.extend(LOOPBACK);
        Self { addresses, note }
    }

    /// A tailnet that comes up later must not keep the gateway from starting, as in the published program.
    fn tailnet(machine: &[InterfaceAddress]) -> Self {
        let mut addresses = optional(machine, is_tailnet);
        let Some(first) = addresses.first_mut() else {
            return Self::loopback(Some(
                "bind tailnet: only loopback, because this machine has no tailnet address",
            ));
        };
        first.required = true;
        Self { addresses, note: None }
    }

    fn custom(host: Option<&str>) -> Result<Self, Refusal> {
        let refusal = |message: String| Refusal { exit_code: 78, message };
        let host = host.map(str::trim).filter(|host| !host.is_empty()).ok_or_else(|| {
            refusal(
                "Bind mode custom needs an address. Set gateway.customBindHost to an IP address.".to_owned(),
            )
        })?;
        let address = host.trim_start_matches('[').trim_end_matches(']').parse().map_err(|_| {
            refusal(format!("gateway.customBindHost is \"{host}\". Set it to an IP address of this machine."))
        })?;
        Ok(Self { addresses: vec![PlannedAddress { address, required: true }], note: None })
    }
}

/// The addresses that qualify, IPv4 first, each once, otherwise in the system's order.
fn optional(machine: &[InterfaceAddress], qualifies: fn(IpAddr) -> bool) -> Vec<PlannedAddress> {
    let mut found: Vec<IpAddr> = Vec::new();
    for entry in machine.iter().filter(|entry| entry.up && qualifies(entry.address)) {
        if !found.contains(&entry.address) {
            found.push(entry.address);
        }
    }
    found.sort_by_key(IpAddr::is_ipv6);
    found.into_iter().map(|address| PlannedAddress { address, required: false }).collect()
}

/// Private or global unicast. Link-local addresses need an interface to mean anything, and those of the tailnet
/// have a mode of their own.
fn is_lan(address: IpAddr) -> bool {
    let routable = match address {
        IpAddr::V4(v4) => !v4.is_link_local() && !v4.is_broadcast(),
        IpAddr::V6(v6) => !v6.is_unicast_link_local(),
    };
    routable
        && !address.is_unspecified()
        && !address.is_loopback()
        && !address.is_multicast()
        && !is_tailnet(address)
}

#[cfg(test)]
mod tests;
