//! Schemas of the request frame and of `connect` (`wire-protocol` B.1, C.2).

use crate::protocol::connect::{CLIENT_IDS, CLIENT_MODES};
use crate::protocol::validate::{Field as F, Schema, Schema as S};

/// A request frame.
pub const REQUEST: Schema = S::Object(&[
    F::required("type", S::Constant("req")),
    F::required("id", S::NON_EMPTY),
    F::required("method", S::NON_EMPTY),
    F::optional("params", S::Any),
]);

/// Parameters of `connect`.
pub const CONNECT: Schema = S::Object(&[
    F::required("minProtocol", S::at_least(1)),
    F::required("maxProtocol", S::at_least(1)),
    F::required(
        "client",
        S::Object(&[
            F::required("id", S::OneOf(&CLIENT_IDS)),
            F::optional("displayName", S::NON_EMPTY),
            F::required("version", S::NON_EMPTY),
            F::required("platform", S::NON_EMPTY),
            F::optional("deviceFamily", S::NON_EMPTY),
            F::optional("modelIdentifier", S::NON_EMPTY),
            F::required("mode", S::OneOf(&CLIENT_MODES)),
            F::optional("instanceId", S::NON_EMPTY),
        ]),
    ),
    F::optional("caps", S::Array(&S::NON_EMPTY)),
    F::optional("commands", S::Array(&S::NON_EMPTY)),
    F::optional("permissions", S::Map(&S::Boolean)),
    F::optional("pathEnv", S::TEXT),
    F::optional("role", S::NON_EMPTY),
    F::optional("scopes", S::Array(&S::NON_EMPTY)),
    F::optional(
        "device",
        S::Object(&[
            F::required("id", S::NON_EMPTY),
            F::required("publicKey", S::NON_EMPTY),
            F::required("signature", S::NON_EMPTY),
            F::required("signedAt", S::at_least(0)),
            F::optional("nonce", S::NON_EMPTY),
        ]),
    ),
    F::optional("auth", S::Object(&[F::optional("token", S::TEXT), F::optional("password", S::TEXT)])),
    F::optional("locale", S::TEXT),
    F::optional("userAgent", S::TEXT),
]);
