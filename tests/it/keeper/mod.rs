//! Generations as processes: nothing is left behind, nothing leaks in.

mod channel;
mod orphans;
mod slate;
