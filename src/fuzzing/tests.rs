use std::fs;
use std::path::Path;

/// Runs every input of `fixtures/fuzz/NAME`: seeds, and what a fuzzer has found once.
#[track_caller]
fn replay(name: &str, target: fn(&[u8])) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fuzz").join(name);
    let mut inputs: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "no inputs in {}", directory.display());
    for input in inputs {
        let data = fs::read(&input).unwrap();
        let result = std::panic::catch_unwind(|| target(&data));
        assert!(result.is_ok(), "{} does not hold; the reason stands above", input.display());
    }
}

#[test]
fn capsule() {
    replay("capsule", super::capsule);
}

#[test]
fn cleaning() {
    replay("cleaning", super::cleaning);
}

#[test]
fn frames() {
    replay("frames", super::frames);
}

#[test]
fn connect() {
    replay("connect", super::connect);
}

#[test]
fn device() {
    replay("device", super::device);
}

#[test]
fn config() {
    replay("config", super::config);
}

#[test]
fn sessions() {
    replay("sessions", super::sessions);
}

#[test]
fn transcript() {
    replay("transcript", super::transcript);
}
