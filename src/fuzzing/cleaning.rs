//! Texts that secrets are taken out of.

use super::sections::sections;
use crate::redaction::{Book, Cleaner, Evidence, Kind, Look, Names, secrets_of};

/// Reads secrets, one in each line, and a text.
///
/// # Panics
///
/// When a secret is left in the text, or when the text is another one after it was cleaned twice.
pub fn cleaning(data: &[u8]) {
    let Ok(input) = std::str::from_utf8(data) else { return };
    let [secrets, text] = sections(input);
    let mut book = Book::new("capsule-secret-");
    for secret in secrets.lines().take(50) {
        book.note(secret, Evidence::Place);
    }
    for kind in [Kind::Text, Kind::Document, Kind::Keys, Kind::Variables] {
        secrets_of(text, kind, &mut |value, evidence| book.note(value, evidence));
    }
    let names =
        Names { anywhere: Vec::new(), places: vec![("/home/ada".to_owned(), "/capsule/home".to_owned())] };
    let Ok(cleaner) = Cleaner::new(&book, &names) else { return };
    let clean = cleaner.clean(text, Look::Places);
    assert_eq!(cleaner.first(clean.as_bytes(), 0, Look::Values), None, "{input}\n{clean}");
    assert_eq!(cleaner.clean(&clean, Look::Values), clean, "{input}");
}
