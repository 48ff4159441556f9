//! Roles and scopes (`wire-protocol` C.4).

use serde::{Deserialize, Serialize};

/// What a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A person's client: CLI, user interface, script.
    #[default]
    Operator,
    /// A device that offers commands.
    Node,
}

/// The scopes that the method gate and the event filter know. A connection may hold other names as well; they
/// are kept and mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything.
    Admin,
    /// The read set.
    Read,
    /// The write set, and with it the read set.
    Write,
    /// Exec approvals.
    Approvals,
    /// Pairing of devices and nodes.
    Pairing,
}

impl Role {
    /// All roles by their wire names.
    pub const NAMES: [&'static str; 2] = ["operator", "node"];

    /// Parses the wire name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "operator" => Some(Self::Operator),
            "node" => Some(Self::Node),
            _ => None,
        }
    }

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Node => "node",
        }
    }

    /// The scopes of a connection that asks for none.
    pub fn default_scopes(self) -> Vec<String> {
        match self {
            Self::Operator => vec![Scope::Admin.as_str().to_owned()],
            Self::Node => Vec::new(),
        }
    }
}

impl Scope {
    const ALL: [Self; 5] = [Self::Admin, Self::Read, Self::Write, Self::Approvals, Self::Pairing];

    /// Parses the wire name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "operator.admin",
            Self::Read => "operator.read",
            Self::Write => "operator.write",
            Self::Approvals => "operator.approvals",
            Self::Pairing => "operator.pairing",
        }
    }

    /// Whether `granted` holds this scope by name.
    pub fn is_in(self, granted: &[String]) -> bool {
        granted.iter().any(|scope| scope == self.as_str())
    }
}
