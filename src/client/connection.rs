//! An established connection.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

use super::error::ClientError;
use super::wire::{Deadline, Frame, Wire};
use crate::protocol::frame::StateVersion;
use crate::protocol::hello::HelloOk;

/// Events that wait to be asked for; of more than this the oldest are dropped.
const MAX_WAITING_EVENTS: usize = 1024;

/// An event as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct EventFrame {
    /// Its name.
    pub event: String,
    /// Its payload; `null` when there is none.
    pub payload: Value,
    /// Its number.
    pub seq: Option<u64>,
    /// Versions of the state; only on `presence` and `health`.
    pub state_version: Option<StateVersion>,
}

/// A connection to a gateway, after `hello-ok`. Dropping it closes the socket without a close frame.
#[derive(Debug)]
pub struct Connection {
    wire: Wire,
    hello: HelloOk,
    waiting: VecDeque<EventFrame>,
    requests: u64,
}

impl Connection {
    pub(super) fn new(wire: Wire, hello: HelloOk, waiting: VecDeque<EventFrame>) -> Self {
        Self { wire, hello, waiting, requests: 0 }
    }

    /// What the gateway said at the start.
    pub fn hello(&self) -> &HelloOk {
        &self.hello
    }

    /// Calls a method and waits for its answer. Events that arrive meanwhile wait for [`Self::next_event`].
    ///
    /// After a time-out the connection can be used on; a late answer is ignored.
    pub async fn request(
        &mut self,
        method: &str,
        params: Value,
        timeout: Duration,
    ) -> Result<Value, ClientError> {
        let deadline = Deadline::after(timeout);
        let id = self.send(method, params, deadline).await?;
        loop {
            match self.wire.next_until(deadline).await? {
                Frame::Response { id: answered, result } if answered == id => {
                    return result.map_err(ClientError::Rpc);
                }
                Frame::Response { .. } => {}
                Frame::Event(event) => {
                    if self.waiting.len() == MAX_WAITING_EVENTS {
                        self.waiting.pop_front();
                    }
                    self.waiting.push_back(event);
                }
            }
        }
    }

    /// The next event, in the order of arrival. Cancel safe, so that it can be given a time-out.
    pub async fn next_event(&mut self) -> Result<EventFrame, ClientError> {
        if let Some(event) = self.waiting.pop_front() {
            return Ok(event);
        }
        loop {
            if let Frame::Event(event) = self.wire.next().await? {
                return Ok(event);
            }
        }
    }

    /// Sends a request; returns its id.
    pub(super) async fn send(
        &mut self,
        method: &str,
        params: Value,
        deadline: Deadline,
    ) -> Result<String, ClientError> {
        self.requests += 1;
        let id = format!("r{}", self.requests);
        self.wire.send(&id, method, params, deadline).await?;
        Ok(id)
    }

    /// The next response or event from the socket. Cancel safe.
    pub(super) async fn next_frame(&mut self) -> Result<Frame, ClientError> {
        self.wire.next().await
    }

    /// The events that arrived before anybody asked for them.
    pub(super) fn take_waiting(&mut self) -> VecDeque<EventFrame> {
        std::mem::take(&mut self.waiting)
    }

    /// Says goodbye.
    pub async fn close(self) {
        self.wire.close().await;
    }
}
