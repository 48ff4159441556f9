//! Runs `clawdbot::fuzzing::transcript`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clawdbot::fuzzing::transcript(data));
