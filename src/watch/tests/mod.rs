//! The whole watcher on real directories: what is done to files, and which batches come of it.

#[cfg(target_os = "linux")]
mod limits;
mod places;
mod saves;
mod scene;
mod trees;
