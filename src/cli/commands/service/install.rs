//! What `install` writes, and when it does not.

use std::fmt::Write;
use std::path::{Component, Path};

use super::control::{self, Act};
use super::in_the_way::in_the_way;
use super::outcome::{Done, Failure};
use super::run::Scene;
use crate::cli::args::InstallArgs;
use crate::cli::commands::run::{Reader, bind_plan};
use crate::cli::commands::state_dir;
use crate::cli::error::ExpectedError;
use crate::platform::{env, exe, surroundings};
use crate::profile::{EnvMap, ResolvedProfile, shorten, vars};
use crate::service::spec::{self, Facts, PLACES};
use crate::service::{Author, Definition, Runtime, ServiceSpec, ServiceStatus, audit};
use crate::settings::{GatewaySettings, RunFlags};
use crate::tls::ServerTls;

/// What has to be done about what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// It is what would be written.
    Keep,
    /// It is written, for the first time or over what only another version wrote, or because that was asked for.
    Write,
}

/// Installs the service of the profile. Starts it only when that is asked for.
pub(super) fn install(args: &InstallArgs, scene: &Scene<'_>) -> Result<Done, Failure> {
    let paths = &scene.profile.paths;
    let manager = scene.manager.as_ref();
    let failure = |error| Failure::of("install", error);
    if paths.dev_mode {
        return Err(dev_mode());
    }
    state_dir::check(paths).map_err(Failure::new)?;
    let before = manager.status().map_err(failure)?;
    let settings = admitted(args, scene)?;
    certificate(&settings).map_err(Failure::new)?;
    let spec = spec(args, &settings, scene)?;
    let installed = manager.definition().map_err(failure)?;
    if !args.force {
        port_of_another(settings.port, scene)?;
    }
    let plan = plan(args, installed.as_ref(), &spec, scene)?;

    let mut done = Done { result: "already-installed", ..Done::default() };
    if plan == Plan::Write || !before.loaded {
        manager.install(&spec).map_err(failure)?;
        done.result = if installed.is_some() { "updated" } else { "installed" };
    }
    done.warnings = warnings(args, &spec, scene);
    if args.linger {
        manager.linger().map_err(failure)?;
    }
    let status = manager.status().map_err(failure)?;
    finish(args, done, status, scene)
}

/// What is said, and the start when it was asked for.
fn finish(
    args: &InstallArgs,
    mut done: Done,
    mut status: ServiceStatus,
    scene: &Scene<'_>,
) -> Result<Done, Failure> {
    let manager = scene.manager.as_ref();
    let (paths, command) = (&scene.profile.paths, scene.profile.paths.command());
    let written = done.result != "already-installed";
    let definition = manager.definition().map_err(|error| Failure::of("install", error))?;
    if args.start && (written || status.runtime != Runtime::Running) {
        let act = if status.runtime == Runtime::Running { Act::Restart } else { Act::Start };
        if let Some(definition) = &definition {
            let started = control::started(act, definition, &status, scene)?;
            status = started.status.unwrap_or(status);
        }
    }
    done.lines = Done::state(manager.words(), &status);
    let place = shorten(manager.definition_path(), &paths.home);
    done.notes.push(match done.result {
        "installed" => format!("Installed: {place}"),
        "updated" => format!("Replaced: {place}"),
        _ => format!("It was installed already: {place}"),
    });
    match status.runtime {
        Runtime::Running if written && !args.start => {
            done.notes.push(format!("What runs is the old one until: {command} gateway restart"));
        }
        Runtime::Running | Runtime::Starting => {}
        _ => done.notes.push(format!("Start it: {command} gateway start")),
    }
    if !args.linger && manager.lingers() == Some(false) {
        done.notes.push(format!(
            "It stops when you log out. To have it run on: {command} gateway install --linger (or: loginctl enable-linger)"
        ));
    }
    let port = definition.as_ref().and_then(Definition::port);
    if control::is_at_rest(&status)
        && let Some(error) = in_the_way(paths, port)
    {
        done.warnings.push(format!("It cannot start yet: {error}"));
    }
    done.status = Some(status);
    Ok(done)
}

/// The settings that the service would run with, when it would run: the guard of every start, with what a service
/// sees of the environment.
fn admitted(args: &InstallArgs, scene: &Scene<'_>) -> Result<GatewaySettings, Failure> {
    let flags = RunFlags {
        port: args.port.or(scene.profile.env.port()),
        bind: args.bind,
        allow_unconfigured: args.allow_unconfigured,
        ..RunFlags::default()
    };
    let admit = |env: EnvMap| {
        let profile = ResolvedProfile { env, ..scene.profile.clone() };
        let reader = Reader { flags: flags.clone(), profile };
        let reading = reader.admit(reader.files()?)?;
        bind_plan(&reading.settings).map(|_| reading.settings)
    };
    let given = scene.manager.environment().map_err(|error| Failure::of("install", error))?;
    admit(seen_by_a_service(EnvMap::new(given), scene)).map_err(|error| {
        let failure = Failure::new(error);
        if admit(scene.profile.env.clone()).is_ok() {
            let dotenv = shorten(&scene.profile.paths.dotenv, &scene.profile.paths.home);
            let hint = format!("From this shell it would start, because of variables that no service sees. Put them into {dotenv}");
            return Failure { hints: vec![hint], ..failure };
        }
        failure
    })
}

