//! From one configuration to the next: in place, or by a gateway that follows on the same sockets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::edits::{Kept, Outcomes};
use super::host::{GRACE, Host, init, not_started};
use super::reading::Reading;
use super::sockets::{self, say_shortfall};
use crate::cli::commands::exposure::Wish;
use crate::cli::error::ExpectedError;
use crate::cli::output::startup;
use crate::config::schema::ReloadMode;
use crate::gateway::Standby;
use crate::listeners::Listeners;
use crate::logging::subsystem;
use crate::tls::fingerprint_of_file;

/// Keys named in one line before the rest is counted.
const NAMED: usize = 5;

const TAKEN_BACK: &str = "nothing waits for a restart any more";

impl Host<'_> {
    /// The files may have changed: whatever follows from that. Fails when nothing serves any more.
    /// `mode`: what counts instead of the reload mode in the files.
    pub(super) async fn edited(&mut self, mode: Option<ReloadMode>) -> Result<(), ExpectedError> {
        let begin = Instant::now();
        match self.edits.evaluate(mode).await {
            Outcomes::Nothing => {}
            Outcomes::Mended => self.printer.tick("config is valid again; nothing changed"),
            Outcomes::TakenBack => self.printer.tick(TAKEN_BACK),
            Outcomes::Off(waiting) => {
                tracing::info!(target: subsystem::RELOAD, keys = %waiting.join(", "), "config reload disabled (gateway.reload.mode=off)");
                let waiting = named(&waiting);
                self.printer
                    .tick(&format!("config edit not acted upon (gateway.reload.mode=off): {waiting}"));
            }
            Outcomes::Kept(kept) => self.say_kept(&kept),
            Outcomes::Apply { reading, applied, waiting, taken_back } => {
                self.apply(*reading);
                self.say_applied(&applied, &waiting, begin.elapsed());
                if taken_back {
                    self.printer.tick(TAKEN_BACK);
                }
            }
            Outcomes::Restart { reading, reasons } => {
                let keys = named(&reasons);
                tracing::info!(target: subsystem::RELOAD, "config change requires gateway restart ({keys})");
                self.restart(*reading, &format!("config: {keys}"), begin).await?;
            }
        }
        self.follow_files();
        Ok(())
    }

    /// A restart that was asked for. Without a configuration that can be used there is nothing to restart with.
    pub(super) async fn restart_as_asked(&mut self, why: &str) -> Result<(), ExpectedError> {
        let begin = Instant::now();
        match self.edits.for_restart().await {
            Ok(reading) => self.restart(reading, why, begin).await?,
            Err(error) => {
                let kept = self.edits.refuse(error);
                self.say_kept(&kept);
            }
        }
        self.follow_files();
        Ok(())
    }

    /// Whether the certificate file does not hold what is served: it was renewed, or it is broken, which the attempt
    /// to serve with it tells.
    pub(super) fn certificate_changed(&self) -> bool {
        let Some(tls) = &self.edits.settings().tls else { return false };
        let served = self.running.report().tls_fingerprint;
        fingerprint_of_file(&tls.cert_path).map_or(true, |found| Some(found.to_string()) != served)
    }

    fn apply(&mut self, reading: Reading) {
        self.manager.reloading();
        self.running.apply(reading.env.clone(), reading.snapshot.clone(), reading.settings.clone());
        self.accept(reading);
    }

    /// Everything that can fail comes before the running gateway is touched.
    async fn restart(
        &mut self,
        mut reading: Reading,
        why: &str,
        begin: Instant,
    ) -> Result<(), ExpectedError> {
        // Whoever began it, it goes on.
        reading.settings.recording.current = self.running.recording().current;
        let prepared = self.prepare(&reading).await;
        let (standby, listeners) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                let kept = self.edits.refuse(error);
                self.say_kept(&kept);
                return Ok(());
            }
        };
        self.manager.reloading();
        let unserved = Instant::now();
        let claim = self.running.hand_over().await;
        let next = standby.activate_with(claim).await.map_err(not_started)?;
        let gap = unserved.elapsed();
        let before = self.running.report();
        let last = std::mem::replace(&mut self.running, next);
        self.leaving.spawn(last.goodbye(Some(milliseconds(gap)), GRACE));
        self.generation += 1;
        self.listeners = listeners;
        self.accept(reading);
        let settings = self.edits.settings();
        self.exposure.follow(Wish::of(settings, sockets::port(&self.listeners, settings)));

        let report = self.running.report();
        let took = milliseconds(begin.elapsed());
        self.printer.tick(&format!("restarted in {took}ms ({why}) (PID {})", report.pid));
        if report.model != before.model {
            self.printer.tick(&startup::model(&report.model));
        }
        for url in report.urls.iter().filter(|url| !before.urls.contains(url)) {
            self.printer.tick(&startup::listening(url));
        }
        if let Some(fingerprint) =
            report.tls_fingerprint.filter(|new| before.tls_fingerprint.as_ref() != Some(new))
        {
            self.printer.tick(&startup::certificate(&fingerprint));
        }
        self.follow_interfaces();
        Ok(())
    }

    async fn prepare(&mut self, reading: &Reading) -> Result<(Standby, Arc<Listeners>), ExpectedError> {
        let paths = self.edits.paths().clone();
        let (listeners, note) = self.sockets.listen(&reading.settings, &paths)?;
        if listeners.sockets().len() != self.listeners.sockets().len() {
            say_shortfall(&listeners, note, self.printer);
        }
        let init = init(self.edits.reader(), reading, &listeners, self.generation + 1)?;
        let standby = Standby::prepare(init).await.map_err(not_started)?;
        Ok((standby, listeners))
    }

    fn say_kept(&self, kept: &Kept) {
        tracing::info!(target: subsystem::RELOAD, "config reload skipped (invalid config): {}", kept.brief);
        let text = kept.error.to_string();
        let mut lines = text.lines();
        if let Some(first) = lines.next() {
            self.printer.cross(first);
        }
        lines.for_each(|line| self.printer.error(line));
        self.printer.cross(&format!("kept the running gateway (PID {})", std::process::id()));
    }

    fn say_applied(&self, applied: &[String], waiting: &[String], took: Duration) {
        let (applied_keys, waiting_keys) = (named(applied), named(waiting));
        if !applied.is_empty() {
            tracing::info!(target: subsystem::RELOAD, "config change applied ({applied_keys})");
            let took = milliseconds(took);
            self.printer
                .tick(&format!("reloaded in {took}ms (config: {applied_keys}) (PID {})", std::process::id()));
        }
        if !waiting.is_empty() {
            tracing::info!(
                target: subsystem::RELOAD,
                "config change requires gateway restart; mode hot ignores ({waiting_keys})"
            );
            self.printer.cross(&format!("needs a restart (gateway.reload.mode=hot): {waiting_keys}"));
        }
    }
}

fn named(keys: &[String]) -> String {
    let more = keys.len().saturating_sub(NAMED);
    let first = keys[..keys.len().min(NAMED)].join(", ");
    if more == 0 { first } else { format!("{first} and {more} more") }
}

/// Rounded up: nothing takes no time.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros().div_ceil(1000)).unwrap_or(u64::MAX).max(1)
}
