//! The task of a [`super::Client`]: it owns the connection, hands out answers and events, and connects again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};

use super::backoff::{Backoff, RESTART};
use super::connect::resume;
use super::connection::{Connection, EventFrame};
use super::error::ClientError;
use super::events::{Happening, Teller};
use super::handle::Call;
use super::options::ConnectOptions;
use super::wire::Frame;
use crate::protocol::close::Close;
use crate::protocol::hello::HelloOk;
use crate::protocol::replay::Resume;

type Answer = oneshot::Sender<Result<Value, ClientError>>;

/// What the task owns besides the connection.
#[derive(Debug)]
pub(super) struct Driver {
    options: ConnectOptions,
    calls: mpsc::Receiver<Call>,
    teller: Teller,
    hello: watch::Sender<Arc<HelloOk>>,
    /// Where the next connection goes on; `None` with a gateway that replays nothing.
    place: Option<Resume>,
}

/// How a connection ended.
enum End {
    /// The handle is gone.
    Done(Box<Connection>),
    /// The connection is gone; how long a restart takes, if one was announced.
    Lost { error: ClientError, restart: Option<Duration> },
}

impl Driver {
    pub(super) fn new(
        options: ConnectOptions,
        calls: mpsc::Receiver<Call>,
        teller: Teller,
        hello: watch::Sender<Arc<HelloOk>>,
    ) -> Self {
        let place = Resume::after(&hello.borrow());
        Self { options, calls, teller, hello, place }
    }

    /// Serves one connection until it ends.
    async fn serve(&mut self, mut connection: Connection) -> End {
        let mut under_way: HashMap<String, Answer> = HashMap::new();
        let mut announced = None;
        let mut early = connection.take_waiting();
        let error = loop {
            if let Some(event) = early.pop_front() {
                self.event(event, &mut announced);
                continue;
            }
            tokio::select! {
                call = self.calls.recv() => {
                    let Some(call) = call else { return End::Done(Box::new(connection)) };
                    if call.answer.is_closed() {
                        continue;
                    }
                    // Nobody waits any more for what timed out.
                    under_way.retain(|_, answer| !answer.is_closed());
                    match connection.send(&call.method, call.params, call.deadline).await {
                        Ok(id) => drop(under_way.insert(id, call.answer)),
                        // Half a frame may be on its way: nothing can follow it.
                        Err(error) => break error,
                    }
                }
                frame = connection.next_frame() => match frame {
                    Ok(Frame::Event(event)) => self.event(event, &mut announced),
                    Ok(Frame::Response { id, result }) => {
                        if let Some(answer) = under_way.remove(&id) {
                            // Whoever asked may have gone.
                            let _ = answer.send(result.map_err(ClientError::Rpc));
                        }
                    }
                    Err(error) => break error,
                },
            }
        };
        for (_, answer) in under_way {
            let _ = answer.send(Err(error.clone()));
        }
        let restarts =
            matches!(&error, ClientError::Closed(close) if close.code == Close::service_restart().code);
        End::Lost { error, restart: announced.or(restarts.then_some(RESTART)) }
    }

    /// There is a connection again.
    fn connected(&mut self, hello: HelloOk) {
        let is_resumed = hello.replay.as_ref().is_some_and(|replay| replay.resumed);
        self.place = Resume::after(&hello);
        self.hello.send_replace(Arc::new(hello.clone()));
        self.teller.tell(Happening::Connected(Box::new(hello)));
        if !is_resumed {
            self.teller.tell(Happening::Gap);
        }
    }

    fn event(&mut self, event: EventFrame, announced: &mut Option<Duration>) {
        if event.event == "shutdown" {
            // Without a number it stops, and when it comes back is anybody's guess.
            *announced = event.payload["restartExpectedMs"].as_u64().map(Duration::from_millis);
        }
        if let (Some(place), Some(seq)) = (&mut self.place, event.seq) {
            place.seq = seq;
        }
        self.teller.tell(Happening::Event(event));
    }

    /// Waits and tries until there is a connection. `None` when the handle is gone.
    async fn reconnect(
        &mut self,
        mut error: ClientError,
        mut backoff: Backoff,
    ) -> Option<Result<Connection, ClientError>> {
        loop {
            let is_final = error.is_permanent();
            let wait = backoff.wait(chance());
            let retry_in = (!is_final).then_some(wait);
            self.teller.tell(Happening::Disconnected { error: error.clone(), retry_in });
            if is_final {
                return Some(Err(error));
            }
            tokio::time::sleep(wait).await;
            let connected = resume(&self.options, self.place.as_ref()).await;
            // Calls wait in their queue; a closed one tells that nobody is left to make any.
            if self.calls.is_closed() {
                return None;
            }
            match connected {
                Ok(connection) => return Some(Ok(connection)),
                Err(next) => error = next,
            }
        }
    }
}

/// Runs until the handle is gone, or until connecting again makes no sense: then it returns why.
pub(super) async fn drive(mut driver: Driver, mut connection: Connection) -> Option<ClientError> {
    loop {
        let (error, restart) = match driver.serve(connection).await {
            End::Done(connection) => {
                connection.close().await;
                return None;
            }
            End::Lost { error, restart } => (error, restart),
        };
        let backoff = restart.map_or_else(Backoff::new, Backoff::restart);
        connection = match driver.reconnect(error, backoff).await? {
            Ok(connection) => connection,
            Err(error) => return Some(error),
        };
        driver.connected(connection.hello().clone());
    }
}

/// A number between 0 and 1. Without randomness all clients come back together, and nothing else is worse for it.
fn chance() -> f64 {
    getrandom::u32().map_or(0.0, |random| f64::from(random) / f64::from(u32::MAX))
}
