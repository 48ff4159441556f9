//! Bytes with descriptors beside them, over a Unix stream socket.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

/// Most descriptors that the system passes in one message.
const MAX_PASSED: usize = 253;

/// Space that they take beside the message.
const SPACE: usize = rustix::cmsg_space!(ScmRights(MAX_PASSED));

/// Sends the start of `bytes`, with the descriptors beside its first byte. Returns how much was sent; the rest
/// goes the ordinary way.
pub(crate) fn send(socket: impl AsFd, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); SPACE];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !beside.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "too many descriptors for one message"));
    }
    Ok(sendmsg(socket, &[IoSlice::new(bytes)], &mut beside, SendFlags::empty())?)
}

/// Receives what is there, at most `buffer.len()` bytes; descriptors go to `descriptors`, closed on exec. Zero
/// means that the other side is gone.
pub(crate) fn receive(
    socket: impl AsFd,
    buffer: &mut [u8],
    descriptors: &mut Vec<OwnedFd>,
) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); SPACE];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(socket, &mut [IoSliceMut::new(buffer)], &mut beside, flags())?;
    for message in beside.drain() {
        if let RecvAncillaryMessage::ScmRights(passed) = message {
            descriptors.extend(passed);
        }
    }
    #[cfg(not(target_os = "linux"))]
    for descriptor in descriptors.iter() {
        rustix::io::fcntl_setfd(descriptor, rustix::io::FdFlags::CLOEXEC)?;
    }
    Ok(received.bytes)
}

#[cfg(target_os = "linux")]
const fn flags() -> RecvFlags {
    RecvFlags::CMSG_CLOEXEC
}

#[cfg(not(target_os = "linux"))]
const fn flags() -> RecvFlags {
    RecvFlags::empty()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn a_descriptor_arrives_with_the_bytes() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (mut reader, writer) = io::pipe().unwrap();
        assert_eq!(send(&ours, b"take this\n", &[writer.as_fd()]).unwrap(), 10);
        drop(writer);

        let (mut buffer, mut descriptors) = ([0; 64], Vec::new());
        assert_eq!(receive(&theirs, &mut buffer, &mut descriptors).unwrap(), 10);
        std::fs::File::from(descriptors.pop().unwrap()).write_all(b"through the pipe").unwrap();
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "through the pipe");

        drop(ours);
        assert_eq!(receive(&theirs, &mut buffer, &mut descriptors).unwrap(), 0);
    }
}
