//! `config explain` and `gateway --explain`.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::perform::Scene;
use crate::cli::error::ExpectedError;
use crate::cli::output::columns;
use crate::config::edit::{ConfigPath, lookup};
use crate::config::{Config, Document, Outcome, render};
use crate::gateway::redact::{REDACTED, is_reference};
use crate::profile::{EnvMap, shorten};
use crate::settings::{RunFlags, Setting, Source, explain, guard};

/// Shows every setting that a gateway started with `flags` would run with. `exported` is the environment without the
/// profile's `.env`.
pub(super) fn run(
    flags: &RunFlags,
    reveal: bool,
    exported: &EnvMap,
    scene: &Scene<'_>,
) -> Result<ExitCode, ExpectedError> {
    let paths = scene.paths;
    let document = Document::load(&paths.config_path, &scene.env);
    let config = match &document.snapshot.outcome {
        Outcome::Invalid(issues) => {
            return Err(ExpectedError::Refused(render(issues, &paths.home).trim_end().to_owned()));
        }
        Outcome::Missing => Config::default(),
        Outcome::Valid => Config::from_resolved(&document.snapshot.resolved),
    };
    let (effective, settings) = explain(flags, &scene.env, paths, &config)?;
    let view = View { scene, document: &document, exported, reveal };
    // The first start of dev mode makes the configuration that it needs.
    let made = paths.dev_mode && document.snapshot.outcome == Outcome::Missing;
    let refusal = if made {
        None
    } else {
        guard(&effective, flags.allow_unconfigured, &config, &document.snapshot, paths).err()
    };
    if scene.json {
        let settings: Vec<_> = settings.iter().map(|setting| view.object(setting)).collect();
        let refusal = refusal.map(|refusal| refusal.message);
        scene.printer.json(&json!({ "settings": settings, "startRefusedBecause": refusal }));
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<_> = settings.iter().map(|setting| view.row(setting)).collect();
    scene.printer.text(&columns(&rows).join("\n"));
    if made {
        let config = shorten(&paths.config_path, &paths.home);
        scene.printer.error(&format!("\nThere is no {config} yet; the first start of dev mode makes one."));
    }
    if let Some(refusal) = refusal {
        scene.printer.error(&format!("\nA start would be refused:\n{}", refusal.message));
    }
    Ok(ExitCode::SUCCESS)
}

struct View<'a> {
    scene: &'a Scene<'a>,
    document: &'a Document,
    exported: &'a EnvMap,
    reveal: bool,
}

impl View<'_> {
    fn row(&self, setting: &Setting) -> [String; 3] {
        let hidden = setting.secret && !self.reveal;
        let value = match &setting.value {
            Value::Null => "unset".to_owned(),
            _ if hidden => "••••••••".to_owned(),
            Value::String(text) => self.short(text),
            value => value.to_string(),
        };
        [setting.name.to_owned(), value, self.source(&setting.source)]
    }

    /// A path of the person's own with `~`.
    fn short(&self, text: &str) -> String {
        let home = &self.scene.paths.home;
        let path = std::path::Path::new(text);
        if path.starts_with(home) { shorten(path, home) } else { text.to_owned() }
    }

    fn source(&self, source: &Source) -> String {
        let home = &self.scene.paths.home;
        match source {
            Source::Flag(name) => format!("flag {name}"),
            Source::Environment(name) if self.exported.get(name).is_some() => format!("environment {name}"),
            Source::Environment(name) => format!("{name} in {}", shorten(&self.scene.paths.dotenv, home)),
            Source::Derived(why) => (*why).to_owned(),
            Source::Default => "default".to_owned(),
            Source::Config(path) => {
                let at = self.place(path).map_or_else(String::new, |place| {
                    format!(" at {}:{}:{}", shorten(&place.file, home), place.line, place.column)
                });
                let reference = self.reference(path).map_or_else(String::new, |text| format!(" ({text})"));
                format!("config {path}{at}{reference}")
            }
        }
    }

    fn object(&self, setting: &Setting) -> Value {
        let hidden = setting.secret && !self.reveal && !setting.value.is_null();
        let source = match &setting.source {
            Source::Flag(name) => json!({ "kind": "flag", "name": name }),
            Source::Environment(name) => {
                let file = self.exported.get(name).is_none().then_some(&self.scene.paths.dotenv);
                json!({ "kind": "environment", "name": name, "file": file })
            }
            Source::Derived(why) => json!({ "kind": "derived", "why": why }),
            Source::Default => json!({ "kind": "default" }),
            Source::Config(path) => {
                let place = self.place(path);
                json!({
                    "kind": "config",
                    "path": path,
                    "file": place.as_ref().map(|place| &place.file),
                    "line": place.as_ref().map(|place| place.line),
                    "column": place.as_ref().map(|place| place.column),
                    "reference": self.reference(path),
                })
            }
        };
        json!({
            "name": setting.name,
            "value": if hidden { json!(REDACTED) } else { setting.value.clone() },
            "secret": setting.secret,
            "source": source,
        })
    }

    fn place(&self, path: &str) -> Option<crate::config::Place> {
        self.document.place(&ConfigPath::parse(path).ok()?)
    }

    /// The reference, when the value is nothing but one.
    fn reference(&self, path: &str) -> Option<&str> {
        let written = lookup(&self.document.written, &ConfigPath::parse(path).ok()?)?;
        written.as_str().filter(|text| is_reference(text))
    }
}
