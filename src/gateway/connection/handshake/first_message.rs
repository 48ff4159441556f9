//! Text of the first message → parameters of `connect`.

use serde_json::{Value, json};

use crate::protocol::close::Close;
use crate::protocol::connect::ConnectParams;
use crate::protocol::error::RpcError;
use crate::protocol::frame::{BadFrame, Request, Response};

/// A first message that ends the connection.
#[derive(Debug, Clone, PartialEq)]
pub struct BadFirstMessage {
    /// What to answer before closing, if anything.
    pub response: Option<Response>,
    /// How to close.
    pub close: Close,
}

/// Reads the first message: the request's id and the parameters.
pub fn read_connect(text: &str) -> Result<(String, ConnectParams), Box<BadFirstMessage>> {
    let silent = |close| Box::new(BadFirstMessage { response: None, close });
    let request = Request::parse(text).map_err(|bad| match bad {
        BadFrame::NotJson => silent(Close::silent()),
        BadFrame::Invalid { .. } => silent(Close::policy("invalid request frame")),
    })?;
    let refused = |id: &str, error: RpcError| {
        let close = Close::policy(&error.message);
        Box::new(BadFirstMessage { response: Some(Response::error(Value::from(id), error)), close })
    };
    if request.method != "connect" {
        let error = RpcError::invalid("invalid handshake: first request must be connect")
            .with_details(json!({ "allowed": ["connect"] }));
        return Err(refused(&request.id, error));
    }
    match ConnectParams::parse(request.params) {
        Ok(params) => Ok((request.id, params)),
        Err(error) => Err(refused(&request.id, error)),
    }
}
