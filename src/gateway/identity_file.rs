//! `IDENTITY.md` of a workspace: a list of `- Name: value` lines that people fill in.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::config::schema::Identity;

/// How much of the file is looked at, in bytes.
const WINDOW: u64 = 16 * 1024;

/// Reads the identity of a workspace; empty when there is none. Blocks.
pub(crate) fn read(workspace: &Path) -> Identity {
    let mut bytes = Vec::new();
    match File::open(workspace.join("IDENTITY.md")).and_then(|file| file.take(WINDOW).read_to_end(&mut bytes))
    {
        Ok(_) => parse(&String::from_utf8_lossy(&bytes)),
        Err(_) => Identity::default(),
    }
}

fn parse(text: &str) -> Identity {
    let mut identity = Identity::default();
    for line in text.lines() {
        let Some((name, value)) = line.trim_start_matches(['-', '*', ' ']).split_once(':') else { continue };
        let plain = |text: &str| text.trim_matches(['*', '_', '`', ' ']).to_owned();
        let value = plain(value);
        // What stands in brackets is a hint that nobody has replaced yet.
        if value.is_empty() || value.starts_with('(') {
            continue;
        }
        let slot = match plain(name).to_lowercase().as_str() {
            "name" => &mut identity.name,
            "emoji" => &mut identity.emoji,
            "avatar" => &mut identity.avatar,
            _ => continue,
        };
        slot.get_or_insert(value);
    }
    identity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_and_hints_are_not() {
        let text =
            "# Who\n- **Name:** Clawd\n* Emoji: 🦞\n- Avatar: _(path or URL)_\n- Name: Second\nVibe: calm\n";
        let identity = parse(text);
        assert_eq!((identity.name.as_deref(), identity.emoji.as_deref()), (Some("Clawd"), Some("🦞")));
        assert_eq!(identity.avatar, None);
    }
}
