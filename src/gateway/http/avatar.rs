//! `GET <base>/avatar/AGENT`: an agent's picture out of its workspace, and with `?meta=1` where its picture is
//! (`wire-protocol` E.3). Like the Control UI, to which it belongs, it is for everybody who may reach the port.

use std::io;
use std::path::{Component, Path};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::answers;
use super::control_ui::{Content, Files, Lookup, content_type};
use super::exchange::Exchange;
use crate::gateway::assistant::Picture;
use crate::gateway::context::Gateway;

/// The largest picture that is served, in bytes.
const LARGEST: u64 = 5 << 20;

/// Longest agent id.
const ID_MAX: usize = 64;

/// Answers when the path is one of a picture.
pub(super) async fn answer(exchange: &mut Exchange) -> Option<Response> {
    let live = exchange.gateway.live();
    let settings = &live.settings.control_ui;
    if !settings.enabled || !exchange.is_read() {
        return None;
    }
    let below = exchange.path().strip_prefix(settings.base_path.as_str())?.strip_prefix("/avatar/")?;
    let Some(agent) = agent_id(below) else { return Some(answers::not_found()) };
    let gateway = Arc::clone(&exchange.gateway);
    let is_meta = exchange.parameter("meta").as_deref() == Some("1");
    let base_path = settings.base_path.clone();
    let found = tokio::task::spawn_blocking(move || {
        let picture = gateway.picture(&agent);
        if is_meta {
            Ok(meta(&gateway, &agent, picture, &base_path))
        } else {
            local(&gateway, &agent, picture)
        }
    });
    Some(match found.await.map_err(io::Error::other).flatten() {
        Ok(answer) => answer,
        Err(error) => {
            tracing::warn!(%error, "failed to read an avatar");
            answers::not_found()
        }
    })
}

/// Where the picture is.
fn meta(gateway: &Gateway, agent: &str, picture: Option<Picture>, base_path: &str) -> Response {
    let url = match picture {
        Some(Picture::Url(url)) => Some(url),
        Some(Picture::File(file)) => {
            let is_there = open(gateway, agent, &file).is_ok_and(|found| found.is_some());
            is_there.then(|| format!("{base_path}/avatar/{agent}"))
        }
        None => None,
    };
    let mut answer = answers::json(StatusCode::OK, &json!({ "avatarUrl": url }));
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}

/// The picture, when it is a file.
fn local(gateway: &Gateway, agent: &str, picture: Option<Picture>) -> io::Result<Response> {
    let Some(Picture::File(file)) = picture else { return Ok(answers::not_found()) };
    let Some(content) = open(gateway, agent, &file)? else { return Ok(answers::not_found()) };
    let headers = [(header::CONTENT_TYPE, content_type(&file)), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, Body::from(content)).into_response())
}

/// Opens a picture of a workspace; `None` when it is none, or not of the workspace.
fn open(gateway: &Gateway, agent: &str, file: &str) -> io::Result<Option<Vec<u8>>> {
    let Some(workspace) = gateway.workspace_of(agent).filter(|_| is_picture(file)) else { return Ok(None) };
    let Lookup::Found(opened) = Files::open(&workspace, file)? else { return Ok(None) };
    if opened.length() > LARGEST {
        return Ok(None);
    }
    Ok(Some(match opened.content()? {
        Content::Whole(bytes) => bytes,
        Content::Long(file, length) => {
            let mut bytes = Vec::new();
            io::Read::read_to_end(&mut io::Read::take(file, length), &mut bytes)?;
            bytes
        }
    }))
}

/// Whether a file is a picture by its name, and named from the workspace on without a detour.
fn is_picture(file: &str) -> bool {
    let is_plain =
        Path::new(file).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    is_plain && content_type(file).starts_with("image/")
}

/// The id of an agent as it stands in a path.
fn agent_id(text: &str) -> Option<String> {
    let is_legal = |(place, letter): (usize, char)| {
        letter.is_ascii_alphanumeric() || (place > 0 && (letter == '_' || letter == '-'))
    };
    let is_id = !text.is_empty() && text.len() <= ID_MAX && text.char_indices().all(is_legal);
    is_id.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_agents() {
        let (longest, longer) = ("x".repeat(64), "x".repeat(65));
        for (text, expected) in [
            ("main", Some("main")),
            ("My-Agent_2", Some("my-agent_2")),
            ("0", Some("0")),
            (longest.as_str(), Some(longest.as_str())),
            (longer.as_str(), None),
            ("", None),
            ("-a", None),
            ("a/b", None),
            ("a%20b", None),
            ("..", None),
            ("ü", None),
        ] {
            assert_eq!(agent_id(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn only_pictures_of_the_workspace() {
        for (file, expected) in [
            ("avatar.png", true),
            ("./pictures/me.WEBP", true),
            ("../me.png", false),
            ("pictures/../../me.png", false),
            ("/etc/me.png", false),
            ("IDENTITY.md", false),
            ("me.png.txt", false),
            ("", false),
        ] {
            assert_eq!(is_picture(file), expected, "{file}");
        }
    }
}
