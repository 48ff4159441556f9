//! Fault injection for tests: a file names what a generation does at a stage. Compiled into debug builds only.
//!
//! `CLAWDBOT_DEV_FAULT_FILE` names the file. Each of its lines is `STAGE ACTION [FROM]`: at `STAGE` (`prepare`,
//! `ready`, `activate`, `serving`, `drain`, `released`) of generation `FROM` and later ones (all when absent)
//! do `ACTION`: `hang` (for ever), `abort` (SIGABRT), or `exit` (code 3).

#[cfg(debug_assertions)]
pub(super) async fn at(stage: &str, generation: u64) {
    let Some(file) = crate::platform::env::read().remove("CLAWDBOT_DEV_FAULT_FILE") else { return };
    let Ok(text) = std::fs::read_to_string(file) else { return };
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (name, action) = (words.next(), words.next());
        let from = words.next().and_then(|from| from.parse().ok()).unwrap_or(0);
        if name != Some(stage) || generation < from {
            continue;
        }
        match action {
            Some("hang") => std::future::pending().await,
            Some("abort") => crate::platform::process::end(None),
            Some("exit") => crate::platform::process::end(Some(3)),
            other => tracing::warn!(?other, "unknown fault"),
        }
    }
}

#[cfg(not(debug_assertions))]
#[expect(clippy::unused_async, reason = "the debug build waits here")]
pub(super) async fn at(_stage: &str, _generation: u64) {}
