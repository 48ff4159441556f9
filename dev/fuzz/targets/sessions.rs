//! Runs `clawdbot::fuzzing::sessions`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clawdbot::fuzzing::sessions(data));
