//! Benchmark of the development harness.

fn main() {}
