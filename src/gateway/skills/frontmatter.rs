//! The head of a `SKILL.md`: YAML between two fences. Pure.

use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::UserMessageFormatter;

use super::metadata::Metadata;

/// Deepest nesting and most aliases that a head may have; real ones have three levels and no alias.
const DEEPEST: usize = 32;
const ALIASES: usize = 64;

/// What the head of a file says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frontmatter {
    /// The skill's name; the folder's counts when there is none.
    pub(crate) name: Option<String>,
    pub(crate) description: String,
    pub(crate) homepage: Option<String>,
    pub(crate) metadata: Metadata,
}

/// Why a file is no skill.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("it does not begin with a head between two lines of ---")]
    NoHead,
    #[error("its head is no YAML that can be used: {0}")]
    Yaml(String),
    #[error("`name` is no text")]
    Name,
    #[error("`description` is missing, empty, or no text")]
    Description,
}

/// The members that count here, whatever type somebody gave them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Written {
    name: Value,
    description: Value,
    homepage: Value,
    website: Value,
    url: Value,
    metadata: Value,
}

/// Reads the head of `text`, which need not go on behind it.
pub(crate) fn parse(text: &str) -> Result<Frontmatter, Unusable> {
    let text = text.replace("\r\n", "\n");
    let written = read(head(&text).ok_or(Unusable::NoHead)?)?;
    let name = match written.name {
        Value::Null => None,
        Value::String(name) => Some(name).filter(|name| !name.trim().is_empty()),
        _ => return Err(Unusable::Name),
    };
    let described = written.description.as_str().filter(|text| !text.trim().is_empty());
    let description = described.ok_or(Unusable::Description)?.to_owned();
    let metadata = Metadata::of(&written.metadata);
    let pages = [&written.homepage, &written.website, &written.url];
    let page = pages.into_iter().filter_map(Value::as_str).map(str::trim).find(|page| !page.is_empty());
    let homepage = metadata.homepage.clone().or_else(|| page.map(str::to_owned));
    Ok(Frontmatter { name, description, homepage, metadata })
}

/// What stands between the fences.
fn head(text: &str) -> Option<&str> {
    let text = text.strip_prefix("---")?;
    // A longer fence is one too.
    let text = text.trim_start_matches('-');
    let end = text.find("\n---")?;
    text.get(..end)
}

fn read(head: &str) -> Result<Written, Unusable> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: DEEPEST, max_aliases: ALIASES },
        // `yes` is a text in YAML 1.2, and in what the published program reads.
        strict_booleans: true,
        with_snippet: false,
    };
    if head.trim().is_empty() {
        return Ok(Written::default());
    }
    serde_saphyr::from_str_with_options(head, options).map_err(|error| {
        let text = error.render_with_formatter(&UserMessageFormatter);
        Unusable::Yaml(text.lines().next().unwrap_or_default().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, name: Option<&str>, description: &str) {
        let found = parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!((found.name.as_deref(), found.description.as_str()), (name, description), "{text:?}");
    }

    #[track_caller]
    fn refuse(text: &str, expected: &str) {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{text:?}: {error}");
    }

    #[test]
    fn heads_as_people_write_them() {
        check("---\nname: a\ndescription: b\n---\n\n# text\n", Some("a"), "b");
        check("---\r\nname: a\r\ndescription: b\r\n---\r\nbody", Some("a"), "b");
        check("---  \nname: a\ndescription: b\n---  \n", Some("a"), "b");
        check("----\nname: a\ndescription: b\n----\n", Some("a"), "b");
        check("---\n  name: a\n  description: b\n---", Some("a"), "b");
        check("---\n# c\nname: a # d\ndescription: 'it is' # e\n---\n", Some("a"), "it is");
        check("---\ndescription: é 🦞\n---\n", None, "é 🦞");
        check("---\nname: '  '\ndescription: b\n---\n", None, "b");
        check("---\nname: a\ndescription: |\n  one\n  two\n---\n", Some("a"), "one\ntwo\n");
        check("---\nname: a\ndescription: >\n  one\n  two\n---\n", Some("a"), "one two\n");
        check("---\nname: yes\ndescription: no\n---\n", Some("yes"), "no");
        check("---\nname: a\ndescription: b\nallowed-tools: [x]\n---\n", Some("a"), "b");
    }

    #[test]
    fn what_is_no_skill_says_why() {
        refuse("", "it does not begin with");
        refuse("# text\n---\nname: a\n---\n", "it does not begin with");
        refuse("\n---\nname: a\ndescription: b\n---\n", "it does not begin with");
        refuse("---\nname: a\ndescription: b\n", "it does not begin with");
        refuse("---\nname: a\n---\n", "`description`");
        refuse("---\n---\n", "`description`");
        refuse("---\nname: a\ndescription:\n---\n", "`description`");
        refuse("---\nname: a\ndescription: 45\n---\n", "`description`");
        refuse("---\nname: 12\ndescription: b\n---\n", "`name`");
        refuse("---\nname: true\ndescription: b\n---\n", "`name`");
        refuse("---\nname: a\ndescription: use this: now\n---\n", "its head is no YAML");
        refuse("---\nname: a\ndescription: b\ndescription: c\n---\n", "its head is no YAML");
        refuse("---\ndescription: b\n? [1]\n: 2\n---\n", "its head is no YAML");
        refuse("---\n- a\n---\n", "its head is no YAML");
        refuse("---\nname: a\ndescription: b\nmetadata: {\"clawdbot\": nope\n---\n", "its head is no YAML");
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut bomb = "---\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let below = vec![format!("*a{}", level - 1); 9].join(", ");
            let _ = writeln!(bomb, "a{level}: &a{level} [{below}]");
        }
        refuse(&format!("{bomb}description: b\n---\n"), "its head is no YAML");
        let deep = "[".repeat(50_000);
        refuse(&format!("---\ndescription: b\nx: {deep}\n---\n"), "its head is no YAML");
    }

    #[test]
    fn metadata_is_yaml_json_or_a_text_of_json() {
        for metadata in [
            r#"{"clawdbot":{"emoji":"X","homepage":"https://meta.example"}}"#,
            "{clawdbot: {emoji: 'X', homepage: 'https://meta.example',},}",
            "\n  clawdbot:\n    emoji: X\n    homepage: https://meta.example",
            r#"'{"clawdbot":{"emoji":"X","homepage":"https://meta.example"}}'"#,
            "\n  {\n    \"clawdbot\": {\"emoji\": \"X\", \"homepage\": \"https://meta.example\"}\n  }",
        ] {
            let text =
                format!("---\nhomepage: https://top.example\ndescription: b\nmetadata: {metadata}\n---\n");
            let found = parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(found.metadata.emoji.as_deref(), Some("X"), "{text}");
            assert_eq!(found.homepage.as_deref(), Some("https://meta.example"), "{text}");
        }
        for (member, expected) in [("website", Some("w")), ("url", Some("w")), ("uri", None)] {
            let found = parse(&format!("---\n{member}: ' w '\ndescription: b\n---\n")).unwrap();
            assert_eq!(found.homepage.as_deref(), expected);
        }
        assert_eq!(Metadata::of(&json!("no json")), Metadata::default());
    }
}
