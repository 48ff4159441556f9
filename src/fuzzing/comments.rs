//! What an edit of a configuration has to leave: its comments, and the text of what is not changed.

use std::collections::BTreeMap;

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

/// The comments of a text, in their order.
pub(super) fn comments(text: &str) -> Vec<String> {
    let collect =
        CollectOptions { comments: CommentCollectionStrategy::Separate, ..CollectOptions::default() };
    let Ok(parsed) = parse_to_ast(text, &collect, &ParseOptions::default()) else { return Vec::new() };
    let mut found: BTreeMap<usize, String> = BTreeMap::new();
    for comment in parsed.comments.iter().flat_map(|comments| comments.values()).flat_map(|list| list.iter())
    {
        found.insert(comment.range().start, comment.text().to_owned());
    }
    found.into_values().collect()
}

/// The members of an object with their values as they are written.
pub(super) fn members(text: &str) -> BTreeMap<String, &str> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    let Ok(Some(Value::Object(object))) = parsed.map(|parsed| parsed.value) else { return BTreeMap::new() };
    let written = object.properties.iter().map(|property| {
        let range = property.value.range();
        (property.name.as_str().to_owned(), &text[range.start..range.end])
    });
    written.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_members_as_written() {
        let text = "/* a */ { x: 0x10, // b\n 'y': [1,/*c*/], }";
        assert_eq!(comments(text), [" a ", " b", "c"]);
        assert_eq!(members(text), BTreeMap::from([("x".to_owned(), "0x10"), ("y".to_owned(), "[1,/*c*/]")]));
    }
}
