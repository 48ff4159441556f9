//! Peers that are gone without a word: a laptop that sleeps, a cable that is out. The system notices, and the
//! connection fails like any other.

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

/// Silence after which the system asks whether the peer is still there.
const SILENCE: Duration = Duration::from_mins(1);
/// Pause between two of its questions.
const PAUSE: Duration = Duration::from_secs(15);
/// Questions without an answer after which the peer is gone.
const QUESTIONS: u32 = 4;

/// Has the system end a connection whose peer has not been heard of for two minutes.
///
/// On Linux that covers what was sent and is not acknowledged too. It holds for a peer that keeps its window shut as
/// well: who has read nothing for so long, with all buffers full, does not come back. Elsewhere the system's own
/// patience with unacknowledged bytes counts, which is longer.
pub fn notice_absence(socket: &SockRef<'_>) -> io::Result<()> {
    let keepalive = TcpKeepalive::new().with_time(SILENCE).with_interval(PAUSE).with_retries(QUESTIONS);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(SILENCE + PAUSE * QUESTIONS))?;
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{Ipv4Addr, TcpListener, TcpStream};

    use super::*;

    #[test]
    fn two_minutes_of_silence_are_enough() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let socket = SockRef::from(&stream);
        assert!(!socket.keepalive().unwrap());
        notice_absence(&socket).unwrap();
        assert!(socket.keepalive().unwrap());
        let asked = socket.tcp_keepalive_time().unwrap()
            + socket.tcp_keepalive_interval().unwrap() * socket.tcp_keepalive_retries().unwrap();
        assert_eq!(asked, Duration::from_mins(2));
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(Duration::from_mins(2)));
    }
}
