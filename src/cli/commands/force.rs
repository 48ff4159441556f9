//! `--force`: frees the port of a start that nothing else stands against. Decides nothing about whom to end; that is
//! `platform::ports`.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use super::instance;
use crate::cli::error::ExpectedError;
use crate::cli::output::{Printer, force};
use crate::platform::lock;
use crate::platform::ports::{Survey, native};

/// How long a gateway that was ended may keep its state after its port is free: it writes that to the disk.
const RELEASE: Duration = Duration::from_secs(2);

/// Frees the port of `addresses`, which is one and the same, with one line for everything that it does. To be called
/// last, when every other reason to refuse the start has been looked for.
///
/// `lock` is one that the start will need. If somebody holds it who will not be ended, ending others would be for
/// nothing: then `busy` makes the refusal from what the holder wrote, and nobody is ended.
pub(crate) fn free_port(
    addresses: &[SocketAddr],
    lock: Option<&Path>,
    busy: impl FnOnce(&str) -> ExpectedError,
    printer: &Printer,
) -> Result<(), ExpectedError> {
    // Port 0 is one that nobody holds.
    let Some(port) = addresses.first().map(SocketAddr::port).filter(|port| *port != 0) else { return Ok(()) };
    let refused = |text: String| ExpectedError::Refused(text);
    let survey = Survey::take(addresses, native()).map_err(|error| refused(force::refused(port, &error)))?;
    let lock = lock.filter(|lock| lock.exists());
    let holder = lock.and_then(|path| lock::holder(path).ok().flatten());
    if let Some(holder) = &holder
        && !instance::pid(holder).is_some_and(|pid| survey.ends(pid))
    {
        return Err(busy(holder));
    }
    if survey.is_free() {
        printer.tick(&force::nobody(port));
        return Ok(());
    }
    let freed = survey.free();
    for line in force::freed(port, &freed) {
        printer.tick(&line);
    }
    if !freed.is_free {
        return Err(refused(force::left(port, &freed.left)));
    }
    if let (Some(lock), Some(_)) = (lock, holder)
        && let Err(error) = lock::wait_until_free(lock, RELEASE.saturating_sub(freed.waited))
    {
        // Whoever takes it next has the same problem, and tells it.
        tracing::debug!(%error, "failed to look at a lock");
    }
    Ok(())
}
