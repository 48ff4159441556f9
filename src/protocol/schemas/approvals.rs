//! Schemas of `exec.approvals.*` and `exec.approval.*` (`wire-protocol` D.8).

use crate::protocol::validate::{Field as F, Schema, Schema as S};

const ALLOWLIST: Schema = S::Array(&S::Object(&[
    F::optional("id", S::NON_EMPTY),
    F::required("pattern", S::TEXT),
    F::optional("lastUsedAt", S::at_least(0)),
    F::optional("lastUsedCommand", S::TEXT),
    F::optional("lastResolvedPath", S::TEXT),
]));

/// The file of the rules, as clients know it.
pub const EXEC_APPROVALS_FILE: Schema = S::Object(&[
    F::required("version", S::Number(1)),
    F::optional("socket", S::Object(&[F::optional("path", S::TEXT), F::optional("token", S::TEXT)])),
    F::optional(
        "defaults",
        S::Object(&[
            F::optional("security", S::TEXT),
            F::optional("ask", S::TEXT),
            F::optional("askFallback", S::TEXT),
            F::optional("autoAllowSkills", S::Boolean),
        ]),
    ),
    F::optional(
        "agents",
        S::Map(&S::Object(&[
            F::optional("security", S::TEXT),
            F::optional("ask", S::TEXT),
            F::optional("askFallback", S::TEXT),
            F::optional("autoAllowSkills", S::Boolean),
            F::optional("allowlist", ALLOWLIST),
        ])),
    ),
]);

/// Parameters of `exec.approvals.set`.
pub const EXEC_APPROVALS_SET: Schema =
    S::Object(&[F::required("file", EXEC_APPROVALS_FILE), F::optional("baseHash", S::NON_EMPTY)]);

/// Parameters of `exec.approvals.node.get`.
pub const EXEC_APPROVALS_NODE_GET: Schema = S::Object(&[F::required("nodeId", S::NON_EMPTY)]);

/// Parameters of `exec.approvals.node.set`.
pub const EXEC_APPROVALS_NODE_SET: Schema = S::Object(&[
    F::required("nodeId", S::NON_EMPTY),
    F::required("file", EXEC_APPROVALS_FILE),
    F::optional("baseHash", S::NON_EMPTY),
]);

/// Parameters of `exec.approval.request`.
pub const EXEC_APPROVAL_REQUEST: Schema = S::Object(&[
    F::optional("id", S::NON_EMPTY),
    F::required("command", S::NON_EMPTY),
    F::optional("cwd", S::Nullable(&S::TEXT)),
    F::optional("host", S::Nullable(&S::TEXT)),
    F::optional("security", S::Nullable(&S::TEXT)),
    F::optional("ask", S::Nullable(&S::TEXT)),
    F::optional("agentId", S::Nullable(&S::TEXT)),
    F::optional("resolvedPath", S::Nullable(&S::TEXT)),
    F::optional("sessionKey", S::Nullable(&S::TEXT)),
    F::optional("timeoutMs", S::at_least(1)),
]);

/// Parameters of `exec.approval.resolve`.
pub const EXEC_APPROVAL_RESOLVE: Schema =
    S::Object(&[F::required("id", S::NON_EMPTY), F::required("decision", S::NON_EMPTY)]);
