//! A fixture's gateway, started as the fixture says, and compared with what it expects.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use serde_json::json;

use super::gateway::{Gateway, GiveSecret, NotReady, Prospect};
use super::inside::{Run, ending};
use crate::harness::fixture::{Edit, Expectation, Port};
use crate::platform::exe;
use crate::platform::tree::{self, Strange};

/// Exit code when something is not as expected.
const DIFFERS: u8 = 1;

/// What came of a start.
struct Start {
    /// The exit code of a refusal.
    refused: Option<u8>,
    /// Everything that was said.
    said: String,
}

impl Run {
    /// Starts the gateway of the fixture, and says what is not as expected.
    pub(super) async fn verify(&mut self, name: &str, env: BTreeMap<String, String>, home: &Path) -> u8 {
        let Some(fixture) = self.job.fixture.clone() else {
            return self.failed(&format!("{name}: the job names no fixture"));
        };
        // Held until the end: this is who holds the port.
        let holder = match fixture.port {
            Port::Free => None,
            Port::Taken => match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)) {
                Ok(holder) => Some(holder),
                Err(error) => return self.failed(&format!("{name}: failed to hold a port: {error}")),
            },
        };
        let port = holder.as_ref().and_then(|holder| holder.local_addr().ok()).map_or(0, |held| held.port());
        let prospect = match Prospect::of(&self.job.gateway, env, home, GiveSecret::Never, port) {
            Ok(prospect) => prospect,
            Err(message) => return self.failed(&format!("{name}: {message}")),
        };
        let image = match exe::running_image() {
            Ok(image) => image,
            Err(error) => return self.failed(&format!("failed to find the program: {error}")),
        };
        let started = tokio::select! {
            started = prospect.start(&image, home) => started,
            signal = ending(&mut self.signals) => return signal.exit_code(),
        };
        let source = self.job.home_from.clone().unwrap_or_else(|| home.to_owned());
        let (start, edited) = tokio::select! {
            finished = finished(started, &fixture.edits, &source, home) => finished,
            signal = ending(&mut self.signals) => return signal.exit_code(),
        };
        let mut problems = start.problems(&fixture.expect);
        problems.extend(edited);
        problems.extend(files(&fixture.expect, &source, home));
        if problems.is_empty() {
            self.events.news("verified", json!({ "fixture": name }), name);
            return 0;
        }
        problems.extend(start.said.lines().map(|line| format!("said: {line}")));
        self.events.trouble("differs", json!({ "fixture": name, "problems": problems }), name, &problems);
        DIFFERS
    }
}

/// What came of the start, and what is not as expected of the edits.
async fn finished(
    started: Result<Gateway, NotReady>,
    edits: &[Edit],
    source: &Path,
    home: &Path,
) -> (Start, Vec<String>) {
    match started {
        Ok(mut gateway) => {
            let mut said = gateway.tail();
            let mut problems = Vec::new();
            for edit in edits {
                problems.extend(edited(&mut gateway, edit, source, home).await);
                said.extend(gateway.tail());
            }
            gateway.stop().await;
            (Start { refused: None, said: said.join("\n") }, problems)
        }
        Err(NotReady { code, reason, tail }) => {
            (Start { refused: Some(code), said: format!("{reason}\n{}", tail.join("\n")) }, Vec::new())
        }
    }
}

/// Makes an edit, and says what is not as expected of it. `source`: the home directory of the fixture.
async fn edited(gateway: &mut Gateway, edit: &Edit, source: &Path, home: &Path) -> Vec<String> {
    let files = source.with_file_name("edits").join(&edit.files);
    let name = &edit.files;
    let unsaid = match gateway.says_after(|| tree::copy(&files, home, Strange::Refused), &edit.says).await {
        Ok(unsaid) => unsaid,
        Err(error) => return vec![format!("edit {name}: {error}")],
    };
    let mut problems: Vec<String> =
        unsaid.iter().map(|text| format!("edit {name}: it did not say {text:?}")).collect();
    if !gateway.greets().await {
        problems.push(format!("edit {name}: it serves no longer"));
    }
    problems
}

impl Start {
    fn problems(&self, expect: &Expectation) -> Vec<String> {
        let mut problems = Vec::new();
        match (self.refused, expect.exit_code) {
            (None, Some(code)) => {
                problems.push(format!("it serves; expected a refusal with exit code {code}"));
            }
            (Some(code), None) => problems.push(format!("it does not serve: exit code {code}")),
            (Some(code), Some(expected)) if code != expected => {
                problems.push(format!("exit code {code}; expected {expected}"));
            }
            _ => {}
        }
        let unsaid = expect.says.iter().filter(|text| !self.said.contains(*text));
        problems.extend(unsaid.map(|text| format!("it did not say {text:?}")));
        problems
    }
}

fn files(expect: &Expectation, source: &Path, home: &Path) -> Vec<String> {
    let same = |path: &String| match (std::fs::read(source.join(path)), std::fs::read(home.join(path))) {
        (Ok(before), Ok(after)) => before == after,
        _ => false,
    };
    let changed =
        expect.unchanged.iter().filter(|path| !same(path)).map(|path| format!("{path} has changed"));
    let missing = expect.creates.iter().filter(|path| !home.join(path).is_file());
    changed.chain(missing.map(|path| format!("{path} is missing"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_difference_is_told() {
        let expect = |text: &str| serde_json::from_str::<Expectation>(text).unwrap();
        let start = |refused| Start { refused, said: "one two".to_owned() };
        for (refused, expected, problems) in [
            (None, r#"{ "says": ["two"] }"#, vec![]),
            (Some(78), r#"{ "exitCode": 78 }"#, vec![]),
            (None, r#"{ "exitCode": 78 }"#, vec!["it serves; expected a refusal with exit code 78"]),
            (Some(1), "{}", vec!["it does not serve: exit code 1"]),
            (
                Some(1),
                r#"{ "exitCode": 78, "says": ["x"] }"#,
                vec!["exit code 1; expected 78", "it did not say \"x\""],
            ),
        ] {
            assert_eq!(start(refused).problems(&expect(expected)), problems, "{expected}");
        }
        let place = tempfile::tempdir().unwrap();
        let (before, after) = (place.path().join("before"), place.path().join("after"));
        for (folder, text) in [(&before, "old"), (&after, "new")] {
            std::fs::create_dir(folder).unwrap();
            std::fs::write(folder.join("edited"), text).unwrap();
            std::fs::write(folder.join("same"), "same").unwrap();
        }
        let expected = expect(r#"{ "unchanged": ["edited", "same"], "creates": ["same", "none"] }"#);
        assert_eq!(files(&expected, &before, &after), ["edited has changed", "none is missing"]);
    }
}
