//! A line that is typed without being shown.

use std::io;

/// Reads a line from standard input while its terminal shows nothing, which is so before `ask` asks for it. `None`
/// when the input ends, or on Ctrl-C, which is an answer here: as a signal it would leave a terminal that shows nothing
/// behind.
pub fn hidden_line(ask: impl FnOnce()) -> io::Result<Option<String>> {
    let _hiding = Hiding::start()?;
    ask();
    let mut line = Vec::new();
    let mut input = io::stdin().lock();
    loop {
        let mut byte = [0];
        match io::Read::read(&mut input, &mut byte) {
            Ok(0) if line.is_empty() => return Ok(None),
            Ok(0) => break,
            Ok(_) if byte[0] == INTERRUPT => return Ok(None),
            Ok(_) if byte[0] == b'\n' => break,
            Ok(_) => line.push(byte[0]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let line = String::from_utf8(line).map_err(|_| io::Error::other("it is not valid UTF-8"))?;
    Ok(Some(line.trim_end_matches('\r').to_owned()))
}

/// What Ctrl-C types.
const INTERRUPT: u8 = 0x03;

/// The terminal shows again when this is dropped.
#[cfg(unix)]
struct Hiding(rustix::termios::Termios);

#[cfg(unix)]
impl Hiding {
    fn start() -> io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

        let before = tcgetattr(io::stdin())?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        // Otherwise it would only be read at the end of the line.
        modes.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT;
        // What was typed ahead was shown already.
        tcsetattr(io::stdin(), OptionalActions::Flush, &modes)?;
        Ok(Self(before))
    }
}

#[cfg(unix)]
impl Drop for Hiding {
    fn drop(&mut self) {
        // There is nobody to tell when the terminal has gone.
        let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, &self.0);
    }
}

/// Nothing here knows how to hide what is typed on this system.
#[cfg(not(unix))]
struct Hiding;

#[cfg(not(unix))]
impl Hiding {
    fn start() -> io::Result<Self> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "what is typed cannot be hidden on this system"))
    }
}
