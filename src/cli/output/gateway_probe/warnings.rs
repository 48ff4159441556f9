//! What deserves attention besides the answers. Pure.

use serde::Serialize;

use super::report::{Answer, Kind, Report};

/// Something to look at, with the published code.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Warning {
    code: &'static str,
    pub(super) message: String,
    target_ids: Vec<String>,
}

/// A tunnel that was asked for and is not there; several gateways where people have one.
pub(super) fn warnings(report: &Report) -> Vec<Warning> {
    let tunnel = report.seen.iter().find_map(|seen| match (&seen.kind, &seen.answer) {
        (Kind::Ssh, Answer::None(reason)) => Some(Warning {
            code: "ssh_tunnel_failed",
            message: reason.clone(),
            target_ids: vec![seen.kind.id()],
        }),
        _ => None,
    });
    let several = report.several().map(|there| Warning {
        code: "multiple_gateways",
        message: format!(
            "{} gateways answer. A client may reach another than you mean: name it with --url or --profile.",
            there.len()
        ),
        target_ids: there.iter().map(|seen| seen.kind.id()).collect(),
    });
    tunnel.into_iter().chain(several).collect()
}
