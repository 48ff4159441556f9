//! What a connection is made from.

use std::time::Duration;

use super::identity::DeviceIdentity;
use super::tokens::TokenStore;
use crate::auth::device::SignedFields;
use crate::protocol::PROTOCOL_VERSION;
use crate::protocol::connect::{ClientInfo, ConnectAuth, ConnectParams, DeviceProof};
use crate::protocol::replay::{CAPABILITY, Resume};
use crate::protocol::role::{Role, Scope};
use crate::settings::Secret;
use crate::tls::Fingerprint;

/// Everything that [`super::connect`] needs to know.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// `ws://HOST:PORT` or `wss://HOST:PORT`, path optional.
    pub url: String,
    /// The certificate that a `wss://` gateway has to have; without a pin, one that this machine trusts.
    pub pin: Option<Fingerprint>,
    /// Shared token.
    pub token: Option<Secret>,
    /// Shared password.
    pub password: Option<Secret>,
    /// The device; without one a token has to do.
    pub identity: Option<DeviceIdentity>,
    /// Where device tokens are kept; a stored one is preferred to the shared token.
    pub tokens: Option<TokenStore>,
    /// Who connects.
    pub client: ClientInfo,
    /// As what.
    pub role: Role,
    /// Requested scopes.
    pub scopes: Vec<String>,
    /// For everything up to `hello-ok`.
    pub timeout: Duration,
}

/// Whether a connection asks for the replay of what it missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replay<'a> {
    /// No.
    NotAsked,
    /// From now on.
    FromNow,
    /// From there on.
    From(&'a Resume),
}

impl ConnectOptions {
    /// Connects as a command-line client does: scopes admin, approvals, and pairing; ten seconds.
    pub fn cli(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            pin: None,
            token: None,
            password: None,
            identity: None,
            tokens: None,
            client: ClientInfo {
                id: "cli".to_owned(),
                display_name: None,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                platform: crate::platform::host::facts().os.to_owned(),
                device_family: None,
                model_identifier: None,
                mode: "cli".to_owned(),
                instance_id: None,
            },
            role: Role::Operator,
            scopes: [Scope::Admin, Scope::Approvals, Scope::Pairing]
                .map(|scope| scope.as_str().to_owned())
                .into(),
            timeout: Duration::from_secs(10),
        }
    }

    /// Sends this shared token.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(Secret::new(token));
        self
    }

    /// Sends this shared password.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(Secret::new(password));
        self
    }

    /// Proves this identity.
    #[must_use]
    pub fn identity(mut self, identity: DeviceIdentity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Uses and keeps device tokens.
    #[must_use]
    pub fn tokens(mut self, tokens: TokenStore) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Gives up after this long.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The parameters of `connect`, signed at `now_ms`. `device_token` goes in the place of the shared token.
    pub(super) fn params(
        &self,
        nonce: Option<&str>,
        device_token: Option<&str>,
        replay: Replay<'_>,
        now_ms: u64,
    ) -> ConnectParams {
        let token = device_token.or(self.token.as_ref().map(Secret::expose)).map(str::to_owned);
        let password = self.password.as_ref().map(|password| password.expose().to_owned());
        let device = self.identity.as_ref().map(|identity| {
            let fields = SignedFields {
                device_id: identity.device_id(),
                client_id: &self.client.id,
                client_mode: &self.client.mode,
                role: self.role.as_str(),
                scopes: &self.scopes,
                signed_at_ms: now_ms,
                token: token.as_deref().unwrap_or_default(),
                nonce,
            };
            DeviceProof {
                id: identity.device_id().to_owned(),
                public_key: identity.public_key().to_owned(),
                signature: fields.sign(identity.key()),
                signed_at: now_ms,
                nonce: nonce.map(str::to_owned),
            }
        });
        let has_secret = token.is_some() || password.is_some();
        ConnectParams {
            min_protocol: PROTOCOL_VERSION,
            max_protocol: PROTOCOL_VERSION,
            client: self.client.clone(),
            caps: (replay != Replay::NotAsked).then(|| vec![CAPABILITY.to_owned()]),
            commands: None,
            permissions: None,
            path_env: None,
            role: Some(self.role.as_str().to_owned()),
            scopes: Some(self.scopes.clone()),
            device,
            auth: has_secret.then_some(ConnectAuth { token, password }),
            locale: None,
            user_agent: None,
            replay: if let Replay::From(resume) = replay { Some(resume.clone()) } else { None },
        }
    }
}
