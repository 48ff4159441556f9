//! Commands of `gateway` that look at gateways.

use clap::Subcommand;

use super::{DiscoverArgs, ProbeArgs, RunArgs, StatusArgs, UsageCostArgs, examples};

/// One of them.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum LookCommand {
    /// Show how the gateway is: as a service, as a process, and to a client.
    #[command(after_help = examples::GATEWAY_STATUS)]
    Status(StatusArgs),
    /// Look at every place where a gateway may be.
    #[command(after_help = examples::GATEWAY_PROBE)]
    Probe(ProbeArgs),
    /// Look for gateways in the local network.
    #[command(after_help = examples::GATEWAY_DISCOVER)]
    Discover(DiscoverArgs),
    /// Sum up what models have cost, by the transcripts of a running gateway.
    #[command(after_help = examples::GATEWAY_USAGE_COST)]
    UsageCost(UsageCostArgs),
}

// === impl LookCommand ===

impl LookCommand {
    /// As it is typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "gateway status",
            Self::Probe(_) => "gateway probe",
            Self::Discover(_) => "gateway discover",
            Self::UsageCost(_) => "gateway usage-cost",
        }
    }

    /// Whether `--dev` stands behind it.
    pub(crate) fn dev(&self) -> bool {
        match self {
            Self::Status(args) => args.dev,
            Self::Probe(args) => args.dev,
            Self::Discover(_) => false,
            Self::UsageCost(args) => args.dev,
        }
    }

    /// Whether JSON is wanted.
    pub(crate) fn json(&self) -> bool {
        match self {
            Self::Status(args) => args.client.json,
            Self::Probe(args) => args.json,
            Self::Discover(args) => args.json,
            Self::UsageCost(args) => args.client.json,
        }
    }

    /// Its options, completed by those that stood before its name.
    pub(crate) fn completed_by(self, outer: RunArgs) -> Self {
        match self {
            Self::Status(args) => {
                Self::Status(StatusArgs { client: args.client.completed_by(outer), ..args })
            }
            Self::Probe(args) => Self::Probe(args.completed_by(outer)),
            Self::Discover(args) => Self::Discover(DiscoverArgs { json: args.json || outer.json, ..args }),
            Self::UsageCost(args) => {
                Self::UsageCost(UsageCostArgs { client: args.client.completed_by(outer), ..args })
            }
        }
    }
}
