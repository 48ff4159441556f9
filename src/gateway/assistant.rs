//! How an agent is shown to people: its name and its picture, from the configuration and from `IDENTITY.md` of its
//! workspace (`wire-protocol` D.3, E.3).

use super::context::Gateway;
use super::identity_file;
use crate::config::schema::Identity;

/// What a client shows when nothing else is configured.
const DEFAULT_NAME: &str = "Assistant";
const DEFAULT_AVATAR: &str = "A";
/// Longest name, in characters.
const NAME_MAX: usize = 50;
/// Longest avatar that is a token or an emoji, in characters.
const AVATAR_MAX: usize = 4;

/// An agent as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Its id.
    pub(crate) agent: String,
    /// Its name.
    pub(crate) name: String,
    /// Its picture: a URL, the path where a local picture is served, or a short text.
    pub(crate) avatar: String,
}

/// The picture of an agent itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Picture {
    /// Something that a browser finds by itself.
    Url(String),
    /// A file of the workspace, as it is written.
    File(String),
}

impl Gateway {
    /// How an agent is shown. One that is not known gets the default. Blocks for a small file.
    pub(crate) fn shown(&self, agent: &str) -> Shown {
        let live = self.live();
        let assistant = live.config.ui.assistant.clone().unwrap_or_default();
        let [own, written] = self.identities(agent);
        let names = [assistant.name, own.name, written.name];
        let name = names.into_iter().flatten().find_map(|name| some(&name));
        let avatars = [assistant.avatar, own.avatar, own.emoji, written.avatar, written.emoji];
        let avatar = avatars.into_iter().flatten().find_map(|text| avatar(&text, agent));
        Shown {
            agent: agent.to_owned(),
            name: name.map_or_else(|| DEFAULT_NAME.to_owned(), |name| name.chars().take(NAME_MAX).collect()),
            avatar: avatar.unwrap_or_else(|| DEFAULT_AVATAR.to_owned()),
        }
    }

    /// The picture of an agent, when it has one. Blocks for a small file.
    pub(crate) fn picture(&self, agent: &str) -> Option<Picture> {
        let avatars = self.identities(agent).map(|identity| identity.avatar);
        let text = avatars.into_iter().flatten().find_map(|text| some(&text))?;
        Some(if is_url(&text) { Picture::Url(text) } else { Picture::File(text) })
    }

    /// What the configuration says, and what the workspace says.
    fn identities(&self, agent: &str) -> [Identity; 2] {
        let own = self.live().roster.get(agent).and_then(|agent| agent.identity.clone());
        let written = self.workspace_of(agent).map(|workspace| identity_file::read(&workspace));
        [own, written].map(Option::unwrap_or_default)
    }
}

/// Whether a picture is one that clients find by themselves.
pub(crate) fn is_url(text: &str) -> bool {
    ["http://", "https://", "data:image/"].iter().any(|scheme| text.starts_with(scheme))
}

/// An avatar as clients can show it.
fn avatar(text: &str, agent: &str) -> Option<String> {
    let text = some(text)?;
    if is_url(&text) || text.chars().count() <= AVATAR_MAX {
        return Some(text);
    }
    (text.contains('/') || text.contains('.')).then(|| format!("/avatar/{agent}"))
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn avatars() {
        for (text, expect) in [
            ("🦞", Some("🦞")),
            ("https://a.example/b.png", Some("https://a.example/b.png")),
            ("avatars/dev.png", Some("/avatar/dev")),
            ("a long text", None),
            ("  ", None),
        ] {
            assert_eq!(avatar(text, "dev").as_deref(), expect, "{text}");
        }
    }
}
