//! Schemas of `wizard.*` (`wire-protocol` D.8).

use crate::protocol::validate::{Field as F, Schema, Schema as S};

/// Parameters of `wizard.start`.
pub const WIZARD_START: Schema =
    S::Object(&[F::optional("mode", S::OneOf(&["local", "remote"])), F::optional("workspace", S::TEXT)]);

/// Parameters of `wizard.next`.
pub const WIZARD_NEXT: Schema = S::Object(&[
    F::required("sessionId", S::NON_EMPTY),
    F::optional("answer", S::Object(&[F::required("stepId", S::NON_EMPTY), F::optional("value", S::Any)])),
]);

/// Parameters of `wizard.cancel` and `wizard.status`.
pub const WIZARD_SESSION: Schema = S::Object(&[F::required("sessionId", S::NON_EMPTY)]);
