//! The handle of a client that stays connected.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::connect::resume;
use super::driver::{Driver, drive};
use super::error::ClientError;
use super::events::{Events, events};
use super::options::ConnectOptions;
use super::wire::Deadline;
use crate::protocol::hello::HelloOk;

/// Requests that wait for the driver. When so many wait, [`Client::request`] waits as well, until its deadline.
const WAITING: usize = 64;

/// A client that connects again when its connection ends.
///
/// One task belongs to it, which ends when it is dropped. Requests may be made by many tasks at once. One that is
/// under way when the connection ends fails with the reason and is not repeated, because nobody knows whether it was
/// carried out; one that is made meanwhile waits for the next connection, until its deadline. Events that the gateway
/// sends meanwhile follow after the next connection, across a reload too; [`crate::client::Happening::Gap`] tells when
/// they cannot.
#[derive(Debug)]
pub struct Client {
    calls: mpsc::Sender<Call>,
    hello: watch::Receiver<Arc<HelloOk>>,
    ended: watch::Receiver<Option<ClientError>>,
    task: JoinHandle<()>,
}

/// A request on its way to the driver.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) params: Value,
    pub(super) deadline: Deadline,
    pub(super) answer: oneshot::Sender<Result<Value, ClientError>>,
}

impl Client {
    /// Connects, and stays connected. Must be called within a tokio runtime.
    ///
    /// Only the first connection is the caller's business: when it fails, there is no client.
    pub async fn connect(options: ConnectOptions) -> Result<(Self, Events), ClientError> {
        let connection = resume(&options, None).await?;
        let (teller, events) = events();
        let (calls, waiting) = mpsc::channel(WAITING);
        let (hello_sender, hello) = watch::channel(Arc::new(connection.hello().clone()));
        let (ended_sender, ended) = watch::channel(None);
        let driver = Driver::new(options, waiting, teller, hello_sender);
        let task = tokio::spawn(async move {
            let error = drive(driver, connection).await;
            ended_sender.send_replace(error);
        });
        Ok((Self { calls, hello, ended, task }, events))
    }

    /// What the gateway said at the start of the present connection, or of the last one.
    pub fn hello(&self) -> Arc<HelloOk> {
        Arc::clone(&self.hello.borrow())
    }

    /// Calls a method and waits for its answer. Cancel safe: when it is dropped, the answer is ignored; the gateway may
    /// carry it out all the same.
    pub async fn request(
        &self,
        method: &str,
        params: Value,
        timeout: Duration,
    ) -> Result<Value, ClientError> {
        let deadline = Deadline::after(timeout);
        let (answer, answered) = oneshot::channel();
        let call = Call { method: method.to_owned(), params, deadline, answer };
        let asked = async {
            if self.calls.send(call).await.is_err() {
                return Err(self.why_ended());
            }
            answered.await.unwrap_or_else(|_| Err(self.why_ended()))
        };
        deadline.wait_for(asked).await
    }

    /// Says goodbye and ends the task. Dropping the client ends it as well, without a close frame.
    pub async fn close(mut self) {
        let (closed, _) = mpsc::channel(1);
        self.calls = closed;
        // A driver that does not come to an end is ended by dropping the rest of the client.
        let _ = tokio::time::timeout(Duration::from_secs(1), &mut self.task).await;
    }

    fn why_ended(&self) -> ClientError {
        self.ended.borrow().clone().unwrap_or(ClientError::Dropped)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.task.abort();
    }
}
