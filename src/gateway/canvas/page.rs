//! What is put into pages, and the page for an empty canvas.

/// Stands for the moment at which the page was read.
const SEEN: &str = "SEEN";

/// Reloads the page when it is told to, and when the gateway was away: what changed meanwhile nobody has told. And lets
/// it talk to the app that shows it, by the names that pages of the published gateway use.
const SCRIPT: &str = r#"<script>
(() => {
  const address = new URL("/__clawdbot__/ws", location.href);
  address.searchParams.set("seen", "SEEN");
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  let wait = 250;
  let away = false;
  const listen = () => {
    const socket = new WebSocket(address);
    socket.onopen = () => { if (away) location.reload(); };
    socket.onmessage = ({ data }) => { if (data === "reload") location.reload(); };
    socket.onclose = () => {
      away = true;
      setTimeout(listen, wait);
      wait = Math.min(2 * wait, 8000);
    };
  };
  listen();
  const HANDLER = "clawdbotCanvasA2UIAction";
  const post = (message) => {
    const app = window.webkit?.messageHandlers?.[HANDLER] ?? window[HANDLER];
    if (typeof app?.postMessage !== "function") return false;
    app.postMessage(typeof message === "string" ? message : JSON.stringify(message));
    return true;
  };
  const act = (action) => {
    const id = action?.id || (crypto.randomUUID?.() ?? String(Date.now()));
    return post({ userAction: { ...action, id } });
  };
  window.Clawdbot = Object.assign(window.Clawdbot ?? {}, { postMessage: post, sendUserAction: act });
  window.clawdbotPostMessage = post;
  window.clawdbotSendUserAction = act;
})();
</script>
"#;

/// What is shown while the canvas has no `index.html`. Nothing is written for it.
pub(crate) const EMPTY: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Canvas</title>
<style>
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 16px/1.5 system-ui, sans-serif;
  color: #e8e8ea; background: #111114; }
main { max-width: 34rem; padding: 2rem; }
code { color: #ff8a5b; }
</style>
</head>
<body>
<main>
<h1>The canvas is empty</h1>
<p>Put an <code>index.html</code> into the folder <code>canvas</code> of the workspace. This page shows it as soon as it
is saved, and again after every change.</p>
</main>
</body>
</html>
"#;

/// A page that reloads itself; `seen` is a moment before it was read, so that a change before it listens is told. The
/// script goes before the end of the body, or last where there is none.
pub(crate) fn with_script(page: &[u8], seen: i128) -> Vec<u8> {
    const END: &[u8] = b"</body>";
    let at =
        page.windows(END.len()).rposition(|window| window.eq_ignore_ascii_case(END)).unwrap_or(page.len());
    let script = SCRIPT.replacen(SEEN, &seen.to_string(), 1);
    [&page[..at], script.as_bytes(), &page[at..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(page: &[u8], before: &[u8], after: &[u8]) {
        let script = SCRIPT.replace(SEEN, "5");
        assert_eq!(with_script(page, 5), [before, script.as_bytes(), after].concat());
    }

    #[test]
    fn the_script_goes_before_the_last_end_of_a_body() {
        check(b"", b"", b"");
        check(b"<p>hi", b"<p>hi", b"");
        check(b"<body>a</BODY></html>", b"<body>a", b"</BODY></html>");
        check(b"'</body>' </body>", b"'</body>' ", b"</body>");
        check(b"\xff</body>", b"\xff", b"</body>");
    }
}
