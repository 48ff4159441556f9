//! The life of a keeper: wait for the order, start the child, watch over it, clean up.

use std::io;
use std::process::ExitCode;

use super::cleanup::kill_everything;
use super::lifeline::Lifeline;
use super::message::{Order, Report, Start};
use crate::platform::process::{
    Children, Exec, ExecError, Happened, Target, adopt_orphans, collect_others, descendants, ignore_signals,
    leave_directory, set_name, signal,
};
use crate::platform::signals::Passed;
use crate::platform::tree;

/// Name of each inherited socket, by systemd's convention.
const SOCKET_NAME: &str = "gateway";

/// Runs a keeper on standard input until its generation is gone.
pub fn run() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve() -> io::Result<()> {
    let mut lifeline = Lifeline::from_stdin()?;
    ignore_signals()?;
    set_name(c"clawdbot-keeper");
    adopt_orphans()?;
    let children = Children::listen()?;

    // Anything else than a start means that there will be none: the supervisor is gone, or has changed its
    // mind.
    let Some(Order::Start(start)) = lifeline.first() else { return Ok(()) };
    match start_child(&mut lifeline, &start) {
        Err(error) => lifeline.tell(&Report::Failed { message: error.to_string() }),
        Ok(pid) => {
            lifeline.tell(&Report::Started { pid });
            // A directory that somebody wants to remove or unmount must not be busy because of a keeper.
            leave_directory();
            if watch(&mut lifeline, &children, pid, start.stop) == Ending::OfItself {
                let count = descendants().into_iter().filter(|other| *other != pid).count();
                if count > 0 {
                    lifeline.tell(&Report::LeftBehind { count });
                }
            }
            let left = kill_everything(&children, pid, |report| lifeline.tell(&Report::Exited(report)));
            remove(&mut lifeline, &start);
            lifeline.tell(&if left.is_empty() { Report::Empty } else { Report::Left { pids: left } });
            return Ok(());
        }
    }
    remove(&mut lifeline, &start);
    Ok(())
}

/// Removes the directory of the child, which may never have made it.
fn remove(lifeline: &mut Lifeline, start: &Start) {
    if let Some(directory) = &start.remove
        && let Err(error) = tree::remove(directory)
    {
        lifeline.tell(&Report::NotRemoved { message: format!("{}: {error}", directory.display()) });
    }
}

fn start_child(lifeline: &mut Lifeline, start: &Start) -> Result<u32, ExecError> {
    let mut passed = std::mem::take(&mut lifeline.passed).into_iter();
    let (Some(input), Some(output), Some(error)) = (passed.next(), passed.next(), passed.next()) else {
        return Err(ExecError::Process(io::Error::other("the order came without its descriptors")));
    };
    let sockets: Vec<_> = passed.collect();
    if sockets.len() != start.sockets {
        return Err(ExecError::Process(io::Error::other("the order came without its sockets")));
    }
    Exec {
        program: &start.program,
        arguments: &start.arguments,
        env: &start.env,
        directory: start.directory.as_deref(),
        stdio: [input, output, error],
        sockets,
        socket_name: SOCKET_NAME,
    }
    .start()
}

/// Why a keeper stops watching.
#[derive(Debug, PartialEq, Eq)]
enum Ending {
    /// Nobody has asked for it.
    OfItself,
    /// Somebody has, or will not any more.
    Wanted,
}

/// Returns when the child has ended or must end. Collects orphans that end meanwhile.
fn watch(lifeline: &mut Lifeline, children: &Children, main: u32, stop: Passed) -> Ending {
    let mut ending = Ending::OfItself;
    loop {
        match children.wait(Some(lifeline.as_fd()), None) {
            Ok(Happened::Readable) => {
                if !lifeline.read() {
                    return Ending::Wanted;
                }
                while let Some(order) = lifeline.pop() {
                    match order {
                        Order::Terminate => {
                            ending = Ending::Wanted;
                            signal(Target::Group(main), stop.raw());
                        }
                        Order::Signal { signal: passed } => signal(Target::Process(main), passed.raw()),
                        Order::Kill | Order::Start(_) => return Ending::Wanted,
                    }
                }
            }
            Ok(Happened::Child | Happened::Deadline) => {
                if collect_others(main) {
                    return ending;
                }
            }
            Err(_) => return Ending::Wanted,
        }
    }
}
