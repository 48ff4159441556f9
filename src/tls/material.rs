//! Certificates and keys out of PEM files, checked before anything is served with them.

use std::io::{self, Read as _};
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::error::{Part, TlsError};
use super::fingerprint::Fingerprint;
use super::x509::Facts;
use crate::platform::fs;
use crate::settings::TlsSettings;

/// No certificate file is larger, not even that of all authorities of a system.
const FILE_MAX: u64 = 4 * 1024 * 1024;

/// What a gateway proves itself with. `Debug` of a key shows nothing of it.
#[derive(Debug)]
pub(super) struct Material {
    /// Of the gateway's own certificate.
    pub(super) fingerprint: Fingerprint,
    /// That certificate, then those that vouch for it.
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub(super) key: PrivateKeyDer<'static>,
}

/// Reads what the settings name. Whether key and certificate belong together is not decided here.
pub(super) fn read(settings: &TlsSettings, now: Timestamp) -> Result<Material, TlsError> {
    let mut chain = certificates(Part::Certificate, &settings.cert_path)?;
    let fingerprint = fingerprint_of(&chain, &settings.cert_path)?;
    let key = key(&settings.key_path)?;
    check_time(settings, &chain, now)?;
    if let Some(path) = &settings.ca_path {
        let authorities = certificates(Part::Authorities, path)?;
        if !leads_on(&chain, &authorities) {
            tracing::warn!(path = %path.display(), "no certificate of gateway.tls.caPath vouches for the chain; it changes nothing");
        }
        extend(&mut chain, &authorities);
    }
    Ok(Material { fingerprint, chain, key })
}

/// The fingerprint of the first certificate in a file: the one that a gateway with this file proves itself with.
pub fn fingerprint_of_file(path: &Path) -> Result<Fingerprint, TlsError> {
    fingerprint_of(&certificates(Part::Certificate, path)?, path)
}

fn fingerprint_of(chain: &[CertificateDer<'_>], path: &Path) -> Result<Fingerprint, TlsError> {
    chain.first().map(|own| Fingerprint::of(own)).ok_or_else(|| empty(Part::Certificate, path))
}

fn empty(part: Part, path: &Path) -> TlsError {
    TlsError::Unusable { part, path: path.to_owned(), cause: "there is no certificate in it".to_owned() }
}

/// All certificates of a file, at least one.
pub(super) fn certificates(part: Part, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = content(part, path)?;
    let unusable = |cause: String| TlsError::Unusable { part, path: path.to_owned(), cause };
    let found: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(error.to_string()))?;
    if found.is_empty() {
        return Err(empty(part, path));
    }
    if found.iter().any(|certificate| Facts::read(certificate).is_none()) {
        return Err(unusable("it is damaged".to_owned()));
    }
    Ok(found)
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let part = Part::Key;
    let text = content(part, path)?;
    let is_marked = |mark: &[u8]| text.windows(mark.len()).any(|window| window == mark);
    if is_marked(b"-----BEGIN ENCRYPTED PRIVATE KEY-----") || is_marked(b"Proc-Type: 4,ENCRYPTED") {
        return Err(TlsError::Encrypted { path: path.to_owned() });
    }
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
        let cause = match error {
            rustls::pki_types::pem::Error::NoItemsFound => "there is no private key in it".to_owned(),
            error => error.to_string(),
        };
        TlsError::Unusable { part, path: path.to_owned(), cause }
    })
}

/// The bytes of a regular file of sensible size. A key that everybody can read is no secret, and not read.
fn content(part: Part, path: &Path) -> Result<Vec<u8>, TlsError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => TlsError::Missing { part, path: path.to_owned() },
        _ => TlsError::Read { part, path: path.to_owned(), source },
    };
    let Some((file, metadata)) = fs::open_regular(path).map_err(failed)? else {
        return Err(failed(io::Error::other("it is not a file")));
    };
    if part == Part::Key
        && let Some(mode) = fs::mode_for_everybody(&metadata)
    {
        return Err(TlsError::Exposed { path: path.to_owned(), mode });
    }
    let mut content = Vec::new();
    file.take(FILE_MAX + 1).read_to_end(&mut content).map_err(failed)?;
    if content.len() as u64 > FILE_MAX {
        return Err(failed(io::Error::other("it is larger than 4 MiB")));
    }
    Ok(content)
}

/// A certificate that is over is refused: no client would accept it. One that is not valid yet is served, because
/// it is the clock of the client that counts, and the one of a small machine may be behind at its start.
fn check_time(settings: &TlsSettings, chain: &[CertificateDer<'_>], now: Timestamp) -> Result<(), TlsError> {
    let Some(own) = chain.first().and_then(|own| Facts::read(own)) else { return Ok(()) };
    let now = now.to_zoned(TimeZone::UTC).datetime();
    if own.not_after < now {
        return Err(TlsError::Expired {
            path: settings.cert_path.clone(),
            on: own.not_after.date().to_string(),
            made_here: settings.made_here,
        });
    }
    if own.not_before > now {
        let path = settings.cert_path.display();
        tracing::warn!(%path, from = %own.not_before, "the TLS certificate is not valid yet; is the clock right?");
    }
    Ok(())
}

/// Whether one of `authorities` has issued the end of the chain.
fn leads_on(chain: &[CertificateDer<'_>], authorities: &[CertificateDer<'_>]) -> bool {
    let Some(end) = chain.last().and_then(|end| Facts::read(end)) else { return false };
    authorities.iter().filter_map(|one| Facts::read(one)).any(|one| one.subject == end.issuer)
}

/// Appends those of `authorities` that lead from the end of the chain towards its root. The root itself is not
/// sent: a client has it, or does not trust it.
fn extend(chain: &mut Vec<CertificateDer<'static>>, authorities: &[CertificateDer<'static>]) {
    while let Some(end) = chain.last().and_then(|end| Facts::read(end)).filter(|end| !end.is_self_issued()) {
        let vouches = |one: &&CertificateDer<'static>| {
            Facts::read(one).is_some_and(|facts| facts.subject == end.issuer && !facts.is_self_issued())
        };
        let Some(next) = authorities.iter().find(vouches).filter(|next| !chain.contains(next)) else {
            return;
        };
        chain.push(next.clone());
    }
}
