//! The whole watcher on real directories: what is done to files, and which batches come of it.

mod limits;
mod places;
mod saves;
mod scene;
mod trees;
