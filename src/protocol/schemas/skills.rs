//! Schemas of `skills.*` (`wire-protocol` D.3).

use crate::protocol::validate::{Field as F, Schema, Schema as S};

/// Parameters of `skills.install`.
pub const SKILLS_INSTALL: Schema = S::Object(&[
    F::required("name", S::NON_EMPTY),
    F::required("installId", S::NON_EMPTY),
    F::optional("timeoutMs", S::at_least(1000)),
]);

/// Parameters of `skills.update`.
pub const SKILLS_UPDATE: Schema = S::Object(&[
    F::required("skillKey", S::NON_EMPTY),
    F::optional("enabled", S::Boolean),
    F::optional("apiKey", S::TEXT),
    F::optional("env", S::Map(&S::TEXT)),
]);
