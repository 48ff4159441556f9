//! What a command is told about the gateway that it stands for: in place of placeholders, and as variables. Pure.

use std::collections::BTreeMap;

use crate::profile::vars;

/// A piece of a command line that is filled in for each generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// The port to listen on.
    Port,
    /// The configuration file.
    Config,
    /// The state directory.
    State,
    /// The workspace of the default agent.
    Workspace,
    /// The token that clients send.
    Token,
}

/// The values for one generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The port to listen on.
    pub port: u16,
    /// The configuration file.
    pub config: String,
    /// The state directory.
    pub state: String,
    /// The workspace of the default agent.
    pub workspace: String,
    /// The token that clients send, if there is one.
    pub token: Option<String>,
    /// The password that clients send, if there is one. Only a variable: command lines are for all to see.
    pub password: Option<String>,
    /// The name of the profile.
    pub profile: String,
}

/// Where servers of all kinds look for their port.
const PORT: &str = "PORT";
/// The workspace.
const WORKSPACE: &str = "CLAWDBOT_WORKSPACE_DIR";

impl Placeholder {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Port, Self::Config, Self::State, Self::Workspace, Self::Token];

    /// As it is written, with its braces.
    pub fn text(self) -> &'static str {
        match self {
            Self::Port => "{port}",
            Self::Config => "{config}",
            Self::State => "{state}",
            Self::Workspace => "{workspace}",
            Self::Token => "{token}",
        }
    }

    /// The variables with the same value.
    pub(super) fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Port => &[PORT, vars::GATEWAY_PORT],
            Self::Config => &[vars::CONFIG_PATH],
            Self::State => &[vars::STATE_DIR],
            Self::Workspace => &[WORKSPACE],
            Self::Token => &[vars::GATEWAY_TOKEN],
        }
    }
}

impl Facts {
    /// The value for a placeholder; empty for a token that does not exist.
    pub fn value(&self, placeholder: Placeholder) -> String {
        match placeholder {
            Placeholder::Port => self.port.to_string(),
            Placeholder::Config => self.config.clone(),
            Placeholder::State => self.state.clone(),
            Placeholder::Workspace => self.workspace.clone(),
            Placeholder::Token => self.token.clone().unwrap_or_default(),
        }
    }

    /// The environment of the command: `outer` with these values, and without what is meant for another process.
    pub fn environment<'a>(
        &self,
        outer: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> BTreeMap<String, String> {
        let foreign = ["LISTEN_", "NOTIFY_SOCKET", "WATCHDOG_"];
        let mut env: BTreeMap<String, String> = outer
            .filter(|(name, _)| !foreign.iter().any(|prefix| name.starts_with(prefix)))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for placeholder in Placeholder::ALL {
            let known = placeholder != Placeholder::Token || self.token.is_some();
            let names = placeholder.variables().iter().filter(|_| known);
            env.extend(names.map(|name| ((*name).to_owned(), self.value(placeholder))));
        }
        env.extend(self.password.clone().map(|password| (vars::GATEWAY_PASSWORD.to_owned(), password)));
        env.insert(vars::PROFILE.to_owned(), self.profile.clone());
        env
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_say_the_same_and_nothing_of_other_processes() {
        let facts = Facts {
            port: 5,
            config: "/c".to_owned(),
            state: "/s".to_owned(),
            workspace: "/w".to_owned(),
            token: None,
            password: None,
            profile: "dev".to_owned(),
        };
        let outer = [
            ("LISTEN_FDS", "3"),
            ("NOTIFY_SOCKET", "/run/n"),
            ("PATH", "/bin"),
            ("CLAWDBOT_GATEWAY_TOKEN", "kept"),
            ("PORT", "80"),
        ];
        let env = facts.environment(outer.into_iter());
        let shown: Vec<String> = env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            shown.join(" "),
            "CLAWDBOT_CONFIG_PATH=/c CLAWDBOT_GATEWAY_PORT=5 CLAWDBOT_GATEWAY_TOKEN=kept CLAWDBOT_PROFILE=dev \
             CLAWDBOT_STATE_DIR=/s CLAWDBOT_WORKSPACE_DIR=/w PATH=/bin PORT=5"
        );
    }
}
