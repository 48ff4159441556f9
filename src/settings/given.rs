//! Sockets that a service manager opened: their addresses are not chosen here, but whether they may be served is.

use std::net::IpAddr;

use super::{AuthMode, GatewaySettings, Refusal, TailscaleMode};

/// Refuses to serve on addresses that others can reach, where the same bind mode would be refused.
pub fn guard_given(
    settings: &GatewaySettings,
    addresses: impl IntoIterator<Item = IpAddr>,
) -> Result<(), Refusal> {
    let Some(exposed) = addresses.into_iter().find(|address| !address.is_loopback()) else { return Ok(()) };
    if settings.auth.mode == AuthMode::None {
        return Err(refusal(format!(
            "Refusing to serve the inherited socket on {exposed} without auth.\n\
             Set gateway.auth.token/password (or CLAWDBOT_GATEWAY_TOKEN/CLAWDBOT_GATEWAY_PASSWORD) \
             or pass --token/--password."
        )));
    }
    if settings.tailscale.mode != TailscaleMode::Off {
        return Err(refusal(format!(
            "tailscale serve/funnel requires gateway bind=loopback (127.0.0.1), and the inherited socket is on {exposed}"
        )));
    }
    Ok(())
}

fn refusal(message: String) -> Refusal {
    Refusal { exit_code: 78, message }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::config::Config;
    use crate::profile::{self, EnvMap, ProfileRequest};
    use crate::settings::{RunFlags, Secret, resolve};

    #[track_caller]
    fn check(flags: &RunFlags, addresses: &[&str], expected: Option<&str>) {
        let home = Some(PathBuf::from("/home/you"));
        let paths = profile::resolve(&ProfileRequest::default(), &EnvMap::default(), home).unwrap().paths;
        let settings = resolve(flags, &EnvMap::default(), &paths, &Config::default()).unwrap();
        let addresses = addresses.iter().map(|address| address.parse().unwrap());
        let found = guard_given(&settings, addresses).err().map(|refusal| refusal.message);
        assert_eq!(found.as_deref().and_then(|text| text.lines().next()), expected);
    }

    #[test]
    fn what_others_can_reach_needs_authentication() {
        let open = RunFlags::default();
        let guarded = RunFlags { token: Some(Secret::new("t")), ..RunFlags::default() };
        let exposed = RunFlags { tailscale: Some(TailscaleMode::Serve), ..guarded.clone() };
        check(&open, &[], None);
        check(&open, &["127.0.0.1", "::1"], None);
        check(
            &open,
            &["127.0.0.1", "0.0.0.0"],
            Some("Refusing to serve the inherited socket on 0.0.0.0 without auth."),
        );
        check(&guarded, &["::"], None);
        check(&exposed, &["127.0.0.1"], None);
        check(
            &exposed,
            &["10.0.0.1"],
            Some(
                "tailscale serve/funnel requires gateway bind=loopback (127.0.0.1), and the inherited socket is on 10.0.0.1",
            ),
        );
    }
}
