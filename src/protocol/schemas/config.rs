//! Schemas of `config.*` (`wire-protocol` D.2).

use crate::protocol::validate::{Field as F, Schema, Schema as S};

/// Parameters of `config.set`.
pub const CONFIG_SET: Schema =
    S::Object(&[F::required("raw", S::NON_EMPTY), F::optional("baseHash", S::NON_EMPTY)]);

/// Parameters of `config.apply` and `config.patch`.
pub const CONFIG_APPLY: Schema = S::Object(&[
    F::required("raw", S::NON_EMPTY),
    F::optional("baseHash", S::NON_EMPTY),
    F::optional("sessionKey", S::TEXT),
    F::optional("note", S::TEXT),
    F::optional("restartDelayMs", S::at_least(0)),
]);
