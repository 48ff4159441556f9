//! Signals and keys → requests to the driver.

use tokio::sync::mpsc;

use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::harness::supervisor::driver::Request;
use crate::harness::supervisor::notice::Trigger;
use crate::platform::signals::{Signal, Signals};
use crate::platform::terminal::{Keys, Presence};
use crate::watch::WatchEvent;

/// Shown once, below the start-up lines, on a terminal.
pub(super) const HINT: &str = "  press ? for help";

const HELP: &str = "  r reload   v record   c clear   q quit   ? help";

/// Exit codes when a stop was cut short, by convention 128 + the signal's number.
const CUT_BY_INTERRUPT: u8 = 130;
const CUT_BY_TERMINATE: u8 = 143;

/// Where requests come from.
#[derive(Debug)]
pub(super) struct Sources {
    signals: Signals,
    keys: Option<Keys>,
    terminal: Presence,
}

impl Sources {
    /// Starts to receive signals, and keys when there is a terminal, whose state is restored on drop.
    pub(super) fn open() -> Result<Self, ExpectedError> {
        let failed = |what: &str, error: std::io::Error| {
            ExpectedError::Failed(format!("failed to receive {what}: {error}"))
        };
        let signals = Signals::listen().map_err(|error| failed("signals", error))?;
        let keys = Keys::open().map_err(|error| failed("keys", error))?;
        Ok(Self { signals, keys, terminal: Presence::at_start() })
    }
}

/// Edits that nobody is told of; whoever notices them never waits. Ends with the one who does.
pub(super) fn unseen(mut seen: mpsc::Receiver<WatchEvent>) -> mpsc::Receiver<WatchEvent> {
    let (teller, none) = mpsc::channel(1);
    tokio::spawn(async move {
        while seen.recv().await.is_some() {}
        drop(teller);
    });
    none
}

/// Hands requests on until nobody takes them.
pub(super) async fn follow(mut sources: Sources, requests: mpsc::Sender<Request>, printer: &Printer) {
    loop {
        let request = tokio::select! {
            signal = sources.signals.next() => Some(for_signal(signal, sources.terminal)),
            key = next_key(&mut sources.keys) => match key {
                'r' => Some(Request::Reload(Trigger::Key('r'))),
                'v' => Some(Request::Record),
                'q' => Some(Request::Stop { cut_code: CUT_BY_INTERRUPT }),
                'c' => { printer.clear(); None }
                '?' | 'h' => { printer.text(HELP); None }
                _ => None,
            },
        };
        if let Some(request) = request
            && requests.send(request).await.is_err()
        {
            return;
        }
    }
}

fn for_signal(signal: Signal, terminal: Presence) -> Request {
    match signal {
        Signal::Interrupt => Request::Stop { cut_code: CUT_BY_INTERRUPT },
        Signal::Terminate => Request::Stop { cut_code: CUT_BY_TERMINATE },
        // A hang-up of a terminal that is gone is an end; any other is the convention for "read it again".
        Signal::Hangup if terminal.lost() => Request::Stop { cut_code: 129 },
        Signal::Hangup => Request::Reload(Trigger::Signal("SIGHUP")),
        Signal::User1 => Request::Restart(Trigger::Signal("SIGUSR1")),
    }
}

async fn next_key(keys: &mut Option<Keys>) -> char {
    match keys {
        Some(keys) => keys.next().await,
        None => std::future::pending().await,
    }
}
