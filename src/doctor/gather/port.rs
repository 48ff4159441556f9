//! Who holds the port.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::doctor::facts::{ConfigFacts, PortFacts};
use crate::platform::ports;
use crate::profile::ResolvedProfile;
use crate::settings::BindMode;

/// Whoever keeps a gateway of this profile from listening where everybody looks for it first.
pub(super) fn look(config: Option<&ConfigFacts>, profile: &ResolvedProfile) -> PortFacts {
    let settings = config.and_then(|config| config.settings.as_ref());
    let named = || config.and_then(|config| config.config.gateway.port);
    let port = settings.map(|settings| settings.port);
    let port = port.or_else(|| profile.env.port()).or_else(named).unwrap_or(profile.paths.default_port);
    let custom = settings.filter(|settings| settings.bind == BindMode::Custom);
    let custom = custom.and_then(|settings| settings.custom_bind_host.as_deref()?.parse::<IpAddr>().ok());
    let wanted = SocketAddr::new(custom.unwrap_or(Ipv4Addr::LOCALHOST.into()), port);
    let mut holders = ports::holders(port);
    holders.retain(|holder| holder.is_in_the_way_of(wanted));
    PortFacts { port, holders }
}
