//! The life of a foreground gateway: what arrives, and who deals with it.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::edits::Edits;
use super::follow::SETTLED;
use super::reading::{Reader, Reading};
use super::sockets::{self, Sockets};
use crate::cli::commands::exposure::{Exposure, News, Wish};
use crate::cli::commands::instance::already_running;
use crate::cli::commands::timer::at;
use crate::cli::commands::{recording, state_dir};
use crate::cli::error::ExpectedError;
use crate::cli::output::{Printer, startup};
use crate::config::schema::ReloadMode;
use crate::gateway::{GatewayInit, Request, Running, Standby, StartError};
use crate::listeners::Listeners;
use crate::logging::{Log, subsystem};
use crate::platform::fs::Stamp;
use crate::platform::net::InterfaceChanges;
use crate::platform::service_manager::Connection;
use crate::platform::signals::{Signal, Signals};
use crate::platform::terminal::Presence;
use crate::profile::vars;
use crate::recording::Recording;
use crate::watch::{self, WatchEvent, WatchHandle, WatchSpec};

/// How long clients have to answer the goodbye.
pub(super) const GRACE: Duration = Duration::from_millis(1500);

/// Batches of edits that may wait; the watcher merges what does not fit.
const BATCHES: usize = 4;

/// What a start hands to the host.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) reader: Reader,
    pub(super) reading: Reading,
    /// A moment before `reading` was read.
    pub(super) read_at: Stamp,
    pub(super) sockets: Sockets,
    pub(super) listeners: Arc<Listeners>,
    pub(super) log: Log,
}

/// A gateway that serves, and everything that keeps it up to date.
#[derive(Debug)]
pub(super) struct Host<'a> {
    pub(super) printer: &'a Printer,
    log: Log,
    pub(super) manager: Connection,
    pub(super) sockets: Sockets,
    pub(super) listeners: Arc<Listeners>,
    pub(super) running: Running,
    pub(super) exposure: Exposure,
    pub(super) edits: Edits,
    /// Counts the gateways of this process from 1.
    pub(super) generation: u64,
    /// Gateways that say goodbye.
    pub(super) leaving: JoinSet<()>,
    signals: Signals,
    terminal: Presence,
    watch: WatchHandle,
    seen: mpsc::Receiver<WatchEvent>,
    pub(super) interfaces: Option<InterfaceChanges>,
    /// When the machine's addresses are looked at.
    pub(super) settled: Option<Instant>,
    /// When the configuration counts that a client asked for.
    asked: Option<Instant>,
    /// Where it records to, as far as the terminal was told.
    recording: Recording,
}

/// What happened.
enum Occasion {
    Signal(Signal),
    Seen(WatchEvent),
    EditDue,
    Asked(Request),
    AskedDue,
    Interfaces(io::Result<()>),
    AddressesDue,
    Exposure(News),
    Watchdog,
    Left,
}

impl<'a> Host<'a> {
    /// Starts the first gateway.
    pub(super) async fn start(
        start: Start,
        mut manager: Connection,
        printer: &'a Printer,
    ) -> Result<Self, ExpectedError> {
        let Start { reader, reading, read_at, sockets, listeners, log } = start;
        // From here on a signal means a drain, also while the gateway starts.
        let signals = Signals::listen()
            .map_err(|error| ExpectedError::Failed(format!("Error: failed to receive signals: {error}")))?;
        let init = init(&reader, &reading, &listeners, 1)?;
        let standby = Standby::prepare(init).await.map_err(fatal)?;
        let running = standby.activate().await.map_err(fatal)?;
        let report = running.report();
        let fingerprint = report.tls_fingerprint.as_deref();
        let (model, urls, log_file) = (&report.model, &report.urls, &report.log_file);
        if printer.is_for_scripts() {
            printer.json(&startup::ready(&report, reader.paths()));
        }
        let lines = startup::started(model, urls, fingerprint, report.pid, log_file, reader.paths());
        let wish = Wish::of(&reading.settings, sockets::port(&listeners, &reading.settings));
        let exposure = Exposure::begin(wish, reading.env.raw(vars::PATH), lines, printer);
        manager.ready();

        let (sender, seen) = mpsc::channel(BATCHES);
        let watch = watch::start(watch_spec(&reader, &reading, read_at), sender)
            .map_err(|error| ExpectedError::Failed(format!("Error: failed to {error}")))?;
        let recording = running.recording();
        let mut host = Self {
            printer,
            log,
            manager,
            sockets,
            listeners,
            running,
            exposure,
            edits: Edits::new(reader, reading),
            generation: 1,
            leaving: JoinSet::new(),
            signals,
            terminal: Presence::at_start(),
            watch,
            seen,
            interfaces: None,
            settled: None,
            asked: None,
            recording,
        };
        host.follow_interfaces();
        Ok(host)
    }

