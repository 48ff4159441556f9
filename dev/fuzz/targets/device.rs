//! Runs `clawdbot::fuzzing::device`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clawdbot::fuzzing::device(data));
