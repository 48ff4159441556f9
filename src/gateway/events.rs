//! Event frames, and who receives which (`wire-protocol` B.4). Pure.

use serde_json::Value;

use crate::protocol::frame::{Event, StateVersion};
use crate::protocol::role::{Role, Scope};

/// The events that this gateway sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventName {
    /// First frame on every socket.
    ConnectChallenge,
    /// Sign of life.
    Tick,
    /// The presence list changed.
    Presence,
    /// The health summary was refreshed.
    Health,
    /// The gateway stops or restarts.
    Shutdown,
    /// A message of a session is whole.
    Chat,
    /// What became of a heartbeat.
    Heartbeat,
    /// Something happened to a job.
    Cron,
    /// Somebody talks, or stopped.
    TalkMode,
    /// Other words wake voice clients.
    VoicewakeChanged,
    /// A command waits to be allowed.
    ExecApprovalRequested,
    /// Whether it may run was decided.
    ExecApprovalResolved,
    /// A node asks to be paired.
    NodePairRequested,
    /// A pairing request of a node was approved or rejected.
    NodePairResolved,
    /// A command for one node.
    NodeInvokeRequest,
    /// A device asks to be paired.
    DevicePairRequested,
    /// A pairing request was approved or rejected.
    DevicePairResolved,
}

/// An event serialised once for all its receivers; only the sequence number is each receiver's own.
#[derive(Debug, Clone)]
pub(crate) struct EventFrame {
    name: EventName,
    /// The frame without its closing brace.
    head: String,
}

// === impl EventName ===

impl EventName {
    /// The name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ConnectChallenge => "connect.challenge",
            Self::Tick => "tick",
            Self::Presence => "presence",
            Self::Health => "health",
            Self::Shutdown => "shutdown",
            Self::Chat => "chat",
            Self::Heartbeat => "heartbeat",
            Self::Cron => "cron",
            Self::TalkMode => "talk.mode",
            Self::VoicewakeChanged => "voicewake.changed",
            Self::ExecApprovalRequested => "exec.approval.requested",
            Self::ExecApprovalResolved => "exec.approval.resolved",
            Self::NodePairRequested => "node.pair.requested",
            Self::NodePairResolved => "node.pair.resolved",
            Self::NodeInvokeRequest => "node.invoke.request",
            Self::DevicePairRequested => "device.pair.requested",
            Self::DevicePairResolved => "device.pair.resolved",
        }
    }

    /// Whether a client that is too slow for it just misses it (`wire-protocol` A.2).
    fn may_be_missed(self) -> bool {
        match self {
            Self::ConnectChallenge | Self::Health | Self::Shutdown | Self::Chat | Self::NodeInvokeRequest => {
                false
            }
            Self::Tick
            | Self::Presence
            | Self::Heartbeat
            | Self::Cron
            | Self::TalkMode
            | Self::VoicewakeChanged
            | Self::ExecApprovalRequested
            | Self::ExecApprovalResolved
            | Self::NodePairRequested
            | Self::NodePairResolved
            | Self::DevicePairRequested
            | Self::DevicePairResolved => true,
        }
    }

    /// Whether a client that asked for it gets it later when it missed it. Not what a newer one makes worthless, as
    /// `hello-ok` brings the newest or it comes by itself, nor what is about one connection.
    pub(crate) fn is_replayed(self) -> bool {
        match self {
            Self::ConnectChallenge
            | Self::Tick
            | Self::Presence
            | Self::Health
            | Self::Shutdown
            | Self::NodeInvokeRequest => false,
            Self::Chat
            | Self::Heartbeat
            | Self::Cron
            | Self::TalkMode
            | Self::VoicewakeChanged
            | Self::ExecApprovalRequested
            | Self::ExecApprovalResolved
            | Self::NodePairRequested
            | Self::NodePairResolved
            | Self::DevicePairRequested
            | Self::DevicePairResolved => true,
        }
    }

    /// The scope without which only an administrator receives it; `None` when everybody does.
    pub(crate) fn required_scope(self) -> Option<Scope> {
        match self {
            Self::DevicePairRequested
            | Self::DevicePairResolved
            | Self::NodePairRequested
            | Self::NodePairResolved => Some(Scope::Pairing),
            Self::ExecApprovalRequested | Self::ExecApprovalResolved => Some(Scope::Approvals),
            _ => None,
        }
    }
}

/// Whether a client sees events that need this scope. Nodes see none that need one (`wire-protocol` B.4).
pub(crate) fn may_receive(role: Role, scopes: &[String], needed: Option<Scope>) -> bool {
    needed.is_none_or(|needed| {
        role == Role::Operator && [needed, Scope::Admin].iter().any(|scope| scope.is_in(scopes))
    })
}

// === impl EventFrame ===

impl EventFrame {
    /// Serialises an event.
    pub(crate) fn new(name: EventName, payload: &Value, state_version: Option<StateVersion>) -> Self {
        let mut event = Event::new(name.as_str(), payload);
        event.state_version = state_version;
        let mut head = serde_json::to_string(&event).unwrap_or_default();
        head.pop();
        Self { name, head }
    }

    /// The frame for one receiver, with its number.
    pub(crate) fn numbered(&self, seq: u64) -> String {
        numbered(&self.head, seq)
    }

    /// The frame without its closing brace, from which [`numbered`] makes it later.
    pub(crate) fn head(&self) -> &str {
        &self.head
    }

    /// The frame without a number, for events that go to one client only.
    pub(crate) fn unnumbered(&self) -> String {
        format!("{}}}", self.head)
    }

    /// Which event it is.
    pub(crate) fn name(&self) -> EventName {
        self.name
    }

    /// Whether a client that is too slow for it just misses it.
    pub(crate) fn may_be_missed(&self) -> bool {
        self.name.may_be_missed()
    }
}

/// The frame for one receiver, from what [`EventFrame::head`] returned.
pub(crate) fn numbered(head: &str, seq: u64) -> String {
    format!("{head},\"seq\":{seq}}}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn frames_are_valid_with_and_without_a_number() {
        let version = StateVersion { presence: 2, health: 3 };
        let frame = EventFrame::new(EventName::Presence, &json!({ "presence": [] }), Some(version));
        let expect = json!({
            "type": "event", "event": "presence", "payload": { "presence": [] }, "seq": 7,
            "stateVersion": { "presence": 2, "health": 3 },
        });
        assert_eq!(serde_json::from_str::<Value>(&frame.numbered(7)).unwrap(), expect);
        let challenge = EventFrame::new(EventName::ConnectChallenge, &json!({ "ts": 1 }), None).unnumbered();
        assert_eq!(challenge, r#"{"type":"event","event":"connect.challenge","payload":{"ts":1}}"#);
    }

    #[test]
    fn who_sees_pairing() {
        let needed = EventName::DevicePairRequested.required_scope();
        for (role, scopes, expect) in [
            (Role::Operator, &["operator.admin"][..], true),
            (Role::Operator, &["operator.pairing"][..], true),
            (Role::Operator, &["operator.read", "operator.write"][..], false),
            (Role::Node, &["operator.admin"][..], false),
        ] {
            let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
            assert_eq!(may_receive(role, &scopes, needed), expect, "{role:?} {scopes:?}");
            assert!(may_receive(role, &scopes, EventName::Tick.required_scope()));
        }
    }
}
