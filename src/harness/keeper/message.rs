//! What supervisor and keeper tell each other. Both come from the same executable image, so there is no
//! version.

use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::platform::process::ExitReport;
use crate::platform::signals::Passed;

/// Supervisor → keeper.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "camelCase")]
pub(crate) enum Order {
    /// Start the child. The first order, and the only one that carries descriptors: standard input, output,
    /// error, then the sockets.
    Start(Box<Start>),
    /// Ask the child and its group to end.
    Terminate,
    /// Pass a signal on to the child alone.
    Signal {
        /// The signal.
        signal: Passed,
    },
    /// Kill everything now.
    Kill,
}

/// The child to start.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Start {
    /// The executable.
    pub(crate) program: PathBuf,
    /// Its arguments, the program's own name included.
    pub(crate) arguments: Vec<String>,
    /// Its whole environment.
    pub(crate) env: Vec<(String, String)>,
    /// Its working directory; the keeper's when absent.
    pub(crate) directory: Option<PathBuf>,
    /// Number of sockets among the descriptors.
    pub(crate) sockets: usize,
    /// A directory that belongs to the child, to be removed when nothing is left of the child.
    #[serde(default)]
    pub(crate) remove: Option<PathBuf>,
    /// The signal that asks it to end.
    pub(crate) stop: Passed,
}

/// Keeper → supervisor.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "camelCase")]
pub(crate) enum Report {
    /// The child runs.
    Started {
        /// Its process id, which is also that of its group and session.
        pid: u32,
    },
    /// The child could not be started. The last report.
    Failed {
        /// Why, completing "failed to …" or being a whole sentence part already.
        message: String,
    },
    /// The child has ended without an order, and these many of its generation live on, for now.
    LeftBehind {
        /// How many.
        count: usize,
    },
    /// The child has ended; the rest of its generation is being killed.
    Exited(ExitReport),
    /// The directory of the child could not be removed.
    NotRemoved {
        /// The directory, and why.
        message: String,
    },
    /// Nothing of the generation is left. The last report.
    Empty,
    /// These processes survive SIGKILL, for now. The last report.
    Left {
        /// Process ids.
        pids: Vec<u32>,
    },
}

/// A message as the line that goes over the socket.
pub(crate) fn encode(message: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

/// A line, without its end, as a message.
pub(crate) fn decode<M: DeserializeOwned>(line: &[u8]) -> serde_json::Result<M> {
    serde_json::from_slice(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_survives_the_wire() {
        let report = Report::Exited(ExitReport { code: None, signal: Some(9), core: false });
        let line = encode(&report).unwrap();
        assert_eq!(line, b"{\"report\":\"exited\",\"code\":null,\"signal\":9,\"core\":false}\n");
        assert_eq!(decode::<Report>(line.trim_ascii_end()).unwrap(), report);
    }
}
