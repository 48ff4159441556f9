//! What a service manager wants to be told: ready, reloading, stopping, and, with a watchdog, that the program still
//! runs (`sd_notify(3)`). Says nothing where nobody asked for it.

use std::time::Duration;

use tokio::time::Instant;

/// The way to the service manager that started this process, if one did.
#[derive(Debug)]
pub struct Connection {
    /// Half the time that the manager's watchdog allows.
    interval: Option<Duration>,
    next: Option<Instant>,
}

impl Connection {
    /// Looks whether a service manager listens.
    pub fn open() -> Self {
        // Half, as the manual recommends.
        Self { interval: manager::watchdog().map(|allowed| allowed / 2), next: None }
    }

    /// The program serves. The watchdog counts from here on.
    pub fn ready(&mut self) {
        manager::tell(&[manager::State::Ready]);
        self.next = self.interval.map(|interval| Instant::now() + interval);
    }

    /// The program takes another configuration over; [`Self::ready`] ends that.
    pub fn reloading(&self) {
        manager::reloading();
    }

    /// The program ends.
    pub fn stopping(&mut self) {
        self.next = None;
        manager::tell(&[manager::State::Stopping]);
    }

    /// When the next sign of life is due.
    pub fn next_sign_of_life(&self) -> Option<Instant> {
        self.next
    }

    /// Gives a sign of life. Has to come from where the work is done, or it would prove nothing.
    pub fn alive(&mut self) {
        manager::tell(&[manager::State::Watchdog]);
        self.next = self.interval.map(|interval| Instant::now() + interval);
    }
}

#[cfg(unix)]
mod manager {
    use std::time::Duration;

    pub(super) use sd_notify::NotifyState as State;

    pub(super) fn watchdog() -> Option<Duration> {
        sd_notify::watchdog_enabled()
    }

    pub(super) fn reloading() {
        match State::monotonic_usec_now() {
            Ok(now) => tell(&[State::Reloading, now]),
            Err(error) => tracing::warn!(%error, "failed to tell the service manager about a reload"),
        }
    }

    /// A manager that does not listen does not keep the program from its work.
    pub(super) fn tell(states: &[State<'_>]) {
        if let Err(error) = sd_notify::notify(states) {
            tracing::warn!(%error, "failed to tell the service manager");
        }
    }
}

#[cfg(not(unix))]
mod manager {
    use std::time::Duration;

    #[derive(Debug)]
    pub(super) enum State {
        Ready,
        Stopping,
        Watchdog,
    }

    pub(super) fn watchdog() -> Option<Duration> {
        None
    }

    pub(super) fn reloading() {}

    pub(super) fn tell(_states: &[State]) {}
}
