//! Inputs of several texts, which a person can read and write: they are separated by lines of `%%`.

const SEPARATOR: &str = "\n%%\n";

/// The first `N` texts of an input; those that are not there are empty.
pub(super) fn sections<const N: usize>(input: &str) -> [&str; N] {
    let mut texts = input.splitn(N, SEPARATOR);
    std::array::from_fn(|_| texts.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_may_be_missing_or_more_than_wanted() {
        assert_eq!(sections("a\n%%\nb"), ["a", "b", ""]);
        assert_eq!(sections("a\n%%\n\n%%\nc\n%%\nd"), ["a", "", "c\n%%\nd"]);
    }
}