/// Reads the certificate and its key as a start does. What a start would make is not made here.
fn certificate(settings: &GatewaySettings) -> Result<(), ExpectedError> {
    let there = settings.tls.as_ref().filter(|tls| !tls.may_make || tls.cert_path.exists());
    let Some(tls) = there else { return Ok(()) };
    ServerTls::load(tls).map(drop).map_err(|error| ExpectedError::Refused(format!("Error: {error}")))
}

fn seen_by_a_service(mut env: EnvMap, scene: &Scene<'_>) -> EnvMap {
    for name in PLACES {
        env.remove(name);
    }
    for (name, value) in spec::environment(scene.system, &scene.profile.paths) {
        env.set(&name, &value);
    }
    env
}

fn spec(args: &InstallArgs, settings: &GatewaySettings, scene: &Scene<'_>) -> Result<ServiceSpec, Failure> {
    let arguments = env::arguments();
    let called = arguments.first().map(std::ffi::OsString::as_os_str);
    let program =
        exe::as_called(called, scene.profile.env.raw(vars::PATH), scene.working_dir).map_err(|error| {
            Failure::failed(format!("Gateway install failed: failed to find this program: {error}"))
        })?;
    Ok(spec::build(&Facts {
        system: scene.system,
        profile: &scene.profile.paths,
        names: &scene.names,
        program: &program,
        port: settings.port,
        bind: settings.bind,
        allow_unconfigured: args.allow_unconfigured,
    }))
}

/// What is to be done about what stands there; nothing of somebody else's is written over unasked.
fn plan(
    args: &InstallArgs,
    installed: Option<&Definition>,
    spec: &ServiceSpec,
    scene: &Scene<'_>,
) -> Result<Plan, Failure> {
    let manager = scene.manager.as_ref();
    let Some(installed) = installed.filter(|_| !args.force) else { return Ok(Plan::Write) };
    let wanted = manager.parse(&manager.render(spec));
    let drift = audit::drift(installed, &wanted);
    let author = installed.author();
    if author == Author::Ours && drift.is_empty() {
        return Ok(if installed.version() == wanted.version() { Plan::Keep } else { Plan::Write });
    }
    let path = shorten(&installed.path, &scene.profile.paths.home);
    let mut text = match author {
        Author::Ours => format!("The gateway is installed otherwise than it would be now: {path}"),
        Author::Published => format!("The gateway of the Node program is installed: {path}"),
        Author::Foreign => format!("There is a definition that this program did not write: {path}"),
    };
    for line in audit::changes(installed, &wanted) {
        let _ = write!(text, "\n  {line}");
    }
    let mut again = format!("Replace it with: {} gateway install --force", scene.profile.paths.command());
    if let Some(port) = args.port {
        let _ = write!(again, " --port {port}");
    }
    if let Some(bind) = args.bind {
        let _ = write!(again, " --bind {}", bind.as_str());
    }
    Err(Failure { drift, ..Failure::failed(text).with("differs", vec![again]) })
}

/// Two services on one port: the second one never starts.
fn port_of_another(port: u16, scene: &Scene<'_>) -> Result<(), Failure> {
    let others = scene.manager.others();
    let other = others
        .iter()
        .find(|other| other.author() != Author::Foreign && port != 0 && other.port() == Some(port));
    let Some(other) = other else { return Ok(()) };
    let name = other.path.file_name().unwrap_or_default().to_string_lossy();
    let command = scene.profile.paths.command();
    Err(Failure::refused(format!("Port {port} is that of another service: {name}"))
        .with("port-taken", vec![format!("Choose another one: {command} gateway install --port N")]))
}

fn dev_mode() -> Failure {
    Failure::new(ExpectedError::Usage(
        "A development gateway is no service: it belongs to the terminal that shows what it reloads."
            .to_owned(),
    ))
    .with(
        "dev-mode",
        vec![
            "Run it there: clawdbot gateway --dev".to_owned(),
            "For a service beside your own, name another profile: clawdbot --profile NAME gateway install"
                .to_owned(),
        ],
    )
}

fn warnings(args: &InstallArgs, spec: &ServiceSpec, scene: &Scene<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    let program = Path::new(&spec.argv[0]);
    if is_built_there(program) {
        warnings.push(format!(
            "The service runs {}, which every build replaces and `cargo clean` removes. \
             Copy the program to a lasting place and install it from there.",
            program.display()
        ));
    }
    if args.runtime.is_some() {
        warnings.push("--runtime means nothing: this program needs no runtime.".to_owned());
    }
    if surroundings::user_id() == Some(0) {
        warnings.push("The gateway will run as root, and with it every command of its agents.".to_owned());
    }
    if scene.profile.env.get(vars::GATEWAY_TOKEN).or(scene.profile.env.get(vars::GATEWAY_PASSWORD)).is_some()
    {
        let dotenv = shorten(&scene.profile.paths.dotenv, &scene.profile.paths.home);
        warnings.push(format!(
            "The service does not see the token or password of this shell; what counts is the configuration and {dotenv}."
        ));
    }
    warnings
}

/// Whether a path leads into the directory of a build.
fn is_built_there(program: &Path) -> bool {
    let mut parts = program.components().map(Component::as_os_str).skip_while(|part| *part != "target");
    parts.next().is_some() && parts.any(|part| part == "debug" || part == "release")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_directories_are_recognised() {
        for (path, expected) in [
            ("/home/you/clawdbot/target/release/clawdbot", true),
            ("/x/target/x86_64-unknown-linux-musl/debug/clawdbot", true),
            ("/usr/local/bin/clawdbot", false),
            ("/opt/target/clawdbot", false),
            ("/opt/release/clawdbot", false),
        ] {
            assert_eq!(is_built_there(Path::new(path)), expected, "{path}");
        }
    }
}
