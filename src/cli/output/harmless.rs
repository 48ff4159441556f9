//! What others have said, without what a terminal would obey.

/// The text with a space for each control character.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
