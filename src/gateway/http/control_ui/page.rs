//! The page that is shown when there are no files: what is running, and how to get them. It has nothing secret in it and
//! needs no script.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::document::source_of;
use crate::gateway::context::VERSION;
use crate::gateway::http::answers;
use crate::gateway::http::exchange::Exchange;

/// The page, with places to fill in.
const PAGE: &str = include_str!("page.html");

/// For programs, which read no pages. The first sentence is the published one.
const SENTENCE: &str = "Control UI assets not found. Build them with the published package (npm install -g clawdbot \
                        installs them built), or set gateway.controlUi.root to their directory.";

/// The page for people, a sentence for programs; 503 for both, as in the published gateway.
pub(super) fn answer(exchange: &Exchange) -> Response {
    let wants_page =
        exchange.header(header::ACCEPT.as_str()).is_some_and(|kinds| kinds.contains("text/html"));
    if !wants_page {
        return answers::text(StatusCode::SERVICE_UNAVAILABLE, SENTENCE);
    }
    let host = exchange.header(header::HOST.as_str()).unwrap_or("this address");
    let live = exchange.gateway.live();
    let scheme = if live.settings.tls.is_some() { "wss" } else { "ws" };
    let page = fill(&[
        ("{url}", &format!("{scheme}://{host}")),
        ("{version}", VERSION),
        ("{generation}", &exchange.gateway.generation.to_string()),
        ("{uptime}", &span(exchange.gateway.uptime_ms())),
        ("{command}", &exchange.gateway.paths.command()),
    ]);
    let policy =
        format!("default-src 'none'; style-src {}; base-uri 'none'; frame-ancestors 'none'", style());
    let mut answer = (StatusCode::SERVICE_UNAVAILABLE, axum::response::Html(page)).into_response();
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // It is ASCII.
    if let Ok(policy) = HeaderValue::try_from(policy) {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

fn fill(values: &[(&str, &str)]) -> String {
    values.iter().fold(PAGE.to_owned(), |page, (place, value)| page.replace(place, &escaped(value)))
}

/// The style that stands in the page, as its policy names it.
fn style() -> String {
    let style = PAGE.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
    source_of(style.map_or("", |(style, _)| style))
}

/// A text that is nothing but text in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A time as people say it.
fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, seconds) => format!("{seconds} s"),
        (0, 0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, hours, ..) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_filled_with_text() {
        let page = fill(&[
            ("{url}", "ws://<script>"),
            ("{version}", "1.2.3"),
            ("{generation}", "4"),
            ("{uptime}", "5 s"),
            ("{command}", "clawdbot --profile work"),
        ]);
        assert!(page.contains("<dd>ws://&lt;script&gt;</dd>") && page.contains("<dd>1.2.3, protocol 3</dd>"));
        let outside_style = page.split_once("</style>").unwrap().1;
        assert!(!outside_style.contains('{') && !page.contains("<script"), "{page}");
        assert_eq!(
            style(),
            source_of(page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap())
        );
    }

    #[test]
    fn spans() {
        for (ms, expected) in
            [(999, "0 s"), (61_000, "1 min 1 s"), (3_660_000, "1 h 1 min"), (90_000_000, "1 d 1 h")]
        {
            assert_eq!(span(ms), expected);
        }
    }
}
