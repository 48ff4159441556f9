//! `cron`: scheduled work of a running gateway.

use clap::{Args, Subcommand};

use super::{ClientArgs, examples};
use crate::cli::values::{self, When};

/// Options of `cron`.
#[derive(Debug, Args)]
pub(crate) struct CronArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: CronCommand,
}

/// What `cron` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum CronCommand {
    /// Show whether jobs run, how many there are, and when the next is due.
    #[command(after_help = examples::CRON_STATUS)]
    Status(CronReach),
    /// List jobs by when they are due.
    #[command(after_help = examples::CRON_LIST)]
    List(CronListArgs),
    /// Add a job.
    #[command(alias = "create", after_help = examples::CRON_ADD)]
    Add(Box<CronAddArgs>),
    /// Change a job.
    #[command(after_help = examples::CRON_EDIT)]
    Edit(Box<CronEditArgs>),
    /// Remove a job.
    #[command(alias = "remove", after_help = examples::CRON_RM)]
    Rm(CronJobArgs),
    /// Have a job run when it is due.
    #[command(after_help = examples::CRON_ENABLE)]
    Enable(CronJobArgs),
    /// Keep a job, but do not run it.
    #[command(after_help = examples::CRON_DISABLE)]
    Disable(CronJobArgs),
    /// Run a job now, if it is due.
    #[command(after_help = examples::CRON_RUN)]
    Run(CronRunArgs),
    /// Show what became of the last runs of a job.
    #[command(after_help = examples::CRON_RUNS)]
    Runs(CronRunsArgs),
}

