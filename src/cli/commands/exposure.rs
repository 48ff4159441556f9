//! Exposure by Tailscale while a gateway runs: switched on beside the start, changed with the configuration,
//! switched off at the end.
//!
//! What Tailscale does takes its time and may fail; the gateway serves loopback meanwhile, and goes on doing so.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::cli::output::Printer;
use crate::cli::output::exposure::{self, Outcome};
use crate::logging::subsystem;
use crate::platform::exec::Cancel;
use crate::platform::tailscale::{Public, Tailscale, TailscaleError, Target};
use crate::settings::{GatewaySettings, TailscaleMode};

/// How long the lines of a start wait for Tailscale, to be told in their order.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a configuration asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    public: Option<Public>,
    target: Target,
    reset_on_exit: bool,
}

/// What Tailscale has been asked to do, and did.
#[derive(Debug)]
pub(crate) struct Exposure {
    wish: Wish,
    /// The variable `PATH`.
    path: Option<String>,
    job: Option<Job>,
    /// What leads here, as far as it is known.
    on: Option<Public>,
    /// Lines of the start that have not been printed.
    lines: Vec<String>,
    /// When they are printed, whatever Tailscale does.
    lines_due: Instant,
}

/// Tailscale is at it.
#[derive(Debug)]
struct Job {
    task: JoinHandle<Report>,
    cancel: Cancel,
}

/// What came of a job.
#[derive(Debug, Default)]
struct Report {
    on: Option<Public>,
    /// What was enabled before and still is, and why.
    kept: Option<(Public, Option<TailscaleError>)>,
    outcome: Option<Outcome>,
}

/// Something to tell.
#[derive(Debug)]
pub(crate) struct News(Option<Report>);

// === impl Wish ===

impl Wish {
    /// What `settings` ask for, of a gateway that listens on `port`.
    pub(crate) fn of(settings: &GatewaySettings, port: u16) -> Self {
        Self {
            public: match settings.tailscale.mode {
                TailscaleMode::Off => None,
                TailscaleMode::Serve => Some(Public::Tailnet),
                TailscaleMode::Funnel => Some(Public::Internet),
            },
            target: if settings.tls.is_some() { Target::Tls(port) } else { Target::Plain(port) },
            reset_on_exit: settings.tailscale.reset_on_exit,
        }
    }
}

// === impl Exposure ===

impl Exposure {
    /// Begins to expose what is asked for, and prints the lines of a start: those about Tailscale come first unless
    /// they let the others wait too long. Must be called in a runtime. `path` is the variable `PATH`.
    pub(crate) fn begin(wish: Wish, path: Option<&str>, lines: Vec<String>, printer: &Printer) -> Self {
        let nothing = Wish { public: None, ..wish };
        let mut exposure = Self {
            wish: nothing,
            path: path.map(str::to_owned),
            job: None,
            on: None,
            lines,
            lines_due: Instant::now() + PATIENCE,
        };
        exposure.follow(wish);
        if exposure.job.is_none() {
            exposure.print_lines(printer);
        }
        exposure
    }

    /// Takes over what another configuration asks for. What is asked for already is left alone.
    pub(crate) fn follow(&mut self, wish: Wish) {
        let before = std::mem::replace(&mut self.wish, wish);
        if wish.public == before.public && (wish.public.is_none() || wish.target == before.target) {
            return;
        }
        let (last, on, path) = (self.job.take(), self.on, self.path.clone());
        let cancel = Cancel::default();
        let cut = cancel.clone();
        let task = tokio::spawn(async move {
            let mut on = on;
            if let Some(last) = last {
                last.cancel.cancel();
                // A job that panicked has done nothing that is known.
                on = last.task.await.unwrap_or_default().on;
            }
            let change = Change { on, reset: before.reset_on_exit, wish };
            let work = tokio::task::spawn_blocking(move || change.make(path.as_deref(), &cut));
            work.await.unwrap_or_default()
        });
        self.job = Some(Job { task, cancel });
    }