    /// Serves until a signal ends it.
    pub(super) async fn run(mut self) -> Result<ExitCode, ExpectedError> {
        loop {
            match self.next().await {
                Occasion::Signal(signal) => {
                    if self.signal(signal).await? {
                        break;
                    }
                }
                Occasion::Seen(WatchEvent::Batch(_)) => self.edits.note(Instant::now()),
                Occasion::Seen(WatchEvent::Degraded { message, .. }) => self.printer.error(&message),
                Occasion::Seen(WatchEvent::Armed { .. } | WatchEvent::Quarantined { .. })
                | Occasion::Left
                // Looked at below, whatever was asked.
                | Occasion::Asked(Request::Recording) => {}
                Occasion::EditDue => self.edited(None).await?,
                Occasion::Asked(Request::ApplyConfig { after }) => {
                    let due = Instant::now() + after;
                    self.asked = Some(self.asked.map_or(due, |asked| asked.min(due)));
                }
                Occasion::AskedDue => {
                    self.asked = None;
                    self.edited(Some(ReloadMode::Hybrid)).await?;
                }
                Occasion::Interfaces(Ok(())) => {
                    self.settled.get_or_insert_with(|| Instant::now() + SETTLED);
                }
                Occasion::Interfaces(Err(error)) => {
                    tracing::warn!(target: subsystem::GATEWAY, %error, "changes of the network interfaces are not noticed any more");
                    self.interfaces = None;
                }
                Occasion::AddressesDue => {
                    self.settled = None;
                    self.follow_addresses();
                }
                Occasion::Exposure(news) => self.exposure.tell(news, self.printer),
                Occasion::Watchdog => self.manager.alive(),
            }
            self.manager.reloaded();
            self.tell_recording();
        }
        self.stop().await
    }

    async fn next(&mut self) -> Occasion {
        let edit_due = self.edits.due();
        tokio::select! {
            signal = self.signals.next() => Occasion::Signal(signal),
            Some(event) = self.seen.recv() => Occasion::Seen(event),
            () = at(edit_due) => Occasion::EditDue,
            request = self.running.requested() => Occasion::Asked(request),
            () = at(self.asked) => Occasion::AskedDue,
            changed = interface_change(&mut self.interfaces) => Occasion::Interfaces(changed),
            () = at(self.settled) => Occasion::AddressesDue,
            news = self.exposure.news() => Occasion::Exposure(news),
            () = at(self.manager.next_sign_of_life()) => Occasion::Watchdog,
            Some(_) = self.leaving.join_next() => Occasion::Left,
        }
    }

    /// Says whether the signal ends the gateway.
    async fn signal(&mut self, signal: Signal) -> Result<bool, ExpectedError> {
        match signal {
            Signal::Interrupt | Signal::Terminate => return Ok(true),
            // A hang-up of a terminal that is gone is an end; any other is the convention for "read it again".
            Signal::Hangup if self.terminal.lost() => return Ok(true),
            Signal::Hangup => {
                // Whoever reloads a service waits for the answer, also when there is nothing to do.
                self.manager.reloading();
                self.edited(None).await?;
                if self.certificate_changed() {
                    self.restart_as_asked("signal: SIGHUP; TLS certificate").await?;
                }
            }
            Signal::User1 if self.edits.restart_allowed() => {
                self.restart_as_asked("signal: SIGUSR1").await?;
            }
            Signal::User1 => tracing::warn!(
                target: subsystem::GATEWAY,
                "SIGUSR1 restart ignored (not authorized; set commands.restart to true)"
            ),
        }
        Ok(false)
    }

