//! The SHA-256 fingerprint of a certificate, as people copy it. Pure.

use std::fmt;

use sha2::{Digest, Sha256};

/// SHA-256 of a certificate. Shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// A text that is no SHA-256 fingerprint. The first words are the published program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("gateway tls fingerprint missing (not a SHA-256 fingerprint: 64 hexadecimal digits, colons allowed)")]
pub struct NoFingerprint;

impl Fingerprint {
    /// The fingerprint of a certificate in DER.
    pub fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }

    /// Reads what people paste: hexadecimal in either case, with or without colons and blanks, after `sha256:`,
    /// `SHA-256`, or openssl's `sha256 Fingerprint=`.
    pub fn parse(text: &str) -> Result<Self, NoFingerprint> {
        let lower = text.trim().to_ascii_lowercase();
        let prefixed = lower.strip_prefix("sha256").or_else(|| lower.strip_prefix("sha-256"));
        let digits = prefixed.map_or(lower.as_str(), |rest| {
            let rest = rest.trim_start();
            rest.strip_prefix("fingerprint").unwrap_or(rest).trim_start_matches([' ', ':', '='])
        });
        let mut bytes = [0; 32];
        let mut count = 0;
        for digit in digits.chars().filter(|c| *c != ':' && !c.is_ascii_whitespace()) {
            let digit = digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()).ok_or(NoFingerprint)?;
            let byte = bytes.get_mut(count / 2).ok_or(NoFingerprint)?;
            *byte = *byte << 4 | digit;
            count += 1;
        }
        if count == 64 { Ok(Self(bytes)) } else { Err(NoFingerprint) }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_it_is_understood() {
        let fingerprint = Fingerprint::of(b"");
        let plain = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(fingerprint.to_string(), plain);
        let upper = plain.to_uppercase();
        let pairs: Vec<&str> = (0..32).map(|index| &upper[index * 2..index * 2 + 2]).collect();
        let colons = pairs.join(":");
        for text in [
            plain.to_owned(),
            upper.clone(),
            colons.clone(),
            format!(" {}\n", pairs.join(" ")),
            format!("sha256:{plain}"),
            format!("SHA-256: {colons}"),
            format!("sha256 {plain}"),
            format!("sha256 Fingerprint={colons}"),
        ] {
            assert_eq!(Fingerprint::parse(&text), Ok(fingerprint), "{text}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        let plain = Fingerprint::of(b"").to_string();
        for text in ["", "sha256:", "xyz", &plain[1..], &format!("{plain}0"), &format!("sha1:{plain}"), "é"]
        {
            assert_eq!(Fingerprint::parse(text), Err(NoFingerprint), "{text}");
        }
    }
}
