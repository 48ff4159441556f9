//! `config` and what it can do.

use clap::{Args, Subcommand};

use super::examples;
use crate::cli::values;
use crate::config::edit::ConfigPath;

/// `config`.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
    /// The configuration of profile `dev`.
    #[arg(long, global = true)]
    pub(crate) dev: bool,
    /// Print JSON; `set` then takes nothing but JSON5 for a value.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What `config` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print a value, or the whole configuration.
    #[command(after_help = examples::CONFIG_GET)]
    Get(ConfigGetArgs),
    /// Change a value, and nothing else in the file.
    #[command(after_help = examples::CONFIG_SET)]
    Set(ConfigSetArgs),
    /// Remove values.
    #[command(after_help = examples::CONFIG_UNSET)]
    Unset(ConfigUnsetArgs),
    /// Check the configuration; exit code 78 when a gateway would refuse it.
    #[command(after_help = examples::CONFIG_VALIDATE)]
    Validate,
    /// Print the JSON Schema of the configuration, for editors.
    #[command(after_help = examples::CONFIG_SCHEMA)]
    Schema,
    /// Print where the configuration file is.
    #[command(after_help = examples::CONFIG_PATH)]
    Path,
    /// Open the configuration in $VISUAL or $EDITOR; it is checked before it is written.
    #[command(after_help = examples::CONFIG_EDIT)]
    Edit,
    /// Show every setting of the gateway, with its value and where it comes from.
    #[command(after_help = examples::CONFIG_EXPLAIN)]
    Explain(ConfigExplainArgs),
}

/// Options of `config get`.
#[derive(Debug, Args)]
pub(crate) struct ConfigGetArgs {
    /// Which value, for example gateway.port or agents.list[0].id; `\` before a dot that belongs to a key.
    #[arg(value_parser = values::config_path)]
    pub(crate) path: Option<ConfigPath>,
    /// Show secrets, and the values of variables.
    #[arg(long)]
    pub(crate) reveal: bool,
}

/// Options of `config set`.
#[derive(Debug, Args)]
pub(crate) struct ConfigSetArgs {
    /// Which value; objects on the way are made.
    #[arg(value_parser = values::config_path)]
    pub(crate) path: ConfigPath,
    /// The value: JSON5, or a text when it is none.
    #[arg(allow_hyphen_values = true, value_parser = values::secret)]
    pub(crate) value: crate::settings::Secret,
}

/// Options of `config unset`.
#[derive(Debug, Args)]
pub(crate) struct ConfigUnsetArgs {
    /// Which values; all of them are removed at once.
    #[arg(required = true, value_name = "PATH", value_parser = values::config_path)]
    pub(crate) paths: Vec<ConfigPath>,
}

/// Options of `config explain`.
#[derive(Debug, Args)]
pub(crate) struct ConfigExplainArgs {
    /// Show secrets.
    #[arg(long)]
    pub(crate) reveal: bool,
}
