//! The table of the methods: name on the wire, who may call it, what it takes (`wire-protocol` C.4, D).
//!
//! One row a method, in the order of `hello-ok`. The gate, the validation, `hello-ok`, and the dispatch are made from
//! it.

use super::Access;
use crate::protocol::role::Scope;
use crate::protocol::schemas;
use crate::protocol::validate::Schema;

/// Rows are: what it does, its variant, its name, who may call it, and the schema of its parameters.
macro_rules! methods {
    ($( $(#[doc = $doc:literal])+ $variant:ident $name:literal $access:ident $schema:expr; )+) => {
        /// A method that is served. Dispatch matches on it, so that every row has a handler.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Method {
            $( $(#[doc = $doc])+ $variant, )+
        }

        impl Method {
            /// Every method served, in the order of `hello-ok`.
            pub const ALL: &[Self] = &[$( Self::$variant, )+];

            /// The method of this name, when it is served.
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $( $name => Some(Self::$variant), )+
                    _ => None,
                }
            }

            /// The wire name.
            pub const fn name(self) -> &'static str {
                match self {
                    $( Self::$variant => $name, )+
                }
            }

            /// Who may call it.
            pub const fn access(self) -> Access {
                match self {
                    $( Self::$variant => access!($access), )+
                }
            }

            /// The shape of its parameters; some methods take anything, as the published gateway does.
            pub const fn params(self) -> &'static Schema {
                match self {
                    $( Self::$variant => &$schema, )+
                }
            }

            /// What it does, in Markdown.
            pub const fn about(self) -> &'static str {
                match self {
                    $( Self::$variant => concat!($($doc),+), )+
                }
            }
        }
    };
}

/// Who may call a method: a node, or an operator with a scope.
macro_rules! access {
    (Node) => {
        Access::Node
    };
    ($scope:ident) => {
        Access::Operator(Scope::$scope)
    };
}

