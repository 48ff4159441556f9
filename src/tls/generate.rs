//! The certificate that is made when there is none: self-signed, for this machine, kept for ever after.
//!
//! Key and certificate belong together whatever happens meanwhile. The key comes first, and whoever finds one makes
//! the certificate for that: of several gateways that start at once, and after a crash between the two files, one
//! pair comes out.

use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair};

use super::error::TlsError;
use crate::platform::atomic;

/// Name of the certificate, as the published gateway calls it.
const COMMON_NAME: &str = "clawdbot-gateway";

/// How long it is valid.
const YEARS: i16 = 10;

/// Makes what is missing of the pair. Both files are for their owner alone.
pub(super) fn complete(certificate: &Path, key: &Path, host: &str, now: Timestamp) -> Result<(), TlsError> {
    if exists(certificate) {
        if exists(key) {
            return Ok(());
        }
        return Err(TlsError::KeyLost { certificate: certificate.to_owned(), key: key.to_owned() });
    }
    if !exists(key) {
        let pair = KeyPair::generate().map_err(|error| TlsError::Make(error.to_string()))?;
        write(key, &pair.serialize_pem())?;
    }
    // Not the one made above: another gateway may have been faster.
    let pem = fs::read_to_string(key).map_err(|source| TlsError::Write { path: key.to_owned(), source })?;
    let pair = KeyPair::from_pem(&pem).map_err(|error| {
        TlsError::Make(format!("the key {} that is already there cannot be used: {error}", key.display()))
    })?;
    let made = parameters(host, now)
        .and_then(|parameters| parameters.self_signed(&pair))
        .map_err(|error| TlsError::Make(error.to_string()))?;
    write(certificate, &made.pem())
}

/// Also true for a link that leads nowhere and for what cannot be looked at: nothing is made in such a place, and
/// reading it tells what is wrong.
fn exists(path: &Path) -> bool {
    let absent = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];
    !matches!(fs::symlink_metadata(path), Err(error) if absent.contains(&error.kind()))
}

/// Writes a file unless there is one by now.
fn write(path: &Path, pem: &str) -> Result<(), TlsError> {
    path.parent()
        .map_or(Ok(()), atomic::private_directory)
        .and_then(|()| atomic::create(path, pem.as_bytes()))
        .map(drop)
        .map_err(|source| TlsError::Write { path: path.to_owned(), source })
}

/// What the certificate says. It vouches for no other one, so that it can be trusted without more.
fn parameters(host: &str, now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let mut names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    if is_host_name(host) && host != "localhost" {
        names.push(host.to_owned());
    }
    let mut parameters = CertificateParams::new(names)?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, COMMON_NAME);
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let today = now.to_zoned(TimeZone::UTC).date();
    let midnight = |date: Date| {
        let [month, day] = [date.month(), date.day()].map(i8::unsigned_abs);
        rcgen::date_time_ymd(i32::from(date.year()), month, day)
    };
    // The clock of another machine may be a little behind.
    parameters.not_before = midnight(today.yesterday().unwrap_or(today));
    // A day that every year has.
    let end = Date::new(today.year().saturating_add(YEARS), today.month(), today.day().min(28));
    parameters.not_after = midnight(end.unwrap_or(Date::MAX));
    Ok(parameters)
}

/// Whether clients can look for the name in a certificate.
fn is_host_name(host: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-';
    host.len() <= 253
        && host.split('.').all(|label| (1..=63).contains(&label.len()) && label.chars().all(legal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_clients_can_look_for() {
        for (name, expected) in [
            ("box", true),
            ("my-box.example.org", true),
            ("", false),
            ("my box", false),
            ("under_score", false),
            ("a..b", false),
            ("kühlschrank", false),
        ] {
            assert_eq!(is_host_name(name), expected, "{name}");
        }
    }

    #[test]
    fn half_a_pair_is_completed_from_the_key_and_never_from_the_certificate() {
        let directory = tempfile::tempdir().unwrap();
        let (certificate, key) =
            (directory.path().join("tls/cert.pem"), directory.path().join("tls/key.pem"));
        let complete = || complete(&certificate, &key, "box", Timestamp::UNIX_EPOCH);
        complete().unwrap();
        let before = (fs::read(&certificate).unwrap(), fs::read(&key).unwrap());
        complete().unwrap();
        assert_eq!((fs::read(&certificate).unwrap(), fs::read(&key).unwrap()), before);
        fs::remove_file(&certificate).unwrap();
        complete().unwrap();
        assert_eq!(fs::read(&key).unwrap(), before.1);
        fs::remove_file(&key).unwrap();
        assert!(matches!(complete(), Err(TlsError::KeyLost { .. })));
        assert!(!key.exists());
    }
}
