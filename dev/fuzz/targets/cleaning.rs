//! Runs `clawdbot::fuzzing::cleaning`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clawdbot::fuzzing::cleaning(data));
