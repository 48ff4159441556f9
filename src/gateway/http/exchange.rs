//! A plain request on its way to whoever answers it.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::Query;
use axum::http::request::Parts;
use axum::http::{Method, Request};

use super::body::{self, BadBody};
use super::peer;
use crate::auth::locality::{Ends, PeerFacts};
use crate::gateway::context::Gateway;

/// A request that looks for its endpoint.
pub(super) struct Exchange {
    /// Who is asked.
    pub(super) gateway: Arc<Gateway>,
    /// Everything but the body.
    pub(super) head: Parts,
    body: Body,
}

// === impl Exchange ===

impl Exchange {
    /// A request as it came.
    pub(super) fn new(gateway: Arc<Gateway>, request: Request<Body>) -> Self {
        let (head, body) = request.into_parts();
        Self { gateway, head, body }
    }

    /// The path as it was sent, with its percent signs.
    pub(super) fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// The first value of a parameter behind the `?`, decoded. What cannot be decoded counts as absent.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&self.head.uri).ok()?;
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Whether only an answer is wanted, and nothing done.
    pub(super) fn is_read(&self) -> bool {
        self.head.method == Method::GET || self.head.method == Method::HEAD
    }

    /// A header, when it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// Where the request really comes from.
    pub(super) fn peer(&self) -> PeerFacts {
        match self.head.extensions.get::<Ends>() {
            Some(ends) => peer::facts(&self.gateway, *ends, &self.head.headers),
            // Without a connection there is nobody whom anything could be granted to.
            None => PeerFacts { is_local: false, is_local_direct: false, ..PeerFacts::local() },
        }
    }

    /// The body, of at most `limit` bytes. There is none a second time.
    pub(super) async fn body(&mut self, limit: usize) -> Result<Bytes, BadBody> {
        body::read(std::mem::take(&mut self.body), limit, body::TIME).await
    }
}
