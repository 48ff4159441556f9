//! Under which names managers know the gateway of a profile. Pure.

use super::ServiceError;
use crate::profile::{EnvMap, ProfileName, ResolvedProfile, vars};

/// The names under which managers know the gateway of one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceNames {
    /// systemd unit, for example `clawdbot-gateway.service`.
    pub unit: String,
    /// launchd label, for example `com.clawdbot.gateway`.
    pub label: String,
    /// Scheduled Task, for example `Clawdbot Gateway`.
    pub task: String,
}

/// The names for a profile: the published ones, unless the environment names others. A profile that was named on the
/// command line has its own: what the environment says was meant for another.
pub fn names(profile: &ResolvedProfile) -> Result<ServiceNames, ServiceError> {
    let own = own(profile.paths.name.as_ref());
    if profile.explicit {
        return Ok(own);
    }
    let named = |variable| named(&profile.env, variable);
    Ok(ServiceNames {
        unit: match named(vars::SYSTEMD_UNIT)? {
            Some(unit) if unit.ends_with(".service") => unit.to_owned(),
            Some(unit) => format!("{unit}.service"),
            None => own.unit,
        },
        label: named(vars::LAUNCHD_LABEL)?.map_or(own.label, str::to_owned),
        task: named(vars::WINDOWS_TASK)?.map_or(own.task, str::to_owned),
    })
}

/// The names that follow from the profile's name alone.
fn own(profile: Option<&ProfileName>) -> ServiceNames {
    match profile.map(ProfileName::as_str) {
        None => ServiceNames {
            unit: "clawdbot-gateway.service".to_owned(),
            label: "com.clawdbot.gateway".to_owned(),
            task: "Clawdbot Gateway".to_owned(),
        },
        Some(name) => ServiceNames {
            unit: format!("clawdbot-gateway-{name}.service"),
            // The published label of a profile `gateway` is that of no profile.
            label: if name == "gateway" {
                "com.clawdbot.gateway.gateway".to_owned()
            } else {
                format!("com.clawdbot.{name}")
            },
            task: format!("Clawdbot Gateway ({name})"),
        },
    }
}

/// A name in the environment. It becomes part of paths and command lines, so not everything is one.
fn named<'a>(env: &'a EnvMap, variable: &'static str) -> Result<Option<&'a str>, ServiceError> {
    let Some(name) = env.get(variable) else { return Ok(None) };
    let blank = if variable == vars::WINDOWS_TASK { " ()" } else { "" };
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-:@".contains(c) || blank.contains(c);
    if name.len() <= 200 && name.chars().all(fits) && !name.starts_with(['.', '-']) {
        Ok(Some(name))
    } else {
        Err(ServiceError::Name { variable, name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::profile::{ProfileRequest, resolve};

    fn found(profile: Option<&str>, env: &EnvMap) -> Result<ServiceNames, ServiceError> {
        let name = profile.map(|name| ProfileName::parse(name).unwrap());
        let request = ProfileRequest { name, ..ProfileRequest::default() };
        names(&resolve(&request, env, Some(PathBuf::from("/home/you"))).unwrap())
    }

    #[track_caller]
    fn check(profile: Option<&str>, env: &EnvMap, expected: [&str; 3]) {
        let names = found(profile, env).unwrap();
        assert_eq!([&*names.unit, &*names.label, &*names.task], expected);
    }

    #[test]
    fn every_profile_has_its_own() {
        let none = EnvMap::default();
        let plain = ["clawdbot-gateway.service", "com.clawdbot.gateway", "Clawdbot Gateway"];
        let work = ["clawdbot-gateway-work.service", "com.clawdbot.work", "Clawdbot Gateway (work)"];
        check(None, &none, plain);
        check(Some("Default"), &none, plain);
        check(Some("work"), &none, work);
        check(None, &EnvMap::from([(vars::PROFILE, "work")]), work);
        assert_ne!(found(Some("gateway"), &none).unwrap().label, plain[1]);
    }

    #[test]
    fn the_environment_names_others_unless_a_profile_was_named() {
        let env = EnvMap::from([
            (vars::SYSTEMD_UNIT, "my-gateway"),
            (vars::LAUNCHD_LABEL, "org.example.gateway"),
            (vars::WINDOWS_TASK, "My Gateway (2)"),
        ]);
        check(None, &env, ["my-gateway.service", "org.example.gateway", "My Gateway (2)"]);
        check(
            Some("work"),
            &env,
            ["clawdbot-gateway-work.service", "com.clawdbot.work", "Clawdbot Gateway (work)"],
        );
        check(
            None,
            &EnvMap::from([(vars::SYSTEMD_UNIT, "a@b.service")]),
            ["a@b.service", "com.clawdbot.gateway", "Clawdbot Gateway"],
        );
    }

    #[test]
    fn what_leads_elsewhere_is_no_name() {
        for bad in ["../x", "a/b", "-x", "a b", ".hidden", "a%h", &"x".repeat(201)] {
            let error = found(None, &EnvMap::from([(vars::SYSTEMD_UNIT, bad)])).unwrap_err();
            assert!(error.to_string().contains("CLAWDBOT_SYSTEMD_UNIT"), "{error}");
        }
    }
}