    /// The next thing to tell. May be dropped and called again.
    pub(crate) async fn news(&mut self) -> News {
        let is_late = async {
            if self.lines.is_empty() {
                std::future::pending::<()>().await;
            } else {
                tokio::time::sleep_until(self.lines_due).await;
            }
        };
        let Some(job) = &mut self.job else { return std::future::pending().await };
        tokio::select! {
            report = &mut job.task => {
                self.job = None;
                News(Some(report.unwrap_or_default()))
            }
            () = is_late => News(None),
        }
    }

    /// Tells it.
    pub(crate) fn tell(&mut self, news: News, printer: &Printer) {
        if let Some(report) = news.0 {
            self.on = report.on;
            say(&report, printer);
        }
        self.print_lines(printer);
    }

    /// Undoes it, if that was asked for and there is something to undo. What Tailscale is just about to do is cut
    /// off, and undone as well, because it may have been done.
    pub(crate) async fn end(mut self, printer: &Printer) {
        if !self.wish.reset_on_exit {
            return;
        }
        self.follow(Wish { public: None, ..self.wish });
        if let Some(job) = &mut self.job
            && let Ok(report) = (&mut job.task).await
        {
            say(&report, printer);
        }
    }

    fn print_lines(&mut self, printer: &Printer) {
        for line in std::mem::take(&mut self.lines) {
            printer.tick(&line);
        }
    }
}

impl Drop for Exposure {
    fn drop(&mut self) {
        if let Some(job) = &self.job {
            job.cancel.cancel();
        }
    }
}

/// From what is enabled to what is asked for.
struct Change {
    on: Option<Public>,
    /// Whether what is enabled is disabled first.
    reset: bool,
    wish: Wish,
}

impl Change {
    /// Blocks.
    fn make(self, path: Option<&str>, cancel: &Cancel) -> Report {
        let mut report = Report { on: self.on, ..Report::default() };
        if let Some(was) = self.on.filter(|was| self.wish.public != Some(*was)) {
            if self.reset {
                match Tailscale::find(path, cancel).and_then(|tailscale| tailscale.reset(was)) {
                    Ok(()) => report.on = None,
                    Err(error) => report.kept = Some((was, Some(error))),
                }
            } else if self.wish.public.is_none() {
                report.kept = Some((was, None));
            }
        }
        if let Some(public) = self.wish.public {
            let outcome = enable(public, self.wish.target, path, cancel);
            // What was cut off may have been done.
            if matches!(outcome.error, None | Some(TailscaleError::CutOff { .. })) {
                report.on = Some(public);
            }
            report.outcome = Some(outcome);
        }
        report
    }
}

fn enable(public: Public, target: Target, path: Option<&str>, cancel: &Cancel) -> Outcome {
    let mut outcome = Outcome { public, status: None, error: None };
    let exposed = Tailscale::find(path, cancel).and_then(|tailscale| {
        outcome.status = Some(tailscale.status()?);
        tailscale.expose(public, target)
    });
    outcome.error = exposed.err();
    outcome
}

fn say(report: &Report, printer: &Printer) {
    if let Some((public, error)) = &report.kept {
        let verb = public.verb();
        tracing::info!(target: subsystem::TAILSCALE, error = error.as_ref().map(tracing::field::display), "tailscale {verb} stays enabled");
        printer.error(&exposure::kept(*public, error.as_ref()));
    }
    let Some(outcome) = &report.outcome else { return };
    let verb = outcome.public.verb();
    match &outcome.error {
        None => tracing::info!(target: subsystem::TAILSCALE, "tailscale {verb} enabled"),
        Some(error) => tracing::info!(target: subsystem::TAILSCALE, %error, "tailscale {verb} failed"),
    }
    for line in exposure::lines(outcome) {
        printer.tick(&line);
    }
    if let Some(problem) = exposure::problem(outcome) {
        printer.error(&problem);
    }
}
