//! One request, from its frame to its response.

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use serde_json::Value;
use tracing::Instrument as _;

use super::methods::{
    agents, approvals, channels, chat, config, cron, devices, health, heartbeats, logs, models, nodes,
    recording, runs, sessions, skills, system, talk, tts, update, usage, wizard,
};
use super::payload::Payload;
use crate::gateway::connection::Outbound;
use crate::gateway::connection::handshake::Session;
use crate::gateway::context::{Gateway, VERSION};
use crate::gateway::drain::Phase;
use crate::gateway::traffic::{self, Answered};
use crate::logging::subsystem;
use crate::protocol::error::RpcError;
use crate::protocol::frame::{Request, Response};
use crate::protocol::methods::{self, Method};

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The connection.
    pub(crate) conn_id: Arc<str>,
    /// What it was granted.
    pub(crate) session: Arc<Session>,
}

/// Answers one request. Parameters are never logged.
pub(crate) async fn serve(gateway: Arc<Gateway>, caller: Caller, outbound: Arc<Outbound>, request: Request) {
    // As an error, so that it is there whatever is logged.
    let span =
        tracing::error_span!(target: subsystem::WS, "request", method = request.method, id = request.id);
    answer(gateway, caller, outbound, request).instrument(span).await;
}

async fn answer(gateway: Arc<Gateway>, caller: Caller, outbound: Arc<Outbound>, request: Request) {
    // Nobody waits for what may take minutes: it is told when the gateway restarts.
    let in_flight = (!waits(&request)).then(|| gateway.lifecycle.request());
    let started = Instant::now();
    let id = request.id.clone();
    let method = request.method.clone();
    let (result, is_long) = match methods::admit(caller.session.role, &caller.session.scopes, request) {
        Err(refused) => (Err(refused), false),
        Ok(_) if gateway.lifecycle.phase() >= Phase::Released => {
            (Err(RpcError::unavailable("gateway restarting; reconnect and retry")), false)
        }
        Ok((method, params)) => (call(&gateway, &caller, method, params).await, is_long(method)),
    };
    let took = started.elapsed();
    let error = match &result {
        Ok(payload) => payload.error(),
        Err(error) => Some(error),
    };
    gateway.metrics.answered(Method::parse(&method), error.map(|error| error.code), took);
    let error = error.map(|error| error.message.clone());
    outbound.send(match result {
        Ok(payload) if is_long => encode_off_thread(&id, payload).await,
        Ok(payload) => payload.frame(&id),
        Err(error) => encode(&Response::error(id.as_str(), error)),
    });
    // Until here: a quiescing gateway waits for the answer too.
    drop(in_flight);
    let answered = Answered { method: &method, took, error: error.as_deref() };
    traffic::answered(gateway.live().settings.log.ws, &gateway.failures, &answered);
}

/// Performs a method for a program that has shown the gateway's secret, and so may do everything; its result as a value.
pub(crate) async fn perform(gateway: &Arc<Gateway>, method: &str, params: Value) -> Result<Value, RpcError> {
    let caller = Caller { conn_id: "http".into(), session: Arc::new(Session::of_program(VERSION)) };
    let request = Request { id: String::new(), method: method.to_owned(), params };
    let (method, params) = methods::admit(caller.session.role, &caller.session.scopes, request)?;
    call(gateway, &caller, method, params).await?.into_value()
}

/// Whether a request waits for people or other machines, rather than works.
pub(crate) fn waits(request: &Request) -> bool {
    Method::parse(&request.method).is_some_and(Method::waits)
}

/// A frame as text.
pub(crate) fn encode<P: Serialize>(response: &Response<P>) -> String {
    // Values always serialise; an empty text would be ignored by the client.
    serde_json::to_string(response).unwrap_or_default()
}

/// Whether answers may be megabytes: making text of one would hold everybody else up for milliseconds.
fn is_long(method: Method) -> bool {
    matches!(method, Method::ChatHistory | Method::SessionsList | Method::SessionsPreview | Method::CronList)
}

async fn encode_off_thread(id: &str, payload: Payload) -> String {
    let request_id = id.to_owned();
    let encoded = tokio::task::spawn_blocking(move || payload.frame(&request_id)).await;
    encoded.unwrap_or_else(|error| {
        encode(&Response::error(id, RpcError::unavailable(format!("Error: {error}"))))
    })
}

