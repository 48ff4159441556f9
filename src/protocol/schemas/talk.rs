//! Schemas of `wake` and `talk.mode` (`wire-protocol` D.1, D.3).

use crate::protocol::validate::{Field as F, Schema, Schema as S};

/// Parameters of `wake`.
pub const WAKE: Schema = S::Object(&[
    F::required("mode", S::OneOf(&["now", "next-heartbeat"])),
    F::required("text", S::NON_EMPTY),
]);

/// Parameters of `talk.mode`.
pub const TALK_MODE: Schema = S::Object(&[F::required("enabled", S::Boolean), F::optional("phase", S::TEXT)]);
