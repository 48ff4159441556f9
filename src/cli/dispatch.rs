//! Arguments → one command, with the environment and the profile resolved once on the way.

mod client;
mod dev;
mod options;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use self::client::ClientCommand;
use self::options::{check_command_options, check_dev_command, check_dev_options, ephemeral};
use super::args::{
    CallArgs, Cli, ClientArgs, Command, CompletionsArgs, ConfigArgs, ConfigureArgs, DaemonCommand, DevArgs,
    DevCommand, DoctorArgs, EventsFormat, GatewayArgs, GatewayCommand, LogsArgs, LookCommand, ManArgs,
    OnboardArgs, ResetArgs, RunArgs, ServiceCommand, SetupArgs, UninstallArgs,
};
use super::commands;
use super::error::ExpectedError;
use super::output::{Printer, Style};
use super::project;
use crate::config::schema::LogLevel;
use crate::platform;
use crate::profile::{EnvMap, ProfileName, ProfileRequest, ResolvedProfile, resolve};
use crate::service::schtasks::role::ROLE;
use crate::settings::{Console, RunFlags, Secret};

/// Parses the command line, runs the command, and returns the exit code.
pub fn main() -> ExitCode {
    let mut arguments = platform::env::arguments();
    // A reload waits for these two, so they come before anything else does work.
    match arguments.get(1).and_then(|argument| argument.to_str()) {
        Some("__dev-child") => return commands::dev_child::run(&arguments[2..]),
        Some("__dev-keeper") => return commands::dev_keeper::run(&arguments[2..]),
        Some("__dev-inside") => return commands::dev_run::inside(),
        _ => {}
    }

    let mut env = EnvMap::new(platform::env::read());
    if arguments.get(1).is_some_and(|argument| argument == ROLE) {
        match commands::task::enter(&arguments, &mut env) {
            Ok(meant) => arguments = meant,
            Err(problem) => {
                Printer::new(Style::default()).error(&problem);
                return ExitCode::from(2);
            }
        }
    }
    let no_color = arguments.iter().any(|argument| argument == "--no-color");
    let style = Style::detect(&env, no_color);
    let printer = Printer::new(style);
    let invocation = match parse(arguments.clone()) {
        Ok(invocation) => invocation,
        Err(Stop::Printed { text, to_stdout: true }) => {
            printer.text(text.trim_end());
            return ExitCode::SUCCESS;
        }
        Err(Stop::Printed { text, to_stdout: false }) => {
            printer.error(text.trim_end());
            return ExitCode::from(if is_replay(&arguments) { commands::dev_replay::NOT_RUN } else { 2 });
        }
        Err(Stop::Expected(error)) => return fail(&error, false, &printer),
    };
    if let Action::Completions(args) = &invocation.action {
        return commands::completions::run(args, &printer);
    }
    if let Action::Man(args) = &invocation.action {
        return commands::man::run(args, &printer).unwrap_or_else(|error| fail(&error, false, &printer));
    }
    if let Action::Dev(args) = invocation.action {
        let Invocation { profile, log_level, .. } = invocation;
        return dev::run(args.command, dev::Beside { profile, log_level, env: &env, no_color }, &printer);
    }
    if let Action::Run(args) = &invocation.action
        && args.ephemeral
    {
        let done = ephemeral(args, &invocation.profile, &arguments)
            .and_then(|arguments| commands::dev_run::gateway(arguments, no_color));
        return done.unwrap_or_else(|error| fail(&error, args.json, &printer));
    }
    let json = invocation.json();
    perform(invocation, &env, printer).unwrap_or_else(|(error, printer)| fail(&error, json, &printer))
}

/// Whether this is `dev replay`, which `git bisect run` calls: what is typed wrong says nothing about the program.
fn is_replay(arguments: &[OsString]) -> bool {
    let mut words = arguments.iter().skip(1).filter(|word| !word.to_string_lossy().starts_with('-'));
    words.next().is_some_and(|word| word == "dev") && words.next().is_some_and(|word| word == "replay")
}