/// Every method has its handler here, or this does not compile.
async fn call(
    gateway: &Arc<Gateway>,
    caller: &Caller,
    method: Method,
    params: Value,
) -> Result<Payload, RpcError> {
    let session = &*caller.session;
    let value = match method {
        Method::Health => return health::health(gateway, &params).await,
        Method::Status => health::status(gateway).await,
        Method::LogsTail => logs::tail(gateway, params).await,
        Method::ChannelsStatus => Ok(channels::status(gateway)),
        Method::ConfigGet => config::get(gateway).await,
        Method::ConfigSet => config::set(gateway, params).await,
        Method::ConfigApply => config::apply(gateway, params).await,
        Method::ConfigPatch => config::patch(gateway, params).await,
        Method::ConfigSchema => return Ok(config::schema(gateway)),
        Method::ModelsList => Ok(models::list(gateway)),
        Method::AgentsList => Ok(agents::list(gateway)),
        Method::AgentIdentityGet => agents::identity(gateway, params).await,
        Method::SessionsList => return sessions::list(gateway, params).await,
        Method::SessionsPreview => sessions::preview(gateway, params).await,
        Method::SessionsPatch => sessions::patch(gateway, params).await,
        Method::SessionsReset => sessions::reset(gateway, params).await,
        Method::SessionsDelete => sessions::delete(gateway, params).await,
        Method::SessionsCompact => sessions::compact(gateway, params).await,
        Method::SessionsResolve => sessions::resolve(gateway, params).await,
        Method::ChatHistory => chat::history(gateway, params).await,
        Method::ChatInject => sessions::inject(gateway, params).await,
        Method::LastHeartbeat => Ok(heartbeats::last(gateway)),
        Method::SetHeartbeats => heartbeats::set(gateway, &params),
        Method::Wake => heartbeats::wake(gateway, params),
        Method::ExecApprovalsGet => approvals::get(gateway).await,
        Method::ExecApprovalsSet => approvals::set(gateway, params).await,
        Method::ExecApprovalRequest => approvals::request(gateway, &caller.conn_id, params).await,
        Method::ExecApprovalResolve => approvals::resolve(gateway, session, params),
        Method::WizardStart => wizard::start(gateway, params).await,
        Method::WizardNext => wizard::next(gateway, params).await,
        Method::WizardCancel => wizard::cancel(gateway, params),
        Method::WizardStatus => wizard::status(gateway, params),
        Method::TalkMode => talk::mode(gateway, session, params),
        Method::VoicewakeGet => talk::voicewake_get(gateway).await,
        Method::VoicewakeSet => talk::voicewake_set(gateway, &params).await,
        Method::TtsStatus => tts::status(gateway).await,
        Method::TtsProviders => tts::providers(gateway).await,
        Method::TtsEnable => tts::set_enabled(gateway, true).await,
        Method::TtsDisable => tts::set_enabled(gateway, false).await,
        Method::TtsConvert => Err(tts::convert(&params)),
        Method::TtsSetProvider => tts::set_provider(gateway, &params).await,
        Method::UsageStatus => Ok(usage::status(gateway)),
        Method::UsageCost => usage::cost(gateway, &params).await,
        Method::SkillsStatus => skills::status(gateway).await,
        Method::SkillsBins => skills::bins(gateway).await,
        Method::SkillsInstall => return skills::install(gateway, params).await,
        Method::SkillsUpdate => skills::update(gateway, params).await,
        Method::RecordingStart => recording::start(gateway).await,
        Method::RecordingStop => recording::stop(gateway).await,
        Method::RecordingStatus => Ok(recording::status(gateway)),
        Method::UpdateRun => Err(update::run()),
        Method::ChannelsLogout => Err(channels::logout()),
        Method::WebLoginStart | Method::WebLoginWait => Err(channels::web_login()),
        Method::Send => Err(channels::send(&params)),
        Method::Poll => Err(channels::poll(&params)),
        Method::Agent => Err(runs::agent()),
        Method::AgentWait => Ok(runs::wait(&params)),
        Method::ChatSend => runs::chat_send(&params),
        Method::ChatAbort => Ok(runs::nothing_aborted()),
        Method::DevicePairList => Ok(devices::list(gateway)),
        Method::DevicePairApprove => devices::approve(gateway, session, params),
        Method::DevicePairReject => devices::reject(gateway, params),
        Method::DeviceTokenRotate => devices::rotate(gateway, session, params),
        Method::DeviceTokenRevoke => devices::revoke(gateway, params),
        Method::NodeList => Ok(nodes::list(gateway)),
        Method::NodeDescribe => nodes::describe(gateway, &params),
        Method::NodeInvoke => return nodes::invoke(gateway, session, params).await,
        Method::NodeInvokeResult => nodes::result(gateway, caller, params),
        Method::NodeEvent => nodes::event(gateway, caller, params),
        Method::NodeRename => nodes::rename(gateway, &params).await,
        Method::NodePairRequest => nodes::request(gateway, params).await,
        Method::NodePairList => nodes::pairings(gateway).await,
        Method::NodePairApprove => nodes::approve(gateway, &params).await,
        Method::NodePairReject => nodes::reject(gateway, &params).await,
        Method::NodePairVerify => nodes::verify(gateway, &params).await,
        Method::ExecApprovalsNodeGet => nodes::approvals_get(gateway, &params).await,
        Method::ExecApprovalsNodeSet => nodes::approvals_set(gateway, &params).await,
        Method::CronList => return cron::list(gateway, &params).await,
        Method::CronStatus => cron::status(gateway).await,
        Method::CronAdd => cron::add(gateway, params).await,
        Method::CronUpdate => cron::update(gateway, params).await,
        Method::CronRemove => cron::remove(gateway, params).await,
        Method::CronRun => cron::run(gateway, params).await,
        Method::CronRuns => cron::runs(gateway, &params).await,
        Method::SystemPresence => Ok(system::presence(gateway)),
        Method::SystemEvent => system::event(gateway, params),
    };
    value.map(Payload::Value)
}