methods! {
    /// The health of the gateway, its agents and sessions; `probe` asks for a fresh one.
    Health "health" Read Schema::Any;
    /// Lines of the log file, from a cursor on.
    LogsTail "logs.tail" Read schemas::LOGS_TAIL;
    /// Channels and their accounts.
    ChannelsStatus "channels.status" Read schemas::CHANNELS_STATUS;
    /// Logs a channel's account out.
    ChannelsLogout "channels.logout" Admin schemas::CHANNELS_LOGOUT;
    /// Sessions, heartbeats, and queued events in short.
    Status "status" Read Schema::Any;
    /// Quotas of model providers.
    UsageStatus "usage.status" Read Schema::Any;
    /// Tokens and costs by day, from the transcripts.
    UsageCost "usage.cost" Read Schema::Any;
    /// Whether and by whom replies are spoken.
    TtsStatus "tts.status" Read Schema::Any;
    /// Who could speak.
    TtsProviders "tts.providers" Read Schema::Any;
    /// Has replies spoken.
    TtsEnable "tts.enable" Write Schema::Any;
    /// Has replies spoken no longer.
    TtsDisable "tts.disable" Write Schema::Any;
    /// Speaks a text.
    TtsConvert "tts.convert" Write Schema::Any;
    /// Chooses who speaks.
    TtsSetProvider "tts.setProvider" Write Schema::Any;
    /// The configuration file with secrets masked, and its hash.
    ConfigGet "config.get" Admin Schema::EMPTY;
    /// Replaces the configuration file.
    ConfigSet "config.set" Admin schemas::CONFIG_SET;
    /// Replaces the configuration file and restarts when that is needed.
    ConfigApply "config.apply" Admin schemas::CONFIG_APPLY;
    /// Merges into the configuration (RFC 7396) and restarts when that is needed.
    ConfigPatch "config.patch" Admin schemas::CONFIG_APPLY;
    /// The shape of the configuration, for forms.
    ConfigSchema "config.schema" Admin Schema::EMPTY;
    /// Which commands agents may run unasked.
    ExecApprovalsGet "exec.approvals.get" Admin Schema::EMPTY;
    /// Replaces the rules of which commands agents may run unasked.
    ExecApprovalsSet "exec.approvals.set" Admin schemas::EXEC_APPROVALS_SET;
    /// Which commands a node may run unasked.
    ExecApprovalsNodeGet "exec.approvals.node.get" Admin schemas::EXEC_APPROVALS_NODE_GET;
    /// Replaces the rules of a node.
    ExecApprovalsNodeSet "exec.approvals.node.set" Admin schemas::EXEC_APPROVALS_NODE_SET;
    /// Asks people whether a command may run; answered when they have decided.
    ExecApprovalRequest "exec.approval.request" Approvals schemas::EXEC_APPROVAL_REQUEST;
    /// Decides whether a command may run.
    ExecApprovalResolve "exec.approval.resolve" Approvals schemas::EXEC_APPROVAL_RESOLVE;
    /// Begins what `clawdbot onboard` does, a step at a time.
    WizardStart "wizard.start" Admin schemas::WIZARD_START;
    /// Answers a step of the wizard, or has it told again.
    WizardNext "wizard.next" Admin schemas::WIZARD_NEXT;
    /// Ends the wizard; nothing is written.
    WizardCancel "wizard.cancel" Admin schemas::WIZARD_SESSION;
    /// Whether the wizard runs.
    WizardStatus "wizard.status" Admin schemas::WIZARD_SESSION;
    /// Tells everybody whether somebody talks. Its parameters are checked after whether that is possible.
    TalkMode "talk.mode" Write Schema::Any;
    /// Models that the configuration names.
    ModelsList "models.list" Read Schema::EMPTY;
    /// Agents and their identities.
    AgentsList "agents.list" Read Schema::EMPTY;
    /// The skills of the default agent, and what each needs of this machine.
    SkillsStatus "skills.status" Read Schema::EMPTY;
    /// Programs that skills need, for nodes that let them run.
    SkillsBins "skills.bins" Node Schema::EMPTY;
    /// Installs what a skill needs, with a package manager of this machine; answered when that has ended.
    SkillsInstall "skills.install" Admin schemas::SKILLS_INSTALL;
    /// Turns a skill on or off, or sets its key and variables, in the configuration.
    SkillsUpdate "skills.update" Admin schemas::SKILLS_UPDATE;
    /// Updates the program: refused.
    UpdateRun "update.run" Admin schemas::UPDATE_RUN;
    /// The words that wake voice clients.
    VoicewakeGet "voicewake.get" Read Schema::Any;
    /// Sets the words that wake voice clients.
    VoicewakeSet "voicewake.set" Write Schema::Any;
    /// Sessions, newest first, with filters.
    SessionsList "sessions.list" Read schemas::SESSIONS_LIST;
    /// The last messages of several sessions, shortened.
    SessionsPreview "sessions.preview" Read schemas::SESSIONS_PREVIEW;
    /// Changes settings of a session, which is made when it does not exist.
    SessionsPatch "sessions.patch" Admin schemas::SESSIONS_PATCH;
    /// Starts a session over; its transcript stays.
    SessionsReset "sessions.reset" Admin schemas::SESSIONS_RESET;
    /// Deletes a session; its transcript is archived unless told otherwise.
    SessionsDelete "sessions.delete" Admin schemas::SESSIONS_DELETE;
    /// Keeps the last lines of a transcript; a copy of the whole stays.
    SessionsCompact "sessions.compact" Admin schemas::SESSIONS_COMPACT;
    /// The last heartbeat, or `null`.
    LastHeartbeat "last-heartbeat" Read Schema::Any;
    /// Switches heartbeats on or off.
    SetHeartbeats "set-heartbeats" Admin Schema::Any;
    /// Queues a text for the main session, and asks for a heartbeat.
    Wake "wake" Write schemas::WAKE;
    /// A node asks to be paired the older way.
    NodePairRequest "node.pair.request" Pairing schemas::NODE_PAIR_REQUEST;
    /// Nodes that are paired the older way, and that ask to be.
    NodePairList "node.pair.list" Pairing Schema::EMPTY;
    /// Approves a pairing request of a node.
    NodePairApprove "node.pair.approve" Pairing schemas::NODE_PAIR_DECISION;
    /// Rejects a pairing request of a node.
    NodePairReject "node.pair.reject" Pairing schemas::NODE_PAIR_DECISION;
    /// Whether a token is a node's.
    NodePairVerify "node.pair.verify" Pairing schemas::NODE_PAIR_VERIFY;
    /// Devices that are paired, and that ask to be.
    DevicePairList "device.pair.list" Pairing Schema::EMPTY;
    /// Approves a pairing request of a device.
    DevicePairApprove "device.pair.approve" Pairing schemas::DEVICE_PAIR_DECISION;
    /// Rejects a pairing request of a device.
    DevicePairReject "device.pair.reject" Pairing schemas::DEVICE_PAIR_DECISION;
    /// Replaces the token of a device for a role.
    DeviceTokenRotate "device.token.rotate" Pairing schemas::DEVICE_TOKEN_ROTATE;
    /// Revokes the token of a device for a role.
    DeviceTokenRevoke "device.token.revoke" Pairing schemas::DEVICE_TOKEN_REVOKE;
    /// Gives a node another name.
    NodeRename "node.rename" Pairing schemas::NODE_RENAME;
    /// Nodes, connected and paired.
    NodeList "node.list" Read Schema::EMPTY;
    /// One node.
    NodeDescribe "node.describe" Read schemas::NODE_DESCRIBE;
    /// Runs a command on a node; answered when the node has answered.
    NodeInvoke "node.invoke" Write schemas::NODE_INVOKE;
    /// A node answers a call.
    NodeInvokeResult "node.invoke.result" Node schemas::NODE_INVOKE_RESULT;
    /// A node tells something.
    NodeEvent "node.event" Node schemas::NODE_EVENT;
    /// Jobs, by when they are due next; `includeDisabled` adds those that are off.
    CronList "cron.list" Read schemas::CRON_LIST;
    /// Whether jobs run, how many there are, and when the next is due.
    CronStatus "cron.status" Read Schema::EMPTY;
    /// Adds a job. The schedule may also be given as `{ at: time }`, `{ everyMs }`, or `{ expr }`.
    CronAdd "cron.add" Admin schemas::CRON_ADD;
    /// Changes a job.
    CronUpdate "cron.update" Admin schemas::CRON_UPDATE;
    /// Removes a job.
    CronRemove "cron.remove" Admin schemas::CRON_REMOVE;
    /// Runs a job now; answered when the run has ended.
    CronRun "cron.run" Admin schemas::CRON_RUN;
    /// What became of the last runs of a job, oldest first.
    CronRuns "cron.runs" Read schemas::CRON_RUNS;
    /// Who is there.
    SystemPresence "system-presence" Read Schema::Any;
    /// Queues a text for the main session and notes a presence.
    SystemEvent "system-event" Admin Schema::Any;
    /// Sends a message through a channel.
    Send "send" Write schemas::SEND;
    /// Runs an agent.
    Agent "agent" Write schemas::AGENT;
    /// Name and avatar of an agent.
    AgentIdentityGet "agent.identity.get" Read schemas::AGENT_IDENTITY_GET;
    /// Waits for the end of a run.
    AgentWait "agent.wait" Write schemas::AGENT_WAIT;
    /// The messages of a session.
    ChatHistory "chat.history" Read schemas::CHAT_HISTORY;
    /// Ends runs of a session.
    ChatAbort "chat.abort" Write schemas::CHAT_ABORT;
    /// Sends a message to a session's agent.
    ChatSend "chat.send" Write schemas::CHAT_SEND;
    /// The key of a session, from its id or label.
    SessionsResolve "sessions.resolve" Admin schemas::SESSIONS_RESOLVE;
    /// Adds a message of the assistant to a session.
    ChatInject "chat.inject" Admin schemas::CHAT_INJECT;
    /// Asks a question through a channel.
    Poll "poll" Admin schemas::POLL;
    /// Begins the login of a web channel.
    WebLoginStart "web.login.start" Admin schemas::WEB_LOGIN_START;
    /// Waits for the login of a web channel.
    WebLoginWait "web.login.wait" Admin schemas::WEB_LOGIN_WAIT;
    /// Records every frame from now on, in a directory of its own where recordings of this gateway are kept; an extension
    /// of this gateway. `started` is false when one is made already. `dev/RECORDING.md` says what is in it.
    RecordingStart "recording.start" Admin schemas::NO_PARAMS;
    /// Ends the recording, and is answered when it is written; an extension of this gateway. `stopped` is false when none
    /// is made.
    RecordingStop "recording.stop" Admin schemas::NO_PARAMS;
    /// Whether a recording is made (`recording`), its directory (`path`), or that of the last one, and its `lines`, `bytes`,
    /// `missed` events, and, when it could not go on, the `problem`; an extension of this gateway.
    RecordingStatus "recording.status" Admin schemas::NO_PARAMS;
}

/// Served without being listed in `hello-ok`.
const UNLISTED: [Method; 8] = [
    Method::SessionsResolve,
    Method::ChatInject,
    Method::Poll,
    Method::WebLoginStart,
    Method::WebLoginWait,
    Method::RecordingStart,
    Method::RecordingStop,
    Method::RecordingStatus,
];

impl Method {
    /// The methods that `hello-ok` lists; the published gateway serves some without saying so.
    pub fn advertised() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|method| !UNLISTED.contains(method))
    }

    /// Whether it waits for people or for other machines: for minutes, and without work.
    pub const fn waits(self) -> bool {
        matches!(
            self,
            Self::ExecApprovalRequest
                | Self::NodeInvoke
                | Self::ExecApprovalsNodeGet
                | Self::ExecApprovalsNodeSet
        )
    }
}