    async fn stop(mut self) -> Result<ExitCode, ExpectedError> {
        self.manager.stopping();
        let Self { mut running, mut leaving, listeners, sockets, mut signals, exposure, printer, .. } = self;
        let drain = async move {
            running.quiesce().await;
            // Nobody accepts any more: whoever knocks now is better refused than left waiting, and whoever starts
            // next can have the port.
            drop((listeners, sockets));
            running.goodbye(None, GRACE).await;
            while leaving.join_next().await.is_some() {}
        };
        tokio::select! {
            _ = async { tokio::join!(exposure.end(printer), drain) } => Ok(ExitCode::SUCCESS),
            number = second(&mut signals) => Err(ExpectedError::Interrupted(number)),
        }
    }

    /// Tells the terminal where it records to, when that has changed.
    fn tell_recording(&mut self) {
        let recording = self.running.recording();
        if recording != self.recording {
            match recording::news(&recording, &self.edits.paths().home) {
                Ok(good) => self.printer.tick(&good),
                Err(bad) => self.printer.cross(&bad),
            }
            self.recording = recording;
        }
    }

    /// Another reading runs now.
    pub(super) fn accept(&mut self, reading: Reading) {
        self.log.apply(&reading.settings.log);
        self.edits.accept(reading);
    }

    /// The configuration files that count now.
    pub(super) fn follow_files(&self) {
        self.watch.update(self.edits.watch_update());
    }
}

/// Everything that a gateway of this process is made from.
pub(super) fn init(
    reader: &Reader,
    reading: &Reading,
    listeners: &Listeners,
    generation: u64,
) -> Result<GatewayInit, ExpectedError> {
    let sockets: io::Result<Vec<_>> =
        listeners.sockets().iter().map(std::net::TcpListener::try_clone).collect();
    Ok(GatewayInit {
        paths: reader.paths().clone(),
        env: reading.env.clone(),
        snapshot: reading.snapshot.clone(),
        settings: reading.settings.clone(),
        listeners: sockets.map_err(|error| {
            ExpectedError::Failed(format!("Error: failed to use a listening socket: {error}"))
        })?,
        generation,
    })
}

/// The first start failed, which ends the program.
fn fatal(error: StartError) -> ExpectedError {
    tracing::error!(target: subsystem::GATEWAY, fatal = true, "failed to start: {error}");
    not_started(error)
}

pub(super) fn not_started(error: StartError) -> ExpectedError {
    match error {
        StartError::Locked(holder) => already_running(&holder),
        StartError::State { path, source } => state_dir::unusable(path, &source),
        error => ExpectedError::Refused(format!("Error: {error}")),
    }
}

fn watch_spec(reader: &Reader, reading: &Reading, started: Stamp) -> WatchSpec {
    let paths = reader.paths();
    WatchSpec {
        config_files: reading.snapshot.files.clone(),
        dotenv: paths.dotenv.clone(),
        executable: None,
        workspace: None,
        extra: Vec::new(),
        ignore: Vec::new(),
        extensions: Vec::new(),
        quiet: None,
        state_dir: paths.state_dir.clone(),
        started,
        known: Vec::new(),
    }
}

async fn interface_change(changes: &mut Option<InterfaceChanges>) -> io::Result<()> {
    match changes {
        Some(changes) => changes.next().await,
        None => std::future::pending().await,
    }
}

/// Waits for a signal that cuts the drain short; its number.
async fn second(signals: &mut Signals) -> u8 {
    loop {
        match signals.next().await {
            Signal::Interrupt => return 2,
            Signal::Terminate => return 15,
            Signal::Hangup => return 1,
            Signal::User1 => {}
        }
    }
}
