//! The canvas over HTTP: static files, never stored by anybody on the way.

use std::io;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::exchange::Exchange;
use super::{answers, control_ui};
use crate::gateway::canvas::{self, Address, Content, EMPTY, Lookup, Served, Source};
use crate::profile::vars;
use crate::settings::CanvasSettings;

/// Where the published program keeps the renderer of A2UI.
const A2UI: &str = "dist/canvas-host/a2ui";

const A2UI_MISSING: &str = "A2UI is not served: it comes with the published program, which is not installed where PATH \
                            leads. Install it (npm install -g clawdbot) and ask again.";

/// Answers a request for the canvas; `None` when it is not for it, or the canvas is off.
pub(super) async fn serve(exchange: &mut Exchange) -> Option<Response> {
    let path = exchange.path().to_owned();
    let address = canvas::address(&path)?;
    let live = exchange.gateway.live();
    let settings = live.settings.canvas.as_ref()?;
    Some(match address {
        Address::Socket => answers::text(StatusCode::UPGRADE_REQUIRED, "upgrade required"),
        _ if !exchange.is_read() => answers::method_not_allowed("GET, HEAD"),
        Address::Canvas(rest) => pages(exchange, settings, rest).await,
        Address::A2ui(rest) => a2ui(exchange, settings, rest).await,
    })
}

async fn pages(exchange: &mut Exchange, settings: &CanvasSettings, rest: &str) -> Response {
    if settings.is_outside() {
        return outside();
    }
    let source = Source {
        root: settings.root.clone(),
        within: settings.within.clone(),
        live_reload: settings.live_reload,
        empty: Some(EMPTY),
    };
    file(exchange, source, rest).await
}

/// The renderer of A2UI is not ours: it is served from an installation of the published program.
async fn a2ui(exchange: &mut Exchange, settings: &CanvasSettings, rest: &str) -> Response {
    let path = exchange.gateway.live().env.raw(vars::PATH).map(str::to_owned);
    let found = tokio::task::spawn_blocking(move || control_ui::installed(A2UI, path.as_deref())).await;
    let Ok(Some(root)) = found else {
        return answers::text(StatusCode::SERVICE_UNAVAILABLE, A2UI_MISSING);
    };
    let source = Source { root, within: None, live_reload: settings.live_reload, empty: None };
    file(exchange, source, rest).await
}

async fn file(exchange: &mut Exchange, source: Source, rest: &str) -> Response {
    let Some(relative) = canvas::names(rest) else { return not_found() };
    let is_directory = rest.ends_with('/');
    let found = tokio::task::spawn_blocking(move || canvas::look_up(&source, &relative, is_directory)).await;
    match found.map_err(io::Error::other) {
        Ok(Lookup::Found(served)) => sent(served),
        Ok(Lookup::Nothing) => not_found(),
        Ok(Lookup::Outside) => outside(),
        Ok(Lookup::Failed(error)) | Err(error) => {
            tracing::warn!(%error, path = exchange.path(), "failed to read a page of the canvas");
            answers::text(StatusCode::INTERNAL_SERVER_ERROR, "error")
        }
    }
}

fn sent(Served { name, content }: Served) -> Response {
    let content = match content {
        Content::Whole(bytes) => control_ui::Content::Whole(bytes),
        Content::Open(file, length) => control_ui::Content::Long(file, length),
    };
    let mut headers = HeaderMap::new();
    for (header, value) in [
        (header::CONTENT_TYPE, control_ui::content_type(&name.to_string_lossy())),
        (header::CACHE_CONTROL, "no-store"),
        // Pages may load and run whatever they like; what they must not be is part of somebody else's.
        (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'self'"),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    ] {
        headers.insert(header, HeaderValue::from_static(value));
    }
    let body = control_ui::body(content, &mut headers);
    (headers, body).into_response()
}

fn not_found() -> Response {
    answers::text(StatusCode::NOT_FOUND, "not found")
}

fn outside() -> Response {
    answers::text(
        StatusCode::SERVICE_UNAVAILABLE,
        "the canvas is not served: in dev mode canvasHost.root has to lie in the development workspace",
    )
}