fn fail(error: &ExpectedError, json: bool, printer: &Printer) -> ExitCode {
    if json {
        printer.json(&error.to_json());
    } else {
        printer.error(&error.to_string());
    }
    error.exit_code()
}

/// A command line that means something.
#[derive(Debug)]
struct Invocation {
    profile: ProfileRequest,
    log_level: Option<LogLevel>,
    action: Action,
}

#[derive(Debug)]
enum Action {
    Run(RunArgs),
    Health(ClientArgs),
    Call(CallArgs),
    Logs(Box<LogsArgs>),
    Client(Box<ClientCommand>),
    Service(ServiceCommand),
    Config(ConfigArgs),
    Onboard(Box<OnboardArgs>),
    Doctor(DoctorArgs),
    Configure(ConfigureArgs),
    Setup(SetupArgs),
    Reset(ResetArgs),
    Uninstall(UninstallArgs),
    Dev(Box<DevArgs>),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Why there is nothing to run.
#[derive(Debug)]
enum Stop {
    /// clap's own text: help, version, or a wrong command line.
    Printed { text: String, to_stdout: bool },
    /// The command line contradicts itself.
    Expected(ExpectedError),
}

impl Invocation {
    fn json(&self) -> bool {
        match &self.action {
            Action::Run(args) => args.json,
            Action::Health(client) | Action::Call(CallArgs { client, .. }) => client.json,
            Action::Logs(args) => args.client.json,
            Action::Client(command) => command.json(),
            Action::Service(command) => command.json(),
            Action::Config(args) => args.json,
            Action::Onboard(args) => args.json,
            Action::Doctor(args) => args.json,
            Action::Setup(args) => args.json,
            Action::Reset(args) => args.removal.json,
            Action::Uninstall(args) => args.removal.json,
            Action::Configure(_) | Action::Dev(_) | Action::Completions(_) | Action::Man(_) => false,
        }
    }
}

/// Pure: the command line alone decides.
fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Invocation, Stop> {
    let cli = Cli::try_parse_from(arguments).map_err(|error| match error.kind() {
        // Scripts read the version, so it stands alone.
        ErrorKind::DisplayVersion => {
            Stop::Printed { text: env!("CARGO_PKG_VERSION").to_owned(), to_stdout: true }
        }
        _ => Stop::Printed { text: error.render().to_string(), to_stdout: !error.use_stderr() },
    })?;
    let usage = |text: String| Stop::Expected(ExpectedError::Usage(text));

    let name = match cli.global.profile.as_deref() {
        None => None,
        Some("") => return Err(usage("[clawdbot] --profile requires a value".to_owned())),
        Some(name) => Some(ProfileName::parse(name).map_err(|error| usage(error.to_string()))?),
    };
    let (dev_after_command, action) = match cli.command {
        Command::Gateway(args) => gateway(*args)?,
        Command::Logs(args) => (args.dev, Action::Logs(args)),
        Command::Status(args) => (args.dev, client(ClientCommand::overview(args))),
        Command::Dashboard(args) => (args.dev, client(ClientCommand::Dashboard(args))),
        Command::Health(args) => (args.dev, client(ClientCommand::Health(args.client))),
        Command::Daemon(args) => match args.command {
            DaemonCommand::Status(args) => (args.dev, client(ClientCommand::Look(LookCommand::Status(args)))),
            DaemonCommand::Service(command) => (command.dev(), Action::Service(command)),
        },
        Command::Cron(args) => (args.command.reach().dev, client(ClientCommand::Cron(args.command))),
        Command::Config(args) => (args.dev, Action::Config(args)),
        Command::Onboard(args) => (args.dev, Action::Onboard(args)),
        Command::Doctor(args) => (args.dev, Action::Doctor(args)),
        Command::Configure(args) => (args.dev, Action::Configure(args)),
        Command::Setup(args) => (args.dev, Action::Setup(args)),
        Command::Reset(args) => (args.removal.dev, Action::Reset(args)),
        Command::Uninstall(args) => (args.removal.dev, Action::Uninstall(args)),
        Command::Dev(args) => {
            let is_named = cli.dev_before_command || name.is_some();
            check_dev_command(&args.command, is_named, cli.global.log_level).map_err(usage)?;
            let dev = matches!(&args.command, DevCommand::Capture(args) if args.dev);
            (dev, Action::Dev(args))
        }
        Command::Completions(args) => (false, Action::Completions(args)),
        Command::Man(args) => (false, Action::Man(args)),
    };
    let profile = ProfileRequest {
        dev_before_command: cli.dev_before_command,
        dev_after_command,
        name,
        working_dir: None,
    };
    Ok(Invocation { profile, log_level: cli.global.log_level, action })
}

/// What is meant by `gateway`, and whether `--dev` stood behind it.
fn gateway(args: GatewayArgs) -> Result<(bool, Action), Stop> {
    let usage = |text: String| Stop::Expected(ExpectedError::Usage(text));
    let outer = args.run;
    let misplaced = |outer: &RunArgs, command: &str| match outer.first_of_the_run() {
        Some(option) => {
            Err(usage(format!("{option} is an option of the run and means nothing to `{command}`.")))
        }
        None => Ok(()),
    };
    let outer_dev = outer.dev;
    let (inner_dev, action) = match args.command {
        None => (false, Action::Run(outer)),
        Some(GatewayCommand::Run(inner)) => (inner.dev, Action::Run(inner.completed_by(outer))),
        Some(GatewayCommand::Health(inner)) => {
            misplaced(&outer, "gateway health")?;
            (inner.dev, Action::Health(inner.client.completed_by(outer)))
        }
        Some(GatewayCommand::Call(inner)) => {
            misplaced(&outer, "gateway call")?;
            let client = inner.client.completed_by(outer);
            (inner.dev, Action::Call(CallArgs { client, ..inner }))
        }
        Some(GatewayCommand::Logs(inner)) => {
            misplaced(&outer, "gateway logs")?;
            let client = inner.client.completed_by(outer);
            (inner.dev, Action::Logs(Box::new(LogsArgs { client, ..*inner })))
        }
        Some(GatewayCommand::Look(inner)) => {
            misplaced(&outer, inner.name())?;
            (inner.dev(), client(ClientCommand::Look(inner.completed_by(outer))))
        }
        Some(GatewayCommand::Service(inner)) => {
            (inner.dev(), Action::Service(inner.completed_by(outer).map_err(usage)?))
        }
    };
    Ok((outer_dev || inner_dev, action))
}

fn client(command: ClientCommand) -> Action {
    Action::Client(Box::new(command))
}

/// Resolves the profile and runs the command. Hands the printer back with an error, for the error's own line.
fn perform(
    invocation: Invocation,
    env: &EnvMap,
    printer: Printer,
) -> Result<ExitCode, (ExpectedError, Printer)> {
    let working_dir = platform::env::working_dir();
    let request = ProfileRequest { working_dir: working_dir.clone(), ..invocation.profile };
    let home = env.get(platform::env::HOME).map(PathBuf::from);
    let profile = match resolve(&request, env, home) {
        Ok(profile) => profile,
        Err(error) => return Err((error.into(), printer)),
    };
    let printer = match &invocation.action {
        Action::Run(args) if args.json || args.events.is_some() => printer.with_people_on_stderr(),
        Action::Onboard(args) if args.json => printer.with_people_on_stderr(),
        _ => printer,
    };
    if let Some(warning) = &profile.warning {
        printer.error(warning);
    }
    let result = match invocation.action {
        Action::Run(args) => run(args, invocation.log_level, &profile, working_dir.as_deref(), &printer),
        Action::Health(args) => commands::health::run(&args, &profile, &printer),
        Action::Call(args) => commands::call::run(args, &profile, &printer),
        Action::Logs(args) => commands::logs::run(&args, &profile, &printer),
        Action::Client(command) => command.run(&profile, &printer),
        Action::Service(command) => {
            commands::service::run(&command, &profile, working_dir.as_deref(), &printer)
        }
        Action::Config(args) => commands::config::run(args, invocation.log_level, &profile, &printer),
        Action::Doctor(args) => commands::doctor::run(&args, &profile, &printer),
        Action::Onboard(args) => commands::onboard::run(*args, &profile, working_dir.as_deref(), &printer),
        Action::Configure(args) => commands::configure::run(&args, &profile, &printer),
        Action::Setup(args) => commands::setup::run(args, &profile, &printer),
        Action::Reset(args) => commands::removal::reset(&args, &profile, &printer),
        Action::Uninstall(args) => commands::removal::uninstall(&args, &profile, &printer),
        // `main` has performed it.
        Action::Dev(_) | Action::Completions(_) | Action::Man(_) => Ok(ExitCode::FAILURE),
    };
    result.map_err(|error| (error, printer))
}

fn run(
    args: RunArgs,
    log_level: Option<LogLevel>,
    profile: &ResolvedProfile,
    working_dir: Option<&Path>,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    check_dev_options(&args, profile.paths.dev_mode)?;
    let raw_stream = commands::agent_logs::raw_stream(&args.log, &profile.paths, working_dir)?;
    commands::state_dir::check(&profile.paths)?;
    let record = commands::recording::directory(&args, &profile.paths, working_dir);
    let typed = platform::env::arguments().into_iter().skip(1);
    let typed = typed.map(|argument| Secret::new(argument.to_string_lossy())).collect();
    let flags = RunFlags { record, typed, ..flags(&args, log_level, printer.console()) };
    if args.explain {
        return commands::config::explain_run(&flags, args.json, profile, printer);
    }
    if !profile.paths.dev_mode {
        return commands::run::run(&flags, raw_stream.as_deref(), profile, printer);
    }
    let (args, working_dir) = match working_dir {
        Some(working_dir) => project::complete(args, working_dir, printer)?,
        None => (args, PathBuf::new()),
    };
    check_command_options(&args)?;
    let flags = RunFlags { port: args.port, ..flags };
    let args = commands::dev::DevArgs {
        flags,
        raw_stream,
        reset: args.reset,
        yes: args.yes,
        watch: args.watch,
        ignore: args.ignore,
        extensions: args.ext,
        debounce: args.debounce,
        no_watch: args.no_watch,
        exec: args.exec,
        working_dir,
        events: args.events.or(args.json.then_some(EventsFormat::Json)),
    };
    commands::dev::run(args, profile, printer)
}

fn flags(args: &RunArgs, log_level: Option<LogLevel>, console: Console) -> RunFlags {
    RunFlags {
        port: args.port,
        bind: args.bind,
        auth: args.auth,
        token: args.token.clone(),
        password: args.password.clone(),
        tailscale: args.tailscale,
        tailscale_reset_on_exit: args.tailscale_reset_on_exit,
        allow_unconfigured: args.allow_unconfigured,
        force: args.force,
        verbose: args.log.verbose,
        claude_cli_logs: args.log.claude_cli_logs,
        log_level,
        ws_log: args.log.ws_log(),
        record: None,
        recording: None,
        typed: Vec::new(),
        console,
    }
}

/// Of a command line that runs a gateway the options that decide who may connect, as they are typed; nothing of any other.
pub(super) fn access_of_run(arguments: &[String]) -> Vec<String> {
    let typed = std::iter::once("clawdbot".to_owned()).chain(arguments.iter().cloned());
    match parse(typed.map(OsString::from)) {
        Ok(Invocation { action: Action::Run(args), .. }) => options::access(&args),
        _ => Vec::new(),
    }
}

/// What a command line that runs a gateway says about its profile and its settings, for somebody who starts it as
/// another process. `None` when it runs none.
pub(super) fn gateway_run(arguments: &[String]) -> Option<(ProfileRequest, RunFlags)> {
    let typed = std::iter::once("clawdbot".to_owned()).chain(arguments.iter().cloned());
    let invocation = parse(typed.map(OsString::from)).ok()?;
    match invocation.action {
        Action::Run(args) => {
            Some((invocation.profile, flags(&args, invocation.log_level, Console::default())))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
