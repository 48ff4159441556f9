//! Schemas of `cron.*` (`wire-protocol` D.5).

use crate::protocol::validate::{Field as F, Schema, Schema as S};

const TARGET: Schema = S::OneOf(&["main", "isolated"]);
const WAKE_MODE: Schema = S::OneOf(&["next-heartbeat", "now"]);

const SCHEDULE: Schema = S::AnyOf(&[
    S::Object(&[F::required("kind", S::Constant("at")), F::required("atMs", S::at_least(0))]),
    S::Object(&[
        F::required("kind", S::Constant("every")),
        F::required("everyMs", S::at_least(1)),
        F::optional("anchorMs", S::at_least(0)),
    ]),
    S::Object(&[
        F::required("kind", S::Constant("cron")),
        F::required("expr", S::NON_EMPTY),
        F::optional("tz", S::TEXT),
    ]),
]);

/// What both payloads of an agent have.
macro_rules! agent_turn {
    ($message:expr) => {
        S::Object(&[
            F::required("kind", S::Constant("agentTurn")),
            $message,
            F::optional("model", S::TEXT),
            F::optional("thinking", S::TEXT),
            F::optional("timeoutSeconds", S::at_least(1)),
            F::optional("deliver", S::Boolean),
            F::optional("channel", S::NON_EMPTY),
            F::optional("to", S::TEXT),
            F::optional("bestEffortDeliver", S::Boolean),
        ])
    };
}

const PAYLOAD: Schema = S::AnyOf(&[
    S::Object(&[F::required("kind", S::Constant("systemEvent")), F::required("text", S::NON_EMPTY)]),
    agent_turn!(F::required("message", S::NON_EMPTY)),
]);

const PAYLOAD_PATCH: Schema = S::AnyOf(&[
    S::Object(&[F::required("kind", S::Constant("systemEvent")), F::optional("text", S::NON_EMPTY)]),
    agent_turn!(F::optional("message", S::NON_EMPTY)),
]);

const ISOLATION: Schema = S::Object(&[
    F::optional("postToMainPrefix", S::TEXT),
    F::optional("postToMainMode", S::OneOf(&["summary", "full"])),
    F::optional("postToMainMaxChars", S::at_least(0)),
]);

const STATE: Schema = S::Object(&[
    F::optional("nextRunAtMs", S::at_least(0)),
    F::optional("runningAtMs", S::at_least(0)),
    F::optional("lastRunAtMs", S::at_least(0)),
    F::optional("lastStatus", S::OneOf(&["ok", "error", "skipped"])),
    F::optional("lastError", S::TEXT),
    F::optional("lastDurationMs", S::at_least(0)),
]);

const PATCH: Schema = S::Object(&[
    F::optional("name", S::NON_EMPTY),
    F::optional("agentId", S::Nullable(&S::NON_EMPTY)),
    F::optional("description", S::TEXT),
    F::optional("enabled", S::Boolean),
    F::optional("deleteAfterRun", S::Boolean),
    F::optional("schedule", SCHEDULE),
    F::optional("sessionTarget", TARGET),
    F::optional("wakeMode", WAKE_MODE),
    F::optional("payload", PAYLOAD_PATCH),
    F::optional("isolation", ISOLATION),
    F::optional("state", STATE),
]);

/// Parameters that name a job in one of two ways, and hold more besides.
macro_rules! of_a_job {
    ($($more:expr),*) => {
        S::AnyOf(&[
            S::Object(&[F::required("id", S::NON_EMPTY), $($more),*]),
            S::Object(&[F::required("jobId", S::NON_EMPTY), $($more),*]),
        ])
    };
}

/// Parameters of `cron.list`.
pub const CRON_LIST: Schema = S::Object(&[F::optional("includeDisabled", S::Boolean)]);

/// Parameters of `cron.add`, once they are in their one form.
pub const CRON_ADD: Schema = S::Object(&[
    F::required("name", S::NON_EMPTY),
    F::optional("agentId", S::Nullable(&S::NON_EMPTY)),
    F::optional("description", S::TEXT),
    F::optional("enabled", S::Boolean),
    F::optional("deleteAfterRun", S::Boolean),
    F::required("schedule", SCHEDULE),
    F::required("sessionTarget", TARGET),
    F::required("wakeMode", WAKE_MODE),
    F::required("payload", PAYLOAD),
    F::optional("isolation", ISOLATION),
]);

/// Parameters of `cron.update`, once they are in their one form.
pub const CRON_UPDATE: Schema = of_a_job!(F::required("patch", PATCH));

/// Parameters of `cron.remove`.
pub const CRON_REMOVE: Schema = of_a_job!();

/// Parameters of `cron.run`.
pub const CRON_RUN: Schema = of_a_job!(F::optional("mode", S::OneOf(&["due", "force"])));

/// Parameters of `cron.runs`.
pub const CRON_RUNS: Schema = of_a_job!(F::optional("limit", S::between(1, 5000)));
