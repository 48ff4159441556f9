//! Runs `clawdbot::fuzzing::connect`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clawdbot::fuzzing::connect(data));
