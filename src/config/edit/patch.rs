//! Replacements of stretches of one text, collected in any order and carried out at once.

use std::ops::Range;

/// Replacements of one text.
#[derive(Debug, Default)]
pub(super) struct Patch {
    /// Replaced stretches; an empty stretch is an insertion.
    replacements: Vec<(Range<usize>, String)>,
    /// Removed stretches; they may overlap each other.
    removals: Vec<Range<usize>>,
}

impl Patch {
    /// Puts `text` in place of a stretch.
    pub(super) fn replace(&mut self, range: Range<usize>, text: String) {
        self.replacements.push((range, text));
    }

    /// Puts `text` at `at`, after what was inserted there before.
    pub(super) fn insert(&mut self, at: usize, text: String) {
        self.replacements.push((at..at, text));
    }

    /// Removes a stretch.
    pub(super) fn remove(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.removals.push(range);
        }
    }

    /// The patched text; `None` when a replacement overlaps another one or lies inside a removal.
    pub(super) fn apply(mut self, text: &str) -> Option<String> {
        self.removals.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(self.removals.len());
        for range in self.removals {
            match merged.last_mut() {
                // Stretches that only touch stay apart, so that something may be inserted between them.
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        let mut all = self.replacements;
        all.extend(merged.into_iter().map(|range| (range, String::new())));
        // Insertions at one place keep their order, and come before what begins there.
        all.sort_by_key(|(range, _)| (range.start, range.end));
        let mut patched = String::with_capacity(text.len());
        let mut at = 0;
        for (range, replacement) in all {
            patched.push_str(text.get(at..range.start)?);
            patched.push_str(&replacement);
            at = range.end;
        }
        patched.push_str(text.get(at..)?);
        Some(patched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_insertions_and_removals_come_together() {
        let mut patch = Patch::default();
        patch.remove(5..7);
        patch.remove(4..6);
        patch.insert(4, "<".to_owned());
        patch.insert(4, ">".to_owned());
        patch.replace(0..1, "A".to_owned());
        patch.insert(8, "!".to_owned());
        assert_eq!(patch.apply("abcdefgh").as_deref(), Some("Abcd<>h!"));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let mut patch = Patch::default();
        patch.replace(0..3, String::new());
        patch.replace(2..4, String::new());
        assert_eq!(patch.apply("abcdef"), None);
        let mut patch = Patch::default();
        patch.remove(0..3);
        patch.insert(1, "x".to_owned());
        assert_eq!(patch.apply("abcdef"), None);
    }
}
