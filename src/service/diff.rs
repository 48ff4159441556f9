//! Two texts → the lines in which they differ. Pure.

use std::fmt;

/// A line that only one of the two texts has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whether it is the second one's.
    pub added: bool,
    /// The line.
    pub text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if self.added { '+' } else { '-' }, self.text)
    }
}

/// The lines of which one text has to lose some, and gain others, to become the other one: as few as possible. Takes
/// time and room in the product of both; what is compared here has some forty lines.
pub(super) fn lines(from: &str, to: &str) -> Vec<Line> {
    let (from, to): (Vec<_>, Vec<_>) = (from.lines().collect(), to.lines().collect());
    // How many lines the rests have in common, from every pair of places on.
    let mut common = vec![vec![0_usize; to.len() + 1]; from.len() + 1];
    for i in (0..from.len()).rev() {
        for j in (0..to.len()).rev() {
            common[i][j] = if from[i] == to[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut found = Vec::new();
    while i < from.len() || j < to.len() {
        if i < from.len() && j < to.len() && from[i] == to[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == to.len() || (i < from.len() && common[i + 1][j] >= common[i][j + 1]) {
            found.push(Line { added: false, text: from[i].to_owned() });
            i += 1;
        } else {
            found.push(Line { added: true, text: to[j].to_owned() });
            j += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, to: &str, expected: &[&str]) {
        let found: Vec<_> = lines(from, to).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn as_few_lines_as_possible() {
        check("a\nb\nc\n", "a\nb\nc\n", &[]);
        check("a\nb\nc\n", "a\nx\nc\n", &["- b", "+ x"]);
        check("a\nb\n", "b\nc\n", &["- a", "+ c"]);
        check("", "a\n", &["+ a"]);
        check("a\n", "", &["- a"]);
    }
}
