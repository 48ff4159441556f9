//! A runner whose commands all end before a moment.

use std::time::Instant;

use super::{CommandLine, CommandOutput, CommandRunner, ExecError};

/// Gives every command less time than it wants, when the moment is near.
#[derive(Debug)]
pub struct Until<R> {
    runner: R,
    moment: Instant,
}

impl<R: CommandRunner> Until<R> {
    /// Runs with `runner`.
    pub fn new(runner: R, moment: Instant) -> Self {
        Self { runner, moment }
    }
}

impl<R: CommandRunner> CommandRunner for Until<R> {
    fn run(&self, command: &CommandLine) -> Result<CommandOutput, ExecError> {
        let left = self.moment.saturating_duration_since(Instant::now());
        self.runner.run(&command.clone().timeout(command.timeout.min(left)))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::platform::exec::SystemRunner;

    #[test]
    fn what_would_take_longer_is_ended() {
        let begin = Instant::now();
        let runner = Until::new(SystemRunner, begin + Duration::from_millis(50));
        let sleep = CommandLine::new("sleep").args(["60"]);
        for _ in 0..2 {
            assert!(matches!(runner.run(&sleep), Err(ExecError::TimedOut { .. })));
        }
        assert!(begin.elapsed() < Duration::from_secs(20));
    }
}
