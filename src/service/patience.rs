//! Waiting for a manager that announces the end of what it does to nobody.

use std::time::{Duration, Instant};

use super::ServiceError;

/// How long something is waited for, and how often it is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) limit: Duration,
    pub(super) step: Duration,
}

impl Patience {
    /// Asks until the answer is yes; whether it was in time.
    pub(super) fn until(
        self,
        mut is_done: impl FnMut() -> Result<bool, ServiceError>,
    ) -> Result<bool, ServiceError> {
        let deadline = Instant::now() + self.limit;
        while !is_done()? {
            if Instant::now() >= deadline {
                return Ok(false);
            }
            self.pause();
        }
        Ok(true)
    }

    #[expect(clippy::disallowed_methods, reason = "the managers asked here tell nobody when they are done")]
    fn pause(self) {
        std::thread::sleep(self.step);
    }
}
