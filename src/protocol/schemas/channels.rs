//! Schemas of what reaches people through channels (`wire-protocol` D.3, D.9).

use crate::protocol::validate::{Field as F, Schema, Schema as S};

/// Parameters of `channels.status`.
pub const CHANNELS_STATUS: Schema =
    S::Object(&[F::optional("probe", S::Boolean), F::optional("timeoutMs", S::at_least(0))]);

/// Parameters of `channels.logout`.
pub const CHANNELS_LOGOUT: Schema =
    S::Object(&[F::required("channel", S::NON_EMPTY), F::optional("accountId", S::TEXT)]);

/// Parameters of `web.login.start`.
pub const WEB_LOGIN_START: Schema = S::Object(&[
    F::optional("force", S::Boolean),
    F::optional("timeoutMs", S::at_least(0)),
    F::optional("verbose", S::Boolean),
    F::optional("accountId", S::TEXT),
]);

/// Parameters of `web.login.wait`.
pub const WEB_LOGIN_WAIT: Schema =
    S::Object(&[F::optional("timeoutMs", S::at_least(0)), F::optional("accountId", S::TEXT)]);

/// Parameters of `send`.
pub const SEND: Schema = S::Object(&[
    F::required("to", S::NON_EMPTY),
    F::required("message", S::NON_EMPTY),
    F::optional("mediaUrl", S::TEXT),
    F::optional("mediaUrls", S::Array(&S::TEXT)),
    F::optional("gifPlayback", S::Boolean),
    F::optional("channel", S::TEXT),
    F::optional("accountId", S::TEXT),
    F::optional("sessionKey", S::TEXT),
    F::required("idempotencyKey", S::NON_EMPTY),
]);

/// Parameters of `poll`.
pub const POLL: Schema = S::Object(&[
    F::required("to", S::NON_EMPTY),
    F::required("question", S::NON_EMPTY),
    F::required("options", S::Items { of: &S::NON_EMPTY, min: 2, max: 12 }),
    F::optional("maxSelections", S::between(1, 12)),
    F::optional("durationHours", S::at_least(1)),
    F::optional("channel", S::TEXT),
    F::optional("accountId", S::TEXT),
    F::required("idempotencyKey", S::NON_EMPTY),
]);
