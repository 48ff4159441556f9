//! What a person does in the published Control UI.

use serde_json::json;

use super::driven::Driven;
use super::harness::Harness;

/// Waits until the page says that it is connected.
#[track_caller]
pub(crate) fn connected(page: &mut Driven) {
    page.until(
        "connected",
        "[...document.querySelectorAll('.pill')].some(pill => /Health/.test(pill.innerText) && /OK/.test(pill.innerText))",
    );
}

/// JavaScript that clicks the button of this text inside of what `scope` selects.
pub(crate) fn click(scope: &str, text: &str) -> String {
    let (scope, text) = (json!(scope), json!(text));
    format!(
        "(() => {{ const found = [...document.querySelectorAll({scope} + ' button')].find(button => \
         button.innerText.trim() === {text} && !button.disabled); if (!found) return false; found.click(); \
         return true; }})()"
    )
}

/// Replaces `Before` in the text of the configuration by `After`, and saves it, which replaces the gateway below the page.
#[track_caller]
pub(crate) fn edit_configuration(page: &mut Driven, harness: &Harness) {
    page.until("the text of the configuration", &click(".config-mode-toggle", "Raw"));
    page.until(
        "the text is edited",
        "(() => { const text = document.querySelector('.config-raw-field textarea, .config-content textarea'); \
         if (!text || !text.value.includes('Before')) return false; text.value = text.value.replace('Before', 'After'); \
         text.dispatchEvent(new Event('input', { bubbles: true })); return true; })()",
    );
    let mark = harness.mark();
    page.until("it is saved", &click(".config-actions", "Save"));
    harness.reloaded(mark);
}
