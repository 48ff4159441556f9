//! No single keys on this system; signals still work.

use std::convert::Infallible;
use std::io;

/// Single keys typed on the terminal. Cannot exist here.
#[derive(Debug)]
pub struct Keys {
    never: Infallible,
}

impl Keys {
    /// Always `None` on this system.
    pub fn open() -> io::Result<Option<Self>> {
        Ok(None)
    }

    /// The next key.
    #[expect(clippy::unused_async, reason = "the same interface as on Unix")]
    pub async fn next(&mut self) -> char {
        match self.never {}
    }
}
