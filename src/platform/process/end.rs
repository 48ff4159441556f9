//! The end of this process, at once.

/// Ends this process at once, without dropping anything: with an exit code, or by SIGABRT.
#[expect(clippy::disallowed_methods, clippy::exit, reason = "tests inject faults with it")]
pub fn end(code: Option<i32>) -> ! {
    match code {
        Some(code) => std::process::exit(code),
        None => std::process::abort(),
    }
}
