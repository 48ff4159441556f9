//! `tailscale whois --json ADDRESS` → whose machine has an address. Pure.

use serde::Deserialize;

use super::TailscaleError;

/// Who is behind an address of the tailnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A user, by their login.
    User(String),
    /// A machine that belongs to tags and not to a user; Tailscale names nobody for it.
    Tagged,
    /// Nobody: the tailnet has no such machine.
    Nobody,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Document {
    node: Option<Node>,
    user_profile: Option<UserProfile>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Node {
    tags: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct UserProfile {
    login_name: String,
}

/// Reads the answer.
pub(super) fn parse(json: &str) -> Result<Owner, TailscaleError> {
    let unreadable = |reason: String| TailscaleError::Unreadable { command: "whois --json", reason };
    let document: Document = serde_json::from_str(json).map_err(|error| unreadable(error.to_string()))?;
    let Some(node) = document.node else { return Err(unreadable("no Node".to_owned())) };
    if node.tags.is_some_and(|tags| !tags.is_empty()) {
        return Ok(Owner::Tagged);
    }
    let login = document.user_profile.unwrap_or_default().login_name;
    if login.trim().is_empty() { Err(unreadable("no login name".to_owned())) } else { Ok(Owner::User(login)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_tags() {
        let user = parse(include_str!("../../../fixtures/tailscale/whois-user.json")).unwrap();
        assert_eq!(user, Owner::User("ada@example.org".to_owned()));
        let tagged = parse(include_str!("../../../fixtures/tailscale/whois-tagged.json")).unwrap();
        assert_eq!(tagged, Owner::Tagged);
    }

    #[test]
    fn what_names_nobody_is_no_answer() {
        for json in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"UserProfile":{"LoginName":"ada@example.org"}}"#,
            r#"{"Node":{},"UserProfile":null}"#,
            r#"{"Node":{},"UserProfile":{"LoginName":" "}}"#,
            r#"{"Node":{"Tags":"x"}}"#,
        ] {
            assert!(matches!(parse(json), Err(TailscaleError::Unreadable { .. })), "{json}");
        }
    }
}