/// Which gateway is meant.
#[derive(Debug, Clone, Args)]
pub(crate) struct CronReach {
    /// Ask the gateway of profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Means nothing here; scripts for the published program pass it.
    #[arg(long, hide = true)]
    expect_final: bool,
    /// How to reach it.
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

/// Options of `cron list`.
#[derive(Debug, Args)]
pub(crate) struct CronListArgs {
    /// Show jobs that are off, too.
    #[arg(long)]
    pub(crate) all: bool,
    /// Which gateway.
    #[command(flatten)]
    pub(crate) reach: CronReach,
}

/// A job.
#[derive(Debug, Args)]
pub(crate) struct CronJobArgs {
    /// The job: its id, the beginning of it, or its name.
    #[arg(value_name = "JOB")]
    pub(crate) job: String,
    /// Which gateway.
    #[command(flatten)]
    pub(crate) reach: CronReach,
}

/// Options of `cron run`.
#[derive(Debug, Args)]
pub(crate) struct CronRunArgs {
    /// Run it even if it is not due.
    #[arg(long)]
    pub(crate) force: bool,
    /// The job.
    #[command(flatten)]
    pub(crate) job: CronJobArgs,
}

/// Options of `cron runs`.
#[derive(Debug, Args)]
pub(crate) struct CronRunsArgs {
    /// The job: its id, the beginning of it, or its name.
    #[arg(long = "id", value_name = "JOB")]
    pub(crate) job: String,
    /// How many runs at most.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub(crate) limit: u32,
    /// Which gateway.
    #[command(flatten)]
    pub(crate) reach: CronReach,
}

/// When a job is due.
#[derive(Debug, Args)]
pub(crate) struct CronScheduleArgs {
    /// Once: in 20m, 2h, or 1d, or at a time such as 2026-11-29T08:00:00Z; without a zone, in that of this machine.
    #[arg(long, value_name = "WHEN", value_parser = values::when, group = "schedule")]
    pub(crate) at: Option<When>,
    /// Again and again at this distance: 30s, 10m, 1h, 1d.
    #[arg(long, value_name = "TIME", value_parser = values::interval, group = "schedule")]
    pub(crate) every: Option<u64>,
    /// By an expression: minute hour day month weekday, with seconds before them if there are six.
    #[arg(long, value_name = "EXPRESSION", group = "schedule")]
    pub(crate) cron: Option<String>,
    /// Time zone of the expression, such as Europe/Berlin; without it, that of the gateway's machine.
    #[arg(long, value_name = "ZONE")]
    pub(crate) tz: Option<String>,
}

/// What a job is about.
#[derive(Debug, Args)]
pub(crate) struct CronPayloadArgs {
    /// A text for the main session.
    #[arg(long, value_name = "TEXT", group = "payload")]
    pub(crate) system_event: Option<String>,
    /// A message for an agent, in a session of its own.
    #[arg(long, value_name = "TEXT", group = "payload")]
    pub(crate) message: Option<String>,
    /// How much the agent thinks: off, minimal, low, medium, high.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) thinking: Option<String>,
    /// The model of the agent: PROVIDER/MODEL or an alias.
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// How long the agent may take.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) timeout_seconds: Option<u32>,
    /// Send what the agent says to a channel.
    #[arg(long)]
    pub(crate) deliver: bool,
    /// The channel.
    #[arg(long)]
    pub(crate) channel: Option<String>,
    /// To whom there.
    #[arg(long, value_name = "DESTINATION")]
    pub(crate) to: Option<String>,
    /// A failed delivery is no failure of the job.
    #[arg(long)]
    pub(crate) best_effort_deliver: bool,
    /// What stands before what is told to the main session.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) post_prefix: Option<String>,
}

/// Options of `cron add`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("schedule").required(true), group = clap::ArgGroup::new("payload").required(true))]
pub(crate) struct CronAddArgs {
    /// Name of the job.
    #[arg(long)]
    pub(crate) name: String,
    /// What it is for.
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// When.
    #[command(flatten)]
    pub(crate) schedule: CronScheduleArgs,
    /// What.
    #[command(flatten)]
    pub(crate) payload: CronPayloadArgs,
    /// The agent.
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<String>,
    /// Where: main for --system-event, isolated for --message.
    #[arg(long, value_name = "TARGET", value_parser = ["main", "isolated"])]
    pub(crate) session: Option<String>,
    /// Whether the main session is woken for it.
    #[arg(long, value_name = "MODE", value_parser = ["next-heartbeat", "now"], default_value = "next-heartbeat")]
    pub(crate) wake: String,
    /// Do not run it yet.
    #[arg(long)]
    pub(crate) disabled: bool,
    /// Remove it once it is done (--at).
    #[arg(long)]
    pub(crate) delete_after_run: bool,
    /// What is told to the main session.
    #[arg(long, value_name = "MODE", value_parser = ["summary", "full"], default_value = "summary")]
    pub(crate) post_mode: String,
    /// How much of it, in characters (--post-mode full).
    #[arg(long, value_name = "N", default_value_t = 8000)]
    pub(crate) post_max_chars: u32,
    /// Which gateway.
    #[command(flatten)]
    pub(crate) reach: CronReach,
}

/// Options of `cron edit`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the published program")]
pub(crate) struct CronEditArgs {
    /// The job.
    #[command(flatten)]
    pub(crate) job: CronJobArgs,
    /// Give it another name.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Say what it is for.
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// When.
    #[command(flatten)]
    pub(crate) schedule: CronScheduleArgs,
    /// What.
    #[command(flatten)]
    pub(crate) payload: CronPayloadArgs,
    /// Have another agent do it.
    #[arg(long, value_name = "ID", conflicts_with = "clear_agent")]
    pub(crate) agent: Option<String>,
    /// Have the default agent do it.
    #[arg(long)]
    pub(crate) clear_agent: bool,
    /// Where.
    #[arg(long, value_name = "TARGET", value_parser = ["main", "isolated"])]
    pub(crate) session: Option<String>,
    /// Whether the main session is woken for it.
    #[arg(long, value_name = "MODE", value_parser = ["next-heartbeat", "now"])]
    pub(crate) wake: Option<String>,
    /// Run it when it is due.
    #[arg(long, conflicts_with = "disable")]
    pub(crate) enable: bool,
    /// Do not run it.
    #[arg(long)]
    pub(crate) disable: bool,
    /// Remove it once it is done.
    #[arg(long, conflicts_with = "keep_after_run")]
    pub(crate) delete_after_run: bool,
    /// Keep it when it is done.
    #[arg(long)]
    pub(crate) keep_after_run: bool,
    /// Send nothing to a channel.
    #[arg(long, conflicts_with = "deliver")]
    pub(crate) no_deliver: bool,
    /// A failed delivery is a failure of the job.
    #[arg(long, conflicts_with = "best_effort_deliver")]
    pub(crate) no_best_effort_deliver: bool,
}

// === impl CronCommand ===

impl CronCommand {
    /// Which gateway is meant.
    pub(crate) fn reach(&self) -> &CronReach {
        match self {
            Self::Status(reach) => reach,
            Self::List(args) => &args.reach,
            Self::Add(args) => &args.reach,
            Self::Edit(args) => &args.job.reach,
            Self::Rm(args) | Self::Enable(args) | Self::Disable(args) => &args.reach,
            Self::Run(args) => &args.job.reach,
            Self::Runs(args) => &args.reach,
        }
    }
}
