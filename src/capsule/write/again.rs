//! How the gateway was started, for whoever starts it again.

use std::collections::BTreeMap;

use super::collect::Collected;
use super::start::{kept_args, kept_env, secret_args, usual_args};
use super::subject::{Origin, Recorded, Subject};
use crate::capsule::Start;
use crate::profile::{EnvMap, vars};
use crate::redaction::{Book, Cleaner, Evidence, Look, is_known_secret};

/// Stands for a variable that the configuration names and nobody knows any more.
const UNKNOWN: &str = "capsule-unknown";

/// The environment of the gateway.
pub(super) fn environment(subject: &Subject, recorded: Option<&Recorded>, origin: &Origin) -> EnvMap {
    let mut env = subject.env.clone();
    if let Some(recorded) = recorded {
        recorded.start.env.iter().for_each(|(name, value)| env.set(name, value));
    }
    let dotenv = origin.roots.first().map(|root| root.path.join(".env")).unwrap_or_default();
    // What is wrong with the file is told by whoever starts a gateway on it.
    crate::config::environment(&dotenv, &env).unwrap_or(env)
}

/// How the gateway was started, with its secrets, which are taken down. `variables` are those that the configuration
/// names.
pub(super) fn started(
    recorded: Option<&Recorded>,
    subject: &Subject,
    env: &EnvMap,
    variables: &[String],
    collected: &mut Collected,
) -> Start {
    let mut start = match recorded {
        Some(recorded) => {
            let args = &recorded.start.args;
            for value in secret_args(args) {
                collected.secret(value, Evidence::Place);
            }
            Start { args: kept_args(args), env: kept_env(&recorded.start.env) }
        }
        None => Start::default(),
    };
    if !start.args.iter().any(|argument| argument == "gateway") {
        let profile = recorded.map_or(subject.name.as_deref(), |it| it.start.profile.as_deref());
        start.args = usual_args(profile);
    }
    // Without them the configuration cannot be read.
    let named = variables.iter().map(String::as_str);
    for name in named.chain([vars::GATEWAY_TOKEN, vars::GATEWAY_PASSWORD]) {
        let value = env.raw(name).or_else(|| variables.iter().any(|known| known == name).then_some(UNKNOWN));
        if let Some(value) = value.filter(|_| ![vars::HOME, vars::PATH].contains(&name)) {
            start.env.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
    }
    for (name, value) in &start.env {
        if let Some(evidence) = is_known_secret(name, value).filter(|_| value != UNKNOWN) {
            collected.secret(value, evidence);
        }
    }
    start
}

/// The same without secrets.
pub(super) fn clean(start: &Start, book: &Book, cleaner: &Cleaner) -> Start {
    let secrets = secret_args(&start.args);
    let argument = |argument: &String| match argument.split_once('=') {
        Some((name, value)) if secrets.contains(&value) => format!("{name}={}", placeholder(value, book)),
        _ if secrets.contains(&argument.as_str()) => placeholder(argument, book),
        _ => cleaner.clean(argument, Look::Values),
    };
    let variable = |name: &str, value: &str| match is_known_secret(name, value) {
        Some(_) => placeholder(value, book),
        None => cleaner.clean(value, Look::Values),
    };
    let env: BTreeMap<String, String> =
        start.env.iter().map(|(name, value)| (name.clone(), variable(name, value))).collect();
    Start { args: start.args.iter().map(argument).collect(), env }
}

fn placeholder(value: &str, book: &Book) -> String {
    // What has none says nothing.
    book.placeholder(value).unwrap_or_else(|| value.to_owned())
}
