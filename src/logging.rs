//! The log file: JSON lines in the published schema, rotated by size.
