//! Waiting for a moment of the wall clock, which may be set meanwhile.

use std::io;
use std::time::Duration;

/// Wakes whoever waits for a moment.
#[derive(Debug)]
pub struct Alarm {
    source: source::Source,
}

impl Alarm {
    /// An alarm that is not set. Must run inside a runtime.
    pub fn new() -> io::Result<Self> {
        source::Source::open().map(|source| Self { source })
    }

    /// Resolves when the wall clock is `from_now` ahead, or earlier when somebody sets it: whoever waits has to look at
    /// the time again. Never late, also when the machine slept. Cancel-safe.
    pub async fn rings(&mut self, from_now: Duration) -> io::Result<()> {
        self.source.rings(from_now).await
    }
}

/// A timer of the kernel, which also tells when the clock is set (`timerfd_create(2)`).
#[cfg(target_os = "linux")]
mod source {
    #![expect(
        unsafe_code,
        reason = "a descriptor is registered with the runtime, which nothing else can do for us"
    )]

    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::io::Errno;
    use rustix::time::{
        ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
        timerfd_create, timerfd_settime,
    };
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    const SECOND: i64 = 1_000_000_000;

    #[derive(Debug)]
    pub(super) struct Source {
        timer: AsyncFd<OwnedFd>,
    }

    impl Source {
        pub(super) fn open() -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Realtime, flags)?;
            // SAFETY: an `OwnedFd` names one open descriptor as long as it lives, and `AsyncFd` owns it from here on.
            let timer = unsafe { AsyncFd::register_with_interest(timer, Interest::READABLE)? };
            Ok(Self { timer })
        }

        pub(super) async fn rings(&mut self, from_now: Duration) -> io::Result<()> {
            let never = Timespec { tv_sec: 0, tv_nsec: 0 };
            let when = Itimerspec { it_interval: never, it_value: later(from_now) };
            let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
            match timerfd_settime(self.timer.get_ref(), flags, &when) {
                Ok(_) => {}
                // It is set, but so was the clock, since the last time.
                Err(Errno::CANCELED) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
            loop {
                let mut ready = self.timer.readable().await?;
                if let Ok(rung) = ready.try_io(|timer| expired(timer.get_ref())) {
                    return rung;
                }
            }
        }
    }

    /// A moment of the wall clock.
    fn later(from_now: Duration) -> Timespec {
        let now = clock_gettime(ClockId::Realtime);
        let nanos = now.tv_nsec + i64::from(from_now.subsec_nanos());
        let seconds = i64::try_from(from_now.as_secs()).unwrap_or(i64::MAX);
        let tv_sec = now.tv_sec.saturating_add(seconds).saturating_add(nanos / SECOND);
        Timespec { tv_sec, tv_nsec: nanos % SECOND }
    }

    /// Takes the ring, so that the next one is heard.
    fn expired(timer: &OwnedFd) -> io::Result<()> {
        let mut count = [0_u8; 8];
        match rustix::io::read(timer, &mut count) {
            Ok(_) | Err(Errno::CANCELED) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Looks from time to time where nothing here knows how to be told.
#[cfg(not(target_os = "linux"))]
mod source {
    use std::io;
    use std::time::Duration;

    const PERIOD: Duration = Duration::from_secs(30);

    #[derive(Debug)]
    pub(super) struct Source;

    impl Source {
        #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
        pub(super) fn open() -> io::Result<Self> {
            Ok(Self)
        }

        pub(super) async fn rings(&mut self, from_now: Duration) -> io::Result<()> {
            tokio::time::sleep(from_now.min(PERIOD)).await;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn it_rings_in_time_again_and_again() {
        let mut alarm = Alarm::new().unwrap();
        for long in [Duration::from_hours(1_000_000), Duration::from_millis(u64::MAX)] {
            assert!(tokio::time::timeout(Duration::from_millis(5), alarm.rings(long)).await.is_err());
        }
        for milliseconds in [0, 1, 20] {
            let (begin, wait) = (Instant::now(), Duration::from_millis(milliseconds));
            tokio::time::timeout(Duration::from_secs(30), alarm.rings(wait)).await.unwrap().unwrap();
            // A clock that is adjusted meanwhile runs a little faster.
            assert!(begin.elapsed() + Duration::from_millis(1) >= wait, "{:?}", begin.elapsed());
        }
    }
}
