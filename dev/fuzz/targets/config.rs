//! Runs `clawdbot::fuzzing::config`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clawdbot::fuzzing::config(data));
