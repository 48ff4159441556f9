//! Who may read what is secret.

use crate::doctor::facts::{Facts, SecretFile};
use crate::doctor::finding::{Finding, Repair};

/// What others may do with a file: read it, change it.
const OTHERS: u32 = 0o066;
/// What everybody may do with it.
const EVERYBODY: u32 = 0o006;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(config) = &facts.config else { return Vec::new() };
    config.secrets.iter().filter(|file| file.mode & OTHERS != 0).map(|file| open(file, facts)).collect()
}

fn open(file: &SecretFile, facts: &Facts<'_>) -> Finding {
    let who = if file.mode & EVERYBODY != 0 { "every user" } else { "its group" };
    let may = if file.mode & 0o022 != 0 { "read or change" } else { "read" };
    let message = format!("{who} may {may} {} (mode {:04o})", facts.show(&file.path), file.mode);
    let finding = if file.is_key && file.mode & EVERYBODY != 0 {
        Finding::error("key-open", message)
            .why("A gateway does not start with a private key that others know.")
    } else if file.reachable {
        Finding::error("secret-open", message).why("There are secrets in it.")
    } else {
        Finding::info("secret-open-in-private", message)
            .why("There are secrets in it, and only its directory keeps others away.")
    };
    let path = file.path.clone();
    finding
        .command(format!("chmod go= {}", facts.quote(&file.path)))
        .repair(Repair::Restrict { path, allowed: 0o700 })
}
