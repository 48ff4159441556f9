//! The body of a request, read whole within bounds of size and time: nobody fills the memory, or holds a place by
//! sending a byte now and then.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures_util::StreamExt as _;

/// How long a body may take. Generous for 2 MiB over a slow line; a connection that stays plain has a minute anyway.
pub(super) const TIME: Duration = Duration::from_secs(30);

/// Why a body was not read to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadBody {
    /// It is larger than its endpoint takes. The published gateway cuts the connection off instead of saying so.
    #[error("request body larger than {limit} bytes")]
    TooLarge {
        /// Most bytes.
        limit: usize,
    },
    /// It did not come in time.
    #[error("request body not received within {} s", within.as_secs())]
    TooSlow {
        /// Most time.
        within: Duration,
    },
    /// The client has gone, or what it sends is no body.
    #[error("request body could not be read: {0}")]
    Broken(String),
}

// === impl BadBody ===

impl BadBody {
    /// What it is answered with.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Broken(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads a body of at most `limit` bytes within `time`. One that announces more is not read at all.
pub(super) async fn read(body: Body, limit: usize, time: Duration) -> Result<Bytes, BadBody> {
    let announced = announced(&body);
    if announced.is_some_and(|bytes| bytes > limit as u64) {
        return Err(BadBody::TooLarge { limit });
    }
    tokio::time::timeout(time, collect(body, limit)).await.unwrap_or(Err(BadBody::TooSlow { within: time }))
}

/// The length that the head announces.
fn announced(body: &Body) -> Option<u64> {
    hyper::body::Body::size_hint(body).exact()
}

async fn collect(body: Body, limit: usize) -> Result<Bytes, BadBody> {
    let mut pieces = body.into_data_stream();
    let mut whole: Vec<u8> = Vec::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| BadBody::Broken(error.to_string()))?;
        if piece.len() > limit - whole.len() {
            return Err(BadBody::TooLarge { limit });
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        for (text, limit, expected) in
            [("", 0, Ok("")), ("four", 4, Ok("four")), ("four", 3, Err(BadBody::TooLarge { limit: 3 }))]
        {
            let expected = expected.map(Bytes::from);
            assert_eq!(read(Body::from(text), limit, TIME).await, expected, "{text}");
            // The same without a length beforehand.
            let pieces = text.chars().map(|letter| Ok::<_, io::Error>(letter.to_string()));
            let body = Body::from_stream(stream::iter(pieces.collect::<Vec<_>>()));
            assert_eq!(read(body, limit, TIME).await, expected, "{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_end_is_given_up() {
        let first = stream::iter([Ok::<_, io::Error>("x")]);
        let body = Body::from_stream(first.chain(stream::pending()));
        assert_eq!(read(body, 10, TIME).await, Err(BadBody::TooSlow { within: TIME }));
        let cut = stream::iter([Ok("x"), Err(io::Error::other("gone"))]);
        let broken = read(Body::from_stream(cut), 10, TIME).await.unwrap_err();
        assert_eq!(broken.status(), StatusCode::BAD_REQUEST);
    }
}
