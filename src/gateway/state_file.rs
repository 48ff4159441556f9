//! Small JSON files of the state: read whole, replaced whole, never overwritten when they cannot be read. All of it
//! blocks.

use std::io;
use std::path::Path;

use serde_json::Value;

use crate::platform::{atomic, regular};
use crate::protocol::json;

/// The largest file that is read, in bytes.
const SIZE_LIMIT: u64 = 256 << 20;

/// The object that a file holds; `null` when there is no file.
pub(crate) fn read(path: &Path) -> Result<Value, String> {
    match regular::read(path, SIZE_LIMIT) {
        Ok(bytes) => match json::from_slice(&bytes) {
            Ok(value @ Value::Object(_)) => Ok(value),
            Ok(_) => Err("not a JSON object".to_owned()),
            Err(error) => Err(error.to_string()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Value::Null),
        Err(error) => Err(error.to_string()),
    }
}

/// The same; a file that cannot be used is moved aside, and counts as missing. Only for whoever holds the state.
pub(crate) fn take(path: &Path, now_ms: u64) -> Value {
    read(path).unwrap_or_else(|problem| {
        set_aside(path, &problem, now_ms);
        Value::Null
    })
}

/// Moves a file that cannot be used aside, so that it is not overwritten.
pub(crate) fn set_aside(path: &Path, problem: &str, now_ms: u64) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = path.with_file_name(format!("{name}.corrupt-{now_ms}"));
    match std::fs::rename(path, &aside) {
        Ok(()) => {
            tracing::warn!(path = %path.display(), moved_to = %aside.display(), problem, "file cannot be used");
        }
        Err(error) => {
            tracing::error!(path = %path.display(), problem, %error, "file cannot be used, nor moved aside");
        }
    }
}

/// Replaces a file; makes its directory when that is missing.
pub(crate) fn write(path: &Path, content: &Value) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        atomic::private_directory(directory)?;
    }
    atomic::replace(path, format!("{content:#}\n").as_bytes())
}
