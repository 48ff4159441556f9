//! Which devices a text speaks of. Pure.

use crate::auth::device::DeviceKey;

/// A device, by its key or, where that is nowhere, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Device {
    /// SHA-256 of its public key, in hexadecimal digits.
    pub(super) id: String,
    /// Its public key, base64url.
    pub(super) public_key: Option<String>,
}

/// Members that hold a public key, and the one that holds a name.
const KEYS: [&str; 2] = ["publicKey", "publicKeyPem"];
const ID: &str = "deviceId";

/// Longest value that is looked at.
const LONGEST: usize = 400;

/// Every device of a text, in the order in which they stand there; one may come several times.
pub(super) fn devices(text: &str) -> Vec<Device> {
    let mut found: Vec<(usize, Device)> = Vec::new();
    for (at, _) in text.match_indices(KEYS[0]) {
        let after = &text[at + KEYS[0].len()..];
        let after = after.strip_prefix(&KEYS[1][KEYS[0].len()..]).unwrap_or(after);
        let key = value(after).and_then(|value| DeviceKey::parse(&value.replace("\\n", "\n")).ok());
        if let Some(key) = key {
            let device = Device { id: key.device_id(), public_key: Some(key.to_base64url()) };
            found.push((at, device));
        }
    }
    for (at, _) in text.match_indices(ID) {
        if let Some(id) = value(&text[at + ID.len()..]).filter(|id| is_id(id)) {
            found.push((at, Device { id: id.to_owned(), public_key: None }));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, device)| device).collect()
}

/// The text that follows the name of a member, when it is short: `": "…"`, with the quotes escaped or not.
fn value(after: &str) -> Option<&str> {
    let after = after.trim_start_matches('\\').strip_prefix('"')?.trim_start_matches(' ');
    let after =
        after.strip_prefix(':')?.trim_start_matches(' ').trim_start_matches('\\').strip_prefix('"')?;
    let window = &after[..after.floor_char_boundary(LONGEST.min(after.len()))];
    let end = window.find('"')?;
    Some(window[..end].trim_end_matches('\\'))
}

fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capsule::ThrowawayKey;

    #[test]
    fn devices_are_known_by_their_keys_and_by_their_names() {
        let (one, two) = (ThrowawayKey::of(1), ThrowawayKey::of(2));
        let by_key = |key: &ThrowawayKey| Device {
            id: key.device_id.clone(),
            public_key: Some(key.public_key.clone()),
        };
        let by_name = |key: &ThrowawayKey| Device { id: key.device_id.clone(), public_key: None };
        let frame = format!(r#"{{"device":{{"id":"x","publicKey":"{}"}}}}"#, one.public_key);
        assert_eq!(devices(&frame), [by_key(&one)]);
        assert_eq!(devices(&serde_json::to_string(&frame).unwrap()), [by_key(&one)]);
        let log = format!(r#"{{"deviceId": "{}"}} {{"deviceId":"desk"}}"#, two.device_id);
        assert_eq!(devices(&log), [by_name(&two)]);
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEA{}=\\n-----END PUBLIC KEY-----\\n",
            two.public_key_standard()
        );
        let file = format!(r#"{{"deviceId":"{}","publicKeyPem":"{pem}"}}"#, two.device_id);
        assert_eq!(devices(&file), [by_name(&two), by_key(&two)]);
        assert_eq!(devices(r#""publicKey":"ssh-ed25519 AAAA" "publicKey": 1 "publicKey""#), []);
    }
}
