//! Runs `clawdbot::fuzzing::capsule`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clawdbot::fuzzing::capsule(data));
