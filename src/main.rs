//! The `clawdbot` program: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    clawdbot::cli::main()
}
