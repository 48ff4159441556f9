//! `browser` and `nodeHost`.

use super::super::kind::{FLAG, Kind, Object, PORT, SIZE, TEXT, TEXTS, TextRule, key, required, strict};

pub(super) static BROWSER: Object = strict(&[
    key("enabled", FLAG),
    key("controlUrl", TEXT),
    key("controlToken", TEXT),
    key("cdpUrl", TEXT),
    key("remoteCdpTimeoutMs", SIZE),
    key("remoteCdpHandshakeTimeoutMs", SIZE),
    key("color", TEXT),
    key("executablePath", TEXT),
    key("headless", FLAG),
    key("noSandbox", FLAG),
    key("attachOnly", FLAG),
    key("defaultProfile", TEXT),
    key("snapshotDefaults", Kind::Object(&strict(&[key("mode", Kind::Only("efficient"))]))),
    key("profiles", Kind::Map(&Kind::Object(&PROFILE))),
]);

static PROFILE: Object = strict(&[
    key("cdpPort", PORT),
    key("cdpUrl", TEXT),
    key("driver", Kind::Choice(&["clawd", "extension"])),
    required("color", Kind::Text(TextRule::Color)),
]);

pub(super) static NODE_HOST: Object = strict(&[key(
    "browserProxy",
    Kind::Object(&strict(&[key("enabled", FLAG), key("allowProfiles", TEXTS)])),
)]);
