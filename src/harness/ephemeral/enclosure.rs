//! The outside: starts the inside behind a keeper, passes signals on, and waits until nothing is left.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream as StdStream;
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::UnixStream;

use crate::harness::keeper::{Order, Report, Start};
use crate::harness::supervisor::child::Link;
use crate::platform::process::{ExitReport, Known, adopt_orphans, end_strays, spawn_in_background};
use crate::platform::signals::{Passed, Passing};
use crate::platform::{stdio, tree};

/// How long what a dead keeper has left behind may take to die.
const STRAY_LIMIT: Duration = Duration::from_secs(5);

/// How the inside ended.
#[derive(Debug, Default)]
pub struct Ended {
    /// Its exit; absent when it did not start.
    pub exit: Option<ExitReport>,
    /// Everything that went wrong, for people.
    pub failures: Vec<String>,
}

/// Runs `arguments` of this program inside, on this process's own standard streams. `remove` is gone afterwards,
/// also when this process is killed. Must run inside a runtime.
pub async fn enclose(
    image: PathBuf,
    arguments: Vec<String>,
    env: Vec<(String, String)>,
    remove: Option<PathBuf>,
) -> io::Result<Ended> {
    let mut signals = Passing::listen()?;
    // Where orphans cannot be adopted, a keeper still ends the process group.
    adopt_orphans()?;
    let (ours, theirs) = StdStream::pair()?;
    ours.set_nonblocking(true)?;
    let mut link = Link::new(UnixStream::from_std(ours)?);
    let mut keeper = spawn_in_background(&image, OsStr::new("clawdbot"), &["__dev-keeper"], theirs.into())?;
    let start = Start {
        program: image,
        arguments,
        env,
        directory: None,
        sockets: 0,
        remove: remove.clone(),
        stop: Passed::Terminate,
    };
    {
        let streams = stdio::own()?;
        let descriptors: Vec<BorrowedFd<'_>> = streams.iter().map(AsFd::as_fd).collect();
        link.order_with(&Order::Start(Box::new(start)), &descriptors).await?;
    }
    let mut ended = Ended::default();
    let mut empty = false;
    loop {
        tokio::select! {
            report = link.report() => match report {
                Some(Report::Started { .. } | Report::LeftBehind { .. }) => {}
                Some(Report::Exited(report)) => ended.exit = Some(report),
                Some(Report::Failed { message }) => {
                    ended.failures.push(message);
                    empty = true;
                }
                Some(Report::NotRemoved { message }) => ended.failures.push(format!("failed to remove {message}")),
                Some(Report::Empty) => empty = true,
                Some(Report::Left { pids }) => {
                    ended.failures.push(format!("failed to end processes {pids:?}: they survive SIGKILL"));
                }
                None => break,
            },
            signal = signals.next() => link.order(&Order::Signal { signal }),
        }
    }
    let _ = keeper.wait().await;
    if !empty {
        clean_up(&mut ended, remove).await;
    }
    Ok(ended)
}

/// Somebody has killed the keeper: what it kept has come to us.
async fn clean_up(ended: &mut Ended, remove: Option<PathBuf>) {
    ended.failures.push("the keeper was killed".to_owned());
    match end_strays(&Known::default(), STRAY_LIMIT).await {
        Ok(end) if !end.left.is_empty() => {
            ended.failures.push(format!("failed to end processes {:?}: they survive SIGKILL", end.left));
        }
        Ok(_) => {}
        Err(error) => ended.failures.push(format!("failed to end what it kept: {error}")),
    }
    if let Some(directory) = remove
        && let Err(error) = tree::remove(&directory)
    {
        ended.failures.push(format!("failed to remove {}: {error}", directory.display()));
    }
}
