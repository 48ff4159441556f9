use std::collections::BTreeSet;

use super::*;

#[test]
fn the_first_use_creates_and_later_ones_read() {
    let state = tempfile::tempdir().unwrap();
    let first = DeviceIdentity::load_or_create(state.path()).unwrap();
    let second = DeviceIdentity::load_or_create(state.path()).unwrap();
    assert_eq!(first.device_id(), second.device_id());
    assert_eq!(first.key().to_bytes(), second.key().to_bytes());

    let path = state.path().join("identity/device.json");
    let file: File = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!((file.version, file.device_id.as_str()), (1, first.device_id()));
    assert!(file.public_key_pem.starts_with("-----BEGIN PUBLIC KEY-----\n"));
    assert!(file.private_key_pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert_eq!(DeviceKey::parse(&file.public_key_pem).unwrap().device_id(), file.device_id);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn many_at_once_agree() {
    let state = tempfile::tempdir().unwrap();
    let ids: BTreeSet<String> = std::thread::scope(|scope| {
        let load = || DeviceIdentity::load_or_create(state.path()).unwrap().device_id().to_owned();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(load)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(ids.len(), 1);
}

/// The private key alone, as the published CLI writes it and OpenSSL reads it: 46 bytes, of which the first 16 are
/// always these.
#[test]
fn the_private_key_has_the_published_form() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    let mut der = vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];
    der.extend([0x04, 0x22, 0x04, 0x20]);
    der.extend([7; 32]);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der));
    let identity = DeviceIdentity::of(SigningKey::from_bytes(&[7; 32]));
    let file: File = serde_json::from_str(&identity.to_file(1).unwrap()).unwrap();
    assert_eq!(file.private_key_pem, pem);
}

#[test]
fn a_broken_file_is_reported_and_kept() {
    let state = tempfile::tempdir().unwrap();
    std::fs::create_dir(state.path().join("identity")).unwrap();
    let path = state.path().join("identity/device.json");
    for content in [
        "",
        "{",
        "{}",
        r#"{"version":1,"deviceId":"x","publicKeyPem":"x","privateKeyPem":"x","createdAtMs":1}"#,
    ] {
        std::fs::write(&path, content).unwrap();
        let error = DeviceIdentity::load_or_create(state.path()).unwrap_err();
        assert!(matches!(error, IdentityError::Content { .. }), "{content}: {error:?}");
        assert!(error.to_string().contains("remove the file"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
}

#[test]
fn the_private_key_stays_out_of_logs() {
    let identity = DeviceIdentity::of(SigningKey::from_bytes(&[7; 32]));
    let text = format!("{identity:?}");
    assert!(text.contains(identity.device_id()) && !text.contains("key"), "{text}");
}
