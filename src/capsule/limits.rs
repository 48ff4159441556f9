//! How much of a capsule is read. Whoever made it may have meant harm: a few kilobytes unpack to as much as they like.

const MIB: u64 = 1024 * 1024;

/// Bounds of what is unpacked. They hold while it is unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most entries.
    pub entries: usize,
    /// Most bytes of one entry.
    pub entry: u64,
    /// Most bytes of all entries.
    pub total: u64,
    /// Most bytes of the manifest, which is kept in memory.
    pub manifest: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 200_000, entry: 2048 * MIB, total: 2048 * MIB, manifest: 64 * MIB }
    }
}

impl Limits {
    /// Most bytes of the tar, its headers and paddings included. The names of an entry take up to ten blocks more.
    pub(super) fn stream(&self) -> u64 {
        let blocks = (self.entries as u64).saturating_mul(12 * 512);
        self.total.saturating_add(blocks).saturating_add(MIB)
    }
}
