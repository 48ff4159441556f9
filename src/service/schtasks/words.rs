//! Words → command line → words, by the rules of `CommandLineToArgvW`, which the programs of Windows take their
//! arguments apart by. Pure.

/// The words as one line.
pub(super) fn join<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    if !word.is_empty() && !word.contains([' ', '\t', '\n', '\u{b}', '"']) {
        return word.to_owned();
    }
    let mut line = String::from('"');
    let mut backslashes = 0;
    for letter in word.chars() {
        match letter {
            '\\' => backslashes += 1,
            // Backslashes before a quote count twice, elsewhere once.
            '"' => {
                line.push_str(&"\\".repeat(backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        line.push(letter);
    }
    line.push_str(&"\\".repeat(backslashes));
    line.push('"');
    line
}

/// The words of a line, of its arguments alone: the name of a program in front of them has other rules.
pub(super) fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut within = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' if !within => words.extend(word.take()),
            '\\' => {
                let mut count = 1;
                while letters.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                let word = word.get_or_insert_default();
                if letters.peek() == Some(&'"') {
                    word.push_str(&"\\".repeat(count / 2));
                    if count % 2 == 1 {
                        letters.next();
                        word.push('"');
                    }
                } else {
                    word.push_str(&"\\".repeat(count));
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                if within && letters.next_if_eq(&'"').is_some() {
                    word.push('"');
                } else {
                    within = !within;
                }
            }
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_quoted_only_where_it_is_needed() {
        for (word, line) in [
            ("gateway", "gateway"),
            ("", r#""""#),
            (r"C:\Program Files\x", r#""C:\Program Files\x""#),
            (r"C:\new dir\", r#""C:\new dir\\""#),
            (r"C:\dir\", r"C:\dir\"),
            (r#"say "hi""#, r#""say \"hi\"""#),
            (r#"a\"b"#, r#""a\\\"b""#),
            (r"a\\ b", r#""a\\ b""#),
        ] {
            assert_eq!(join([word]), line, "{word:?}");
        }
    }

    #[test]
    fn lines_by_hand_are_taken_apart() {
        // The examples of the documentation of `CommandLineToArgvW`.
        for (line, words) in [
            (r#""abc" d e"#, vec!["abc", "d", "e"]),
            (r#"a\\b d"e f"g h"#, vec![r"a\\b", "de fg", "h"]),
            (r#"a\\\"b c d"#, vec![r#"a\"b"#, "c", "d"]),
            (r#"a\\\\"b c" d e"#, vec![r"a\\b c", "d", "e"]),
            (r#""a""b" c"#, vec![r#"a"b"#, "c"]),
            ("  \t ", vec![]),
        ] {
            assert_eq!(split(line), words, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn every_word_comes_back(words in prop::collection::vec("[a\\\\\" \\t=é]{0,8}", 0..5)) {
            prop_assert_eq!(split(&join(words.iter().map(String::as_str))), words);
        }
    }
}
