//! Hands every notice on in the form that was asked for: lines for a person, and events for a script.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::screen::{self, Line, Places};
use super::{events, inputs};
use crate::cli::output::{Printer, startup};
use crate::harness::supervisor::notice::{Notice, Service};
use crate::platform::terminal;
use crate::profile::ProfilePaths;
use crate::settings::GatewaySettings;

/// Shows notices in the form that was asked for.
#[derive(Debug)]
pub(super) struct Presenter<'a> {
    printer: &'a Printer,
    paths: &'a ProfilePaths,
    json: bool,
    /// Process id of the gateway that serves.
    running: Option<u32>,
    /// Process id of the one that served last.
    pub(super) served: Option<u32>,
    /// SHA-256 of the certificate that was shown last.
    certificate: Option<String>,
    workspace: PathBuf,
    log_file: PathBuf,
    /// What is supervised, in a word.
    kind: &'static str,
    /// Whether the terminal is cleared before the next generation.
    clear: bool,
}

impl<'a> Presenter<'a> {
    pub(super) fn new(
        printer: &'a Printer,
        paths: &'a ProfilePaths,
        json: bool,
        settings: &GatewaySettings,
        kind: &'static str,
        clear: bool,
    ) -> Self {
        let (workspace, log_file) = (settings.workspace.clone(), settings.log.file.clone());
        Self {
            printer,
            paths,
            json,
            running: None,
            served: None,
            certificate: None,
            workspace,
            log_file,
            kind,
            clear,
        }
    }

    /// The lines of a start.
    fn started(&self, service: &Service) -> Vec<String> {
        match service {
            Service::Gateway(summary) => {
                let (urls, pid) = (&summary.urls, summary.pid);
                let (fingerprint, log_file) = (summary.tls_fingerprint.as_deref(), &self.log_file);
                startup::started(&summary.model, urls, fingerprint, pid, log_file, self.paths)
            }
            Service::Command(summary) => startup::command(summary),
        }
    }

    pub(super) fn show(&mut self, notice: &Notice, tail: &[String]) {
        let first = self.served.is_none();
        match notice {
            Notice::Serving { service, .. } => {
                self.running = Some(service.pid());
                self.served = self.running;
            }
            Notice::Crashed { .. } | Notice::Finished { .. } => self.running = None,
            Notice::Starting { .. } if self.clear && !first => self.printer.clear(),
            _ => {}
        }
        if self.json
            && let Some(event) = events::event(notice, tail, self.running, first, now_ms())
        {
            self.printer.json(&event);
        }
        match notice {
            Notice::Serving { service, .. } if first => {
                for line in self.started(service) {
                    self.printer.tick(&line);
                }
                self.printer.tick(startup::WATCHING);
                if terminal::stdout_is_terminal() && !self.json {
                    self.printer.text(inputs::HINT);
                }
            }
            notice => {
                let places = Places { kind: self.kind, home: &self.paths.home, workspace: &self.workspace };
                for line in screen::lines(notice, tail, self.running, &places) {
                    match line {
                        Line::Done(text) => self.printer.tick(&text),
                        Line::Failed(text) => self.printer.cross(&text),
                        Line::Detail(text) => self.printer.error(&text),
                    }
                }
            }
        }
        if let Notice::Serving { service: Service::Gateway(summary), .. } = notice {
            let before = std::mem::replace(&mut self.certificate, summary.tls_fingerprint.clone());
            let new = self.certificate.as_ref().filter(|new| !first && before.as_ref() != Some(new));
            if let Some(new) = new {
                self.printer.tick(&startup::certificate(new));
            }
        }
    }
}

/// Wall time in Unix milliseconds.
pub(super) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
