//! What of the texts of a profile must not be handed out: their secrets and their devices. Pure.

use std::collections::HashMap;
use std::io::{self, Read};

use super::devices::{Device, devices};
use super::window::{Seen, Window, end_in};
use crate::capsule::format::PLACEHOLDER;
use crate::redaction::{Evidence, Kind, secrets_of};

/// What is seen again in the next piece of a text that is one line: a secret may be as long.
const OVERLAP: usize = 64 * 1024;

/// Longer documents are looked at as texts.
pub(super) const LONGEST_DOCUMENT: usize = 4 << 20;

/// What was found, in the order in which it was met; nothing twice.
#[derive(Debug, Default)]
pub(super) struct Collected {
    secrets: Vec<(String, Evidence)>,
    known: HashMap<String, usize>,
    devices: Vec<Device>,
    /// The highest number of a placeholder that stands there already.
    pub(super) placeholder: usize,
}

impl Collected {
    /// Takes down what a whole text holds.
    pub(super) fn text(&mut self, text: &str, kind: Kind) {
        secrets_of(text, kind, &mut |value, evidence| self.secret(value, evidence));
        for device in devices(text) {
            if !self.devices.contains(&device) {
                self.devices.push(device);
            }
        }
        for (at, _) in text.match_indices(PLACEHOLDER) {
            let digits = &text[at + PLACEHOLDER.len()..];
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len()).min(9);
            self.placeholder = self.placeholder.max(digits[..end].parse().unwrap_or_default());
        }
    }

    /// Takes down what a text of any length holds; whether it is a text.
    pub(super) fn read<R: Read>(&mut self, window: &mut Window<R>) -> io::Result<bool> {
        loop {
            let (text, is_last) = match window.look()? {
                Seen::Piece(text) => (text, false),
                Seen::Last(text) => (text, true),
                Seen::NoText => return Ok(false),
            };
            self.text(text, Kind::Text);
            if is_last {
                return Ok(true);
            }
            let end = if text.contains('\n') { end_of_lines(text) } else { end_in(text, OVERLAP) };
            window.done(end);
        }
    }

    /// Takes down a secret.
    pub(super) fn secret(&mut self, value: &str, evidence: Evidence) {
        if let Some(known) = self.known.get(value) {
            let (_, best) = &mut self.secrets[*known];
            *best = (*best).max(evidence);
        } else {
            self.known.insert(value.to_owned(), self.secrets.len());
            self.secrets.push((value.to_owned(), evidence));
        }
    }

    /// Takes over what another one has.
    pub(super) fn append(&mut self, other: Self) {
        for (value, evidence) in other.secrets {
            self.secret(&value, evidence);
        }
        for device in other.devices {
            if !self.devices.contains(&device) {
                self.devices.push(device);
            }
        }
        self.placeholder = self.placeholder.max(other.placeholder);
    }

    /// The secrets.
    pub(super) fn secrets(&self) -> &[(String, Evidence)] {
        &self.secrets
    }

    /// The devices, each once, with their keys where those are known.
    pub(super) fn devices(&self) -> Vec<Device> {
        let mut devices: Vec<Device> = Vec::new();
        for device in &self.devices {
            match devices.iter_mut().find(|known| known.id == device.id) {
                Some(known) if known.public_key.is_none() => known.public_key.clone_from(&device.public_key),
                Some(_) => {}
                None => devices.push(device.clone()),
            }
        }
        devices
    }
}

/// Behind the last line, unless a private key of several lines begins before it and does not end.
fn end_of_lines(text: &str) -> usize {
    let end = text.rfind('\n').map_or(text.len(), |at| at + 1);
    match text[..end].rfind("-----BEGIN ") {
        Some(at) if at > 0 && end - at < OVERLAP && !text[at..end].contains("-----END ") => at,
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use super::super::window::PIECE;
    use super::*;

    fn collected(text: &str) -> Collected {
        let mut collected = Collected::default();
        assert!(collected.read(&mut Window::new(text.as_bytes(), PIECE)).unwrap());
        collected
    }

    /// Whatever a piece ends in.
    #[test]
    fn what_is_cut_in_two_is_found() {
        let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcH\n-----END PRIVATE KEY-----";
        for (lines, filler) in [(true, "filler \n"), (false, "filler ")] {
            for shift in (0..200).step_by(7) {
                let secret = if lines { key.to_owned() } else { "sk-abcdefghijklmnop0123456789".to_owned() };
                let mut text = filler.repeat(PIECE / filler.len() - 20);
                text.push_str(&"x".repeat(shift));
                text.push(' ');
                text.push_str(&secret);
                text.push_str(&format!("\n{filler}").repeat(20_000));
                let collected = collected(&text);
                assert!(collected.secrets().iter().any(|(value, _)| *value == secret), "{shift}");
            }
        }
    }

    #[test]
    fn nothing_is_taken_down_twice() {
        let id = "a".repeat(64);
        let text = format!(
            "{{\"token\":\"abc\"}} token=abc {{\"deviceId\":\"{id}\"}} {{\"deviceId\":\"{id}\"}} capsule-secret-12"
        );
        let collected = collected(&text);
        assert_eq!(collected.secrets(), [("abc".to_owned(), Evidence::Told)]);
        assert_eq!((collected.devices().len(), collected.placeholder), (1, 12));
    }
}
