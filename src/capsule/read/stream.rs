//! The file → the bytes of the tar: one gzip member and nothing else, no more of it than is allowed.

use std::io::{self, BufRead, ErrorKind, Read};

use flate2::bufread::GzDecoder;

/// Zeros that may follow the end of a tar, which other programs fill up to a record.
const RECORD: u64 = 20 * 512;

/// Unpacked bytes. Ends with an error when there are more than allowed.
#[derive(Debug)]
pub(super) struct Stream<R: BufRead> {
    decoder: GzDecoder<R>,
    left: u64,
    is_too_long: bool,
}

impl<R: BufRead> Stream<R> {
    /// Reads from the start of the file.
    pub(super) fn new(file: R, limit: u64) -> Self {
        Self { decoder: GzDecoder::new(file), left: limit, is_too_long: false }
    }

    /// Whether it ended because there was too much.
    pub(super) fn is_too_long(&self) -> bool {
        self.is_too_long
    }

    /// What stands behind the last entry, when that is not what ends a capsule. Reads to the end, where the checksum is.
    pub(super) fn finish(&mut self) -> io::Result<Option<&'static str>> {
        let mut zeros = 0;
        let mut buffer = [0; 4096];
        loop {
            let count = self.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            zeros += count as u64;
            if buffer[..count].iter().any(|byte| *byte != 0) || zeros > RECORD {
                return Ok(Some("there is something behind the last entry"));
            }
        }
        let rest = self.decoder.get_mut().fill_buf()?;
        Ok((!rest.is_empty()).then_some("there is something behind its end"))
    }
}

impl<R: BufRead> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.decoder.read(buffer)?;
        let Some(left) = self.left.checked_sub(count as u64) else {
            self.is_too_long = true;
            return Err(io::Error::new(ErrorKind::FileTooLarge, "there is more than is allowed"));
        };
        self.left = left;
        Ok(count)
    }
}
