//! What the service manager says, and what of it would be otherwise if it were installed now.

use std::path::Path;
use std::thread;
use std::time::Instant;

use crate::cli::output::gateway_status::{Elsewhere, Manager};
use crate::platform::exec::{SystemRunner, Until};
use crate::platform::host;
use crate::profile::ResolvedProfile;
use crate::service::spec::{System, VERSION};
use crate::service::{self, Author, Definition, Runtime, ServiceError, ServiceManager, Words};
use crate::settings::BindMode;

/// How a system without a manager that is understood here is spoken of.
const NONE: Words = Words { label: "service manager", loaded: "enabled", not_loaded: "disabled" };

/// Asks the manager of this machine, until the deadline. Blocks.
pub(super) fn look(profile: &ResolvedProfile, bind: BindMode, deep: bool, deadline: Instant) -> Manager {
    let runner = Until::new(SystemRunner, deadline);
    let names = match service::names(profile) {
        Ok(names) => names,
        Err(error) => return silent(NONE, error),
    };
    let system = System::named(host::facts().os);
    match system.and_then(|system| service::native(system, &profile.paths, &names, &runner)) {
        Some(manager) => ask(&*manager, bind, deep),
        None => missing(),
    }
}

/// There is none that is understood here.
pub(super) fn missing() -> Manager {
    let detail = "no service manager of this system is supported yet".to_owned();
    Manager { unavailable: Some((detail, Vec::new())), ..empty(NONE) }
}

/// It was asked and did not answer in time.
pub(super) fn late() -> Manager {
    let detail = "the service manager does not answer".to_owned();
    Manager { unavailable: Some((detail, Vec::new())), ..empty(NONE) }
}

fn ask(manager: &dyn ServiceManager, bind: BindMode, deep: bool) -> Manager {
    let (definition, unreadable) = match manager.definition() {
        Ok(definition) => (definition, None),
        Err(error) => (None, Some((error.to_string(), Vec::new()))),
    };
    // Each answer is another program's, and somebody waits for all of them.
    let (status, lingers) = thread::scope(|scope| {
        let lingers = definition.is_some().then(|| scope.spawn(|| manager.lingers()));
        let status = manager.status();
        (status, lingers.and_then(|lingers| lingers.join().ok().flatten()))
    });
    let mut asked = match status {
        Ok(status) => Manager { status: Some(status), ..empty(manager.words()) },
        Err(error) => silent(manager.words(), error),
    };
    asked.unavailable = asked.unavailable.or(unreadable);
    asked.others = deep.then(|| manager.others().iter().map(elsewhere).collect());
    let Some(definition) = definition else { return asked };
    asked.log_command = Some(manager.by_hand().log);
    if asked.unavailable.is_none() {
        asked.lingers = lingers;
        if asked.status.as_ref().is_some_and(|status| status.runtime == Runtime::Failed) {
            asked.last_line = manager.last_lines(1).pop();
        }
    }
    if definition.author() == Author::Ours {
        asked.drift = drift(&definition, bind);
    }
    Manager { definition: Some(definition), ..asked }
}

/// What an installation of now would change; the port has its own place.
fn drift(definition: &Definition, bind: BindMode) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(program) = definition.argv.first()
        && !Path::new(program).exists()
    {
        lines.push(format!("its program is gone: {program}"));
    }
    if let Some(version) = definition.version().filter(|version| *version != VERSION) {
        lines.push(format!("it was installed by version {version}; this is {VERSION}"));
    }
    if let Some(theirs) = definition.option("--bind").filter(|theirs| *theirs != bind.as_str()) {
        lines.push(format!("it binds to {theirs}; the configuration says {}", bind.as_str()));
    }
    lines
}

fn elsewhere(definition: &Definition) -> Elsewhere {
    let name = definition.path.file_name().map(|name| name.to_string_lossy().into_owned());
    Elsewhere { name: name.unwrap_or_default(), path: definition.path.clone(), port: definition.port() }
}

fn silent(words: Words, error: ServiceError) -> Manager {
    let unavailable = match error {
        ServiceError::Unavailable { detail, hints } => (detail, hints),
        error => (error.to_string(), Vec::new()),
    };
    Manager { unavailable: Some(unavailable), ..empty(words) }
}

fn empty(words: Words) -> Manager {
    Manager {
        words,
        unavailable: None,
        definition: None,
        status: None,
        lingers: None,
        drift: Vec::new(),
        last_line: None,
        log_command: None,
        others: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    #[test]
    fn only_what_an_installation_would_change_is_drift() {
        let definition = |argv: &[&str], version: &str| Definition {
            path: PathBuf::from("/unit"),
            text: String::new(),
            argv: argv.iter().map(|&word| word.to_owned()).collect(),
            environment: BTreeMap::from([("CLAWDBOT_SERVICE_VERSION".to_owned(), version.to_owned())]),
            working_directory: None,
        };
        let here = definition(&["/", "gateway", "--port", "1", "--bind", "loopback"], VERSION);
        assert_eq!(drift(&here, BindMode::Loopback), Vec::<String>::new());
        let old = definition(&["/nowhere/clawdbot", "gateway", "--bind", "loopback"], "0.0.1");
        assert_eq!(
            drift(&old, BindMode::Lan),
            [
                "its program is gone: /nowhere/clawdbot".to_owned(),
                format!("it was installed by version 0.0.1; this is {VERSION}"),
                "it binds to loopback; the configuration says lan".to_owned(),
            ]
        );
    }
}
