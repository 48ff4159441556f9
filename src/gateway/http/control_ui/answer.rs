//! Requests of the Control UI.

use std::io::{self, Read as _};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;

use super::document::{self, Told};
use super::files::{Content, Files, Lookup, Opened};
use super::kind::content_type;
use super::page;
use super::target::{INDEX, Target, resolve};
use crate::gateway::context::Gateway;
use crate::gateway::http::answers;
use crate::gateway::http::exchange::Exchange;
use crate::profile::vars;

/// A file is sent in pieces of this size.
const PIECE: usize = 64 * 1024;

/// A file with everything that is said about it.
#[derive(Debug)]
struct Sent {
    kind: &'static str,
    etag: String,
    policy: String,
    /// `None` when the client has it.
    content: Option<Content>,
}

/// What became of a look.
#[derive(Debug)]
enum Outcome {
    Sent(Sent),
    Refused,
    NoFiles,
}

/// Answers when the path is below the base path, and to everything that is no `GET`, as the last one who could.
pub(in crate::gateway::http) async fn answer(exchange: &mut Exchange) -> Option<Response> {
    let live = exchange.gateway.live();
    let settings = &live.settings.control_ui;
    if !settings.enabled {
        return None;
    }
    if !exchange.is_read() {
        return Some(answers::method_not_allowed("GET, HEAD"));
    }
    let name = match resolve(exchange.path(), &settings.base_path) {
        Target::Elsewhere => return None,
        Target::Refused => return Some(answers::not_found()),
        Target::Directory => return Some(into_directory(exchange, &settings.base_path)),
        Target::File(name) => name,
    };
    let gateway = Arc::clone(&exchange.gateway);
    let known = exchange.header(header::IF_NONE_MATCH.as_str()).map(str::to_owned);
    let looked = tokio::task::spawn_blocking(move || look(&gateway, &name, known.as_deref()));
    Some(match looked.await.map_err(io::Error::other).flatten() {
        Ok(Outcome::Sent(sent)) => send(sent),
        Ok(Outcome::Refused) => answers::not_found(),
        Ok(Outcome::NoFiles) => page::answer(exchange),
        Err(error) => {
            tracing::warn!(path = exchange.path(), %error, "failed to read a file of the Control UI");
            answers::text(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
    })
}

/// `<base>` → `<base>/`, with what stands behind the `?`.
fn into_directory(exchange: &Exchange, base_path: &str) -> Response {
    let query = exchange.head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    match HeaderValue::try_from(format!("{base_path}/{query}")) {
        Ok(place) => (StatusCode::FOUND, [(header::LOCATION, place)]).into_response(),
        // A base path that cannot be written down leads nowhere.
        Err(_) => answers::not_found(),
    }
}

/// Finds the file, or the one that stands for all views. Blocks.
fn look(gateway: &Gateway, name: &str, known: Option<&str>) -> io::Result<Outcome> {
    let live = gateway.live();
    let ui = &gateway.control_ui;
    let configured = live.settings.control_ui.root.as_deref();
    let Some(root) = ui.root(configured, live.env.raw(vars::PATH)) else { return Ok(Outcome::NoFiles) };
    if name != INDEX {
        match Files::open(&root, name)? {
            Lookup::Found(opened) => return file(&ui.files, opened, name, known).map(Outcome::Sent),
            Lookup::Refused => return Ok(Outcome::Refused),
            Lookup::Missing => {}
        }
    }
    match Files::open(&root, INDEX)? {
        Lookup::Found(opened) => index(gateway, opened, known).map(Outcome::Sent),
        Lookup::Refused => Ok(Outcome::Refused),
        Lookup::Missing => {
            ui.tell_missing(&root);
            Ok(Outcome::NoFiles)
        }
    }
}

/// A file as it is.
fn file(files: &Files, mut opened: Opened, name: &str, known: Option<&str>) -> io::Result<Sent> {
    let digest = files.digest(&mut opened)?;
    let etag = etag(&digest.hash);
    let is_known = known.is_some_and(|known| names(known, &etag));
    let content = if is_known { None } else { Some(opened.content()?) };
    Ok(Sent { kind: content_type(name), etag, policy: document::policy(&digest.scripts), content })
}

/// The page of every view, with what it has to know about this gateway.
fn index(gateway: &Gateway, opened: Opened, known: Option<&str>) -> io::Result<Sent> {
    let script = told(gateway).script();
    let mut sent = file(&gateway.control_ui.files, opened, INDEX, None)?;
    // Another name of the assistant is another page.
    sent.etag = etag(&blake3::hash([sent.etag.as_str(), &script].concat().as_bytes()));
    sent.policy =
        sent.policy.replacen("script-src", &format!("script-src {}", document::source_of(&script)), 1);
    if known.is_some_and(|known| names(known, &sent.etag)) {
        sent.content = None;
        return Ok(sent);
    }
    let mut page = Vec::new();
    match sent.content.take() {
        Some(Content::Whole(bytes)) => page = bytes,
        Some(Content::Long(file, length)) => {
            file.take(length).read_to_end(&mut page)?;
        }
        None => {}
    }
    let page = document::with_script(&String::from_utf8_lossy(&page), &script);
    sent.content = Some(Content::Whole(page.into_bytes()));
    Ok(sent)
}

/// What the interface is told.
fn told(gateway: &Gateway) -> Told {
    let live = gateway.live();
    let base_path = live.settings.control_ui.base_path.clone();
    let shown = gateway.shown(live.roster.default_id());
    let is_local = shown.avatar.starts_with("/avatar/");
    let avatar = if is_local { format!("{base_path}{}", shown.avatar) } else { shown.avatar };
    Told { base_path, name: shown.name, avatar }
}

fn send(sent: Sent) -> Response {
    let Sent { kind, etag, policy, content } = sent;
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let (status, body) = match content {
        None => (StatusCode::NOT_MODIFIED, Body::empty()),
        Some(content) => {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            (StatusCode::OK, body(content, &mut headers))
        }
    };
    for (name, value) in [(header::ETAG, etag), (header::CONTENT_SECURITY_POLICY, policy)] {
        // Both are ASCII.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    (status, headers, body).into_response()
}

/// What is sent, and how long it is.
pub(in crate::gateway::http) fn body(content: Content, headers: &mut HeaderMap) -> Body {
    let (file, length) = match content {
        Content::Whole(bytes) => {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            return Body::from(bytes);
        }
        Content::Long(file, length) => (file, length),
    };
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    Body::from_stream(stream::try_unfold((file, length), |(file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::with_capacity(PIECE);
            (&file).take(left.min(PIECE as u64)).read_to_end(&mut piece).map(|_| (piece, file))
        });
        let (piece, file) = read.await.map_err(io::Error::other).flatten()?;
        if piece.is_empty() {
            // What was announced cannot be sent any more; only the end of the connection says so.
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        let left = left - piece.len() as u64;
        Ok(Some((Bytes::from(piece), (file, left))))
    }))
}

fn etag(hash: &blake3::Hash) -> String {
    format!("\"{}\"", &hash.to_hex()[..32])
}

/// Whether `If-None-Match` names this content. A weak name will do: what is compared is whether it has changed.
fn names(known: &str, etag: &str) -> bool {
    known.trim() == "*" || known.split(',').any(|name| name.trim().trim_start_matches("W/") == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_has() {
        for (known, expected) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
            ("", false),
        ] {
            assert_eq!(names(known, "\"a\""), expected, "{known}");
        }
    }
}
