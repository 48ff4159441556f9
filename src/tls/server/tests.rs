use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::CertificateDer;

use super::*;
use crate::tls::material;

/// A directory with certificates and keys.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        path
    }

    /// A pair that is valid until this year.
    fn pair(&self, name: &str, until: i32) -> TlsSettings {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        parameters.not_after = date_time_ymd(until, 1, 1);
        let certificate = parameters.self_signed(&key).unwrap();
        named(
            self.write(&format!("{name}.pem"), &certificate.pem()),
            self.write(&format!("{name}.key"), &key.serialize_pem()),
        )
    }
}

fn named(cert_path: PathBuf, key_path: PathBuf) -> TlsSettings {
    TlsSettings { cert_path, key_path, ca_path: None, may_make: false, made_here: false }
}

fn made_in(directory: &Path) -> TlsSettings {
    TlsSettings {
        may_make: true,
        made_here: true,
        ..named(directory.join("tls/gateway-cert.pem"), directory.join("tls/gateway-key.pem"))
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tls").join(name)
}

#[track_caller]
fn refused(settings: &TlsSettings, expected: &str) {
    let error = ServerTls::load(settings).unwrap_err().to_string();
    assert!(error.starts_with("gateway tls: ") && error.contains(expected), "{error}");
    assert_eq!(error.lines().count(), 2, "the problem and its fix: {error}");
}

#[test]
fn a_pair_is_made_once_and_for_its_owner_alone() {
    let directory = tempfile::tempdir().unwrap();
    let settings = made_in(directory.path());
    let first = ServerTls::load(&settings).unwrap().fingerprint;
    assert_eq!(ServerTls::load(&settings).unwrap().fingerprint, first);
    #[cfg(unix)]
    for (path, mode) in [
        (directory.path().join("tls"), 0o700),
        (settings.cert_path.clone(), 0o600),
        (settings.key_path.clone(), 0o600),
    ] {
        let found = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(found & 0o777, mode, "{}", path.display());
    }
    assert_eq!(fs::read_dir(directory.path().join("tls")).unwrap().count(), 2, "nothing is left beside them");
}

#[test]
fn gateways_that_start_at_once_end_up_with_one_pair() {
    for _ in 0..20 {
        let directory = tempfile::tempdir().unwrap();
        let settings = made_in(directory.path());
        let found: Vec<Fingerprint> = std::thread::scope(|scope| {
            let load = || ServerTls::load(&settings).unwrap().fingerprint;
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(load)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
    }
}

#[test]
fn a_made_certificate_is_valid_for_ten_years() {
    let directory = tempfile::tempdir().unwrap();
    let settings = made_in(directory.path());
    let at = |time: &str| ServerTls::load_at(&settings, "box", time.parse().unwrap());
    at("2024-02-29T12:00:00Z").unwrap();
    at("2034-02-27T23:00:00Z").unwrap();
    let over = at("2034-02-28T00:00:01Z").unwrap_err().to_string();
    assert!(over.contains("expired on 2034-02-28\nRemove it and the key beside it"), "{over}");
}

#[test]
fn keys_of_every_supported_kind_serve() {
    let files = Files::new();
    ServerTls::load(&files.pair("ecdsa", 2049)).unwrap();
    let key = fs::read_to_string(fixture("rsa-key.pem")).unwrap();
    ServerTls::load(&named(fixture("rsa-cert.pem"), files.write("rsa.key", &key))).unwrap();
}

#[test]
fn what_cannot_serve_is_named_with_its_fix() {
    let files = Files::new();
    let good = files.pair("good", 2049);
    let other = files.pair("other", 2049);
    let certificate = |path: PathBuf| named(path, good.key_path.clone());
    let key = |path: PathBuf| named(good.cert_path.clone(), path);
    let absent = files.0.path().join("absent");

    refused(&certificate(absent.clone()), "there is no certificate at");
    refused(&key(absent.clone()), "there is no private key at");
    refused(
        &TlsSettings { ca_path: Some(absent.clone()), ..good.clone() },
        "there is no authority certificate at",
    );
    refused(&TlsSettings { made_here: true, ..certificate(absent) }, "remove gateway.tls.autoGenerate=false");
    refused(&certificate(files.0.path().to_owned()), "it is not a file");
    refused(&certificate(files.write("empty", "")), "there is no certificate in it");
    refused(&certificate(good.key_path.clone()), "there is no certificate in it");
    refused(&key(good.cert_path.clone()), "there is no private key in it");
    let damaged = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    refused(&certificate(files.write("damaged", damaged)), "it is damaged");
    let cut = fs::read_to_string(&good.cert_path).unwrap();
    refused(&certificate(files.write("cut", &cut[..cut.len() / 2])), "holds no usable certificate");
    let odd = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";
    refused(&key(files.write("odd", odd)), "it is of a kind that is not supported");
    for encrypted in [
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n",
    ] {
        refused(&key(files.write("encrypted", encrypted)), "is encrypted");
    }
    refused(&key(other.key_path.clone()), "does not belong to the certificate");
    refused(&files.pair("old", 2020), "expired on 2020-01-01\nRenew it");
    refused(&TlsSettings { may_make: true, ..key(files.0.path().join("gone")) }, "Put the key back");
}

#[cfg(unix)]
#[test]
fn a_key_that_everybody_can_read_is_refused_and_one_of_a_group_is_not() {
    use std::os::unix::fs::PermissionsExt;

    let pair = Files::new();
    let settings = pair.pair("pair", 2049);
    let with_mode = |mode: u32| {
        fs::set_permissions(&settings.key_path, PermissionsExt::from_mode(mode)).unwrap();
        ServerTls::load(&settings)
    };
    for mode in [0o644, 0o604, 0o602] {
        let error = with_mode(mode).unwrap_err().to_string();
        assert!(error.contains(&format!("(mode {mode:04o})\n")) && error.contains("chmod o-rwx"), "{error}");
    }
    for mode in [0o640, 0o440, 0o600, 0o400] {
        with_mode(mode).unwrap();
    }
}

#[test]
fn authorities_complete_the_chain_without_the_root() {
    let files = Files::new();
    let authority = |name: &str| {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        (parameters, KeyPair::generate().unwrap())
    };
    let (root, root_key) = authority("root");
    let root_certificate = root.self_signed(&root_key).unwrap();
    let root = Issuer::new(root, root_key);
    let (middle, middle_key) = authority("middle");
    let middle_certificate = middle.signed_by(&middle_key, &root).unwrap();
    let middle = Issuer::new(middle, middle_key);
    let key = KeyPair::generate().unwrap();
    let leaf =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &middle).unwrap();

    let authorities = files.write("ca.pem", &(root_certificate.pem() + &middle_certificate.pem()));
    let settings = TlsSettings {
        ca_path: Some(authorities),
        ..named(files.write("leaf.pem", &leaf.pem()), files.write("leaf.key", &key.serialize_pem()))
    };
    let expected: Vec<CertificateDer<'static>> = vec![leaf.der().clone(), middle_certificate.der().clone()];
    assert_eq!(material::read(&settings, Timestamp::UNIX_EPOCH).unwrap().chain, expected);
    // A certificate that needs nobody is left alone.
    let alone = TlsSettings { ca_path: settings.ca_path.clone(), ..files.pair("alone", 2049) };
    assert_eq!(material::read(&alone, Timestamp::UNIX_EPOCH).unwrap().chain.len(), 1);
}
