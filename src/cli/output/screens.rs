//! Whole screens, compared with files in `fixtures/screens`. With `CLAWDBOT_TEST_WRITE_SCREENS` set, a test writes its
//! file instead; what has changed is then to be read in the difference.

use std::fs;
use std::path::Path;

use crate::platform::env;

/// Panics when `screen` is not what the file holds.
#[track_caller]
pub(super) fn check(file: &str, screen: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/screens").join(file);
    if env::read().contains_key("CLAWDBOT_TEST_WRITE_SCREENS") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("{screen}\n")).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(format!("{screen}\n"), expected, "{file}");
}
