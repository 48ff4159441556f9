use super::*;

/// Signed by the published client, recorded on the wire.
struct Recorded {
    id: &'static str,
    public_key: &'static str,
    signature: &'static str,
    signed_at_ms: u64,
    client: (&'static str, &'static str),
    token: &'static str,
    nonce: &'static str,
}

const RECORDED: [Recorded; 3] = [
    Recorded {
        id: "9245e5d21a5ba88ec37cc4b589260408f32411a500bf1db5c593d6ed7577b5b9",
        public_key: "oXWHrzKoRFy1KoGSjcJWhwiHGSqkNQPtCdJ6i7B63co",
        signature: "1scDDwwU7vGrp7BOoHok7BbfM3kiYN68Q4ZYsteAc0x1b8MfgRGGecBYv12ZOuADc7V9TL5aMx6ji8IpincZBg",
        signed_at_ms: 1_795_403_508_139,
        client: ("gateway-client", "backend"),
        token: "",
        nonce: "364d8cec-3c87-465d-b9d0-951228be8d10",
    },
    Recorded {
        id: "09ac5de5f55bc38cf01df1ca68f46dc32fde3e0c04c2bcdeb7ea9c8feb694748",
        public_key: "XdFM9rDtpCq8NqNXn11U1K3q95FmYY7l4UoPOtvUaCs",
        signature: "7f1ZFLFHWrc8I8OqiNuH18bS0du_7d5oG2t90RdW06LRdEPP15DxNm92HqNcgVMNfML2neJvF6Irwd8X1nAnDQ",
        signed_at_ms: 1_795_403_537_113,
        client: ("cli", "cli"),
        token: "",
        nonce: "5eeb7bfe-d9da-46e0-9bc4-945514a4174d",
    },
    Recorded {
        id: "8ef577b747b09f0c6ab9c167af549838dae08d2ddfd3e57ea1c712e2ed994dc3",
        public_key: "YR4XqSV71guZfu7FGG9I0SqdLjDYdOJrhUTy-rs9jS0",
        signature: "pbAMzMi-V9U33a35cN58zSfCEWmN848OswhhrMtVYCCGQbLuz4GhRaDnKBhmH-isKLFcHmMUpLUfpT3J5wVaDw",
        signed_at_ms: 1_795_403_541_259,
        client: ("gateway-client", "backend"),
        token: "test-token",
        nonce: "36c1fdd4-a6dd-4d76-836a-4efdc2630e75",
    },
];

fn fields<'a>(recorded: &'a Recorded, scopes: &'a [String]) -> SignedFields<'a> {
    SignedFields {
        device_id: recorded.id,
        client_id: recorded.client.0,
        client_mode: recorded.client.1,
        role: "operator",
        scopes,
        signed_at_ms: recorded.signed_at_ms,
        token: recorded.token,
        nonce: Some(recorded.nonce),
    }
}

#[test]
fn recorded_signatures_verify() {
    let scopes = ["operator.admin".to_owned()];
    for recorded in &RECORDED {
        let key = DeviceKey::parse(recorded.public_key).unwrap();
        assert_eq!(key.device_id(), recorded.id);
        assert_eq!(id_of(recorded.public_key).as_deref(), Some(recorded.id));
        assert_eq!(key.to_base64url(), recorded.public_key);
        let text = fields(recorded, &scopes).text();
        assert_eq!(key.verify(&text, recorded.signature), Ok(()));
        assert_eq!(key.verify(&text, &format!("{}==", recorded.signature)), Ok(()), "with padding");
        // Any other text, and any other signature, fails.
        assert_eq!(
            key.verify(&fields(recorded, &[]).text(), recorded.signature),
            Err(DeviceKeyError::Signature)
        );
        assert_eq!(key.verify(&text, &recorded.signature[1..]), Err(DeviceKeyError::Signature));
        assert_eq!(key.verify(&text, "AAAA"), Err(DeviceKeyError::Signature));
        assert_eq!(key.verify(&text, "%"), Err(DeviceKeyError::Signature));
    }
}

#[test]
fn texts() {
    let scopes = ["a".to_owned(), "b".to_owned()];
    let with_nonce = fields(&RECORDED[2], &scopes);
    assert_eq!(
        with_nonce.text(),
        "v2|8ef577b747b09f0c6ab9c167af549838dae08d2ddfd3e57ea1c712e2ed994dc3|gateway-client|backend|operator|a,b|1795403541259|test-token|36c1fdd4-a6dd-4d76-836a-4efdc2630e75"
    );
    let without = SignedFields { nonce: None, token: "", scopes: &[], ..with_nonce };
    assert_eq!(
        without.text(),
        "v1|8ef577b747b09f0c6ab9c167af549838dae08d2ddfd3e57ea1c712e2ed994dc3|gateway-client|backend|operator||1795403541259|"
    );
}

#[test]
fn own_signatures_verify() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let fields = fields(&RECORDED[0], &[]);
    assert_eq!(DeviceKey::of(&key).verify(&fields.text(), &fields.sign(&key)), Ok(()));
}

#[test]
fn a_key_may_be_pem() {
    use ed25519_dalek::pkcs8::EncodePublicKey;

    let key = SigningKey::from_bytes(&[7; 32]);
    let pem =
        key.verifying_key().to_public_key_pem(ed25519_dalek::pkcs8::spki::der::pem::LineEnding::LF).unwrap();
    let parsed = DeviceKey::parse(&pem).unwrap();
    assert_eq!(parsed, DeviceKey::of(&key));
    assert_eq!(id_of(&pem), Some(parsed.device_id()));
}

#[test]
fn what_is_no_key() {
    let short = URL_SAFE_NO_PAD.encode([1; 31]);
    let long = URL_SAFE_NO_PAD.encode([1; 33]);
    for text in
        ["", "x", "!!", "BEGIN", "-----BEGIN PUBLIC KEY-----\nxx\n-----END PUBLIC KEY-----", &short, &long]
    {
        assert_eq!(DeviceKey::parse(text), Err(DeviceKeyError::Key), "{text:?}");
    }
    // The id is a hash of the bytes; whether they are a key is another question.
    assert!(id_of(&short).is_some());
    assert_eq!(id_of("BEGIN"), None);
}

#[test]
fn a_key_of_small_order_verifies_nothing() {
    // The neutral element: without the strict check every text has a valid signature.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let key = DeviceKey::parse(&URL_SAFE_NO_PAD.encode(neutral)).unwrap();
    let mut forged = [0; 64];
    forged[0] = 1;
    assert_eq!(key.verify("anything", &URL_SAFE_NO_PAD.encode(forged)), Err(DeviceKeyError::Signature));
}

#[test]
fn a_key_that_says_begin_is_no_pem() {
    let text = "ABEGINAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let key = DeviceKey::parse(text).unwrap();
    assert_eq!((key.to_base64url().as_str(), id_of(text)), (text, Some(key.device_id())));
}
