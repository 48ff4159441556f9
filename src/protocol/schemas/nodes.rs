//! Schemas of `node.*` (`wire-protocol` D.6).

use crate::protocol::validate::{Field as F, Schema, Schema as S};

/// Parameters of `node.describe`.
pub const NODE_DESCRIBE: Schema = S::Object(&[F::required("nodeId", S::NON_EMPTY)]);

/// Parameters of `node.rename`.
pub const NODE_RENAME: Schema =
    S::Object(&[F::required("nodeId", S::NON_EMPTY), F::required("displayName", S::NON_EMPTY)]);

/// Parameters of `node.invoke`.
pub const NODE_INVOKE: Schema = S::Object(&[
    F::required("nodeId", S::NON_EMPTY),
    F::required("command", S::NON_EMPTY),
    F::optional("params", S::Any),
    F::optional("timeoutMs", S::at_least(0)),
    F::required("idempotencyKey", S::NON_EMPTY),
]);

/// Parameters of `node.invoke.result`. Node hosts send `null` for what they have not, and payloads of any kind where
/// their text belongs; the published gateway tolerates that, too.
pub const NODE_INVOKE_RESULT: Schema = S::Object(&[
    F::required("id", S::NON_EMPTY),
    F::required("nodeId", S::NON_EMPTY),
    F::required("ok", S::Boolean),
    F::optional("payload", S::Any),
    F::optional("payloadJSON", S::Any),
    F::optional(
        "error",
        S::Nullable(&S::Object(&[F::optional("code", S::TEXT), F::optional("message", S::TEXT)])),
    ),
]);

/// Parameters of `node.event`. The published gateway refuses the `null` that its own node hosts send.
pub const NODE_EVENT: Schema = S::Object(&[
    F::required("event", S::NON_EMPTY),
    F::optional("payload", S::Any),
    F::optional("payloadJSON", S::Nullable(&S::TEXT)),
]);

/// Parameters of `node.pair.request`.
pub const NODE_PAIR_REQUEST: Schema = S::Object(&[
    F::required("nodeId", S::NON_EMPTY),
    F::optional("displayName", S::NON_EMPTY),
    F::optional("platform", S::NON_EMPTY),
    F::optional("version", S::NON_EMPTY),
    F::optional("coreVersion", S::NON_EMPTY),
    F::optional("uiVersion", S::NON_EMPTY),
    F::optional("deviceFamily", S::NON_EMPTY),
    F::optional("modelIdentifier", S::NON_EMPTY),
    F::optional("caps", S::Array(&S::NON_EMPTY)),
    F::optional("commands", S::Array(&S::NON_EMPTY)),
    F::optional("remoteIp", S::NON_EMPTY),
    F::optional("silent", S::Boolean),
]);

/// Parameters of `node.pair.approve` and `node.pair.reject`.
pub const NODE_PAIR_DECISION: Schema = S::Object(&[F::required("requestId", S::NON_EMPTY)]);

/// Parameters of `node.pair.verify`.
pub const NODE_PAIR_VERIFY: Schema =
    S::Object(&[F::required("nodeId", S::NON_EMPTY), F::required("token", S::NON_EMPTY)]);
