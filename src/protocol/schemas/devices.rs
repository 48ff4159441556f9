//! Schemas of `device.*` (`wire-protocol` D.7).

use crate::protocol::validate::{Field as F, Schema, Schema as S};

/// Parameters of `device.pair.approve` and `device.pair.reject`.
pub const DEVICE_PAIR_DECISION: Schema = S::Object(&[F::required("requestId", S::NON_EMPTY)]);

/// Parameters of `device.token.rotate`.
pub const DEVICE_TOKEN_ROTATE: Schema = S::Object(&[
    F::required("deviceId", S::NON_EMPTY),
    F::required("role", S::NON_EMPTY),
    F::optional("scopes", S::Array(&S::NON_EMPTY)),
]);

/// Parameters of `device.token.revoke`.
pub const DEVICE_TOKEN_REVOKE: Schema =
    S::Object(&[F::required("deviceId", S::NON_EMPTY), F::required("role", S::NON_EMPTY)]);
