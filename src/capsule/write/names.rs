//! What the directories and the devices of a profile are called in a capsule. Pure.

use std::path::{Path, PathBuf};

use super::devices::Device;
use crate::capsule::ThrowawayKey;
use crate::capsule::format::HOME_PLACE;
use crate::capsule::throwaway::standard;
use crate::redaction::Names;

/// The directories of a profile, on one machine.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    pub(super) home: Option<PathBuf>,
    pub(super) state: PathBuf,
    pub(super) workspace: Option<PathBuf>,
}

/// Adds what stands in place of `places` in texts: `state` and `workspace` are their names below `home/`.
pub(super) fn add_places(names: &mut Names, places: &Places, state: &str, workspace: &str) {
    let mut add = |path: &Path, to: String| {
        // Of the root of a file system there is nothing to hide.
        if path.parent().is_some() && path.is_absolute() {
            names.places.push((path.display().to_string(), to));
        }
    };
    add(&places.state, format!("{HOME_PLACE}/{state}"));
    let own = format!("{HOME_PLACE}/{workspace}");
    if let Some(path) = &places.workspace {
        add(path, own.clone());
    }
    if let Some(home) = &places.home {
        add(home, HOME_PLACE.to_owned());
    }
    // A workspace with another name than usual is moved to the usual place.
    let below = places.workspace.as_deref().zip(places.home.as_deref());
    if let Some(below) = below.and_then(|(path, home)| path.strip_prefix(home).ok())
        && below != Path::new(workspace)
        && !below.as_os_str().is_empty()
    {
        names.places.push((format!("~/{}", below.display()), own));
    }
}

/// Adds what stands in place of `devices`; their keys, in the same order.
pub(super) fn add_devices(names: &mut Names, devices: &[Device]) -> Vec<ThrowawayKey> {
    let keys: Vec<ThrowawayKey> = (1..=devices.len()).map(ThrowawayKey::of).collect();
    for (device, key) in devices.iter().zip(&keys) {
        names.anywhere.push((device.id.clone(), key.device_id.clone()));
        if let Some(public_key) = &device.public_key {
            names.anywhere.push((public_key.clone(), key.public_key.clone()));
            names.anywhere.push((standard(public_key), key.public_key_standard()));
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redaction::{Book, Cleaner, Look};

    #[test]
    fn places_and_devices_have_other_names() {
        let mut names = Names::default();
        let places = Places {
            home: Some("/home/ada".into()),
            state: "/home/ada/.clawdbot".into(),
            workspace: Some("/home/ada/my work".into()),
        };
        add_places(&mut names, &places, ".clawdbot", "clawd");
        // One that is not the same in both alphabets.
        let one = (90..200).map(ThrowawayKey::of).find(|key| key.public_key.contains('_')).unwrap();
        let two = ThrowawayKey::of(89);
        let devices = [
            Device { id: one.device_id.clone(), public_key: Some(one.public_key.clone()) },
            Device { id: two.device_id.clone(), public_key: None },
        ];
        let keys = add_devices(&mut names, &devices);
        let cleaner = Cleaner::new(&Book::new("x-"), &names).unwrap();
        let clean = |text: &str| cleaner.clean(text, Look::Values);
        assert_eq!(
            clean("/home/ada/.clawdbot/a \"/home/ada/my work\" ~/my work/b ~/x /home/ada"),
            "/capsule/home/.clawdbot/a \"/capsule/home/clawd\" /capsule/home/clawd/b ~/x /capsule/home"
        );
        let text =
            format!("{} {} {} {}", one.device_id, one.public_key, one.public_key_standard(), two.device_id);
        let expected = format!(
            "{} {} {} {}",
            keys[0].device_id,
            keys[0].public_key,
            keys[0].public_key_standard(),
            keys[1].device_id
        );
        assert_eq!(clean(&text), expected);
    }
}
