//! `sandbox`, of the defaults and of one agent.

use super::super::kind::{
    COUNT, FLAG, Kind, NUMBER, Object, POSITIVE, SIZE, TEXT, TEXT_MAP, TEXTS, key, strict,
};

pub(super) static SANDBOX: Object = strict(&[
    key("mode", Kind::Choice(&["off", "non-main", "all"])),
    key("workspaceAccess", Kind::Choice(&["none", "ro", "rw"])),
    key("sessionToolsVisibility", Kind::Choice(&["spawned", "all"])),
    key("scope", Kind::Choice(&["session", "agent", "shared"])),
    key("perSession", FLAG),
    key("workspaceRoot", TEXT),
    key("docker", Kind::Object(&DOCKER)),
    key("browser", Kind::Object(&BROWSER)),
    key("prune", Kind::Object(&strict(&[key("idleHours", SIZE), key("maxAgeDays", SIZE)]))),
]);

const TEXT_OR_NUMBER: Kind = Kind::Either(&[TEXT, NUMBER]);

static DOCKER: Object = strict(&[
    key("image", TEXT),
    key("containerPrefix", TEXT),
    key("workdir", TEXT),
    key("readOnlyRoot", FLAG),
    key("tmpfs", TEXTS),
    key("network", TEXT),
    key("user", TEXT),
    key("capDrop", TEXTS),
    key("env", TEXT_MAP),
    key("setupCommand", TEXT),
    key("pidsLimit", COUNT),
    key("memory", TEXT_OR_NUMBER),
    key("memorySwap", TEXT_OR_NUMBER),
    key("cpus", POSITIVE),
    key(
        "ulimits",
        Kind::Map(&Kind::Either(&[
            TEXT,
            NUMBER,
            Kind::Object(&strict(&[key("soft", SIZE), key("hard", SIZE)])),
        ])),
    ),
    key("seccompProfile", TEXT),
    key("apparmorProfile", TEXT),
    key("dns", TEXTS),
    key("extraHosts", TEXTS),
    key("binds", TEXTS),
]);

static BROWSER: Object = strict(&[
    key("enabled", FLAG),
    key("image", TEXT),
    key("containerPrefix", TEXT),
    key("cdpPort", COUNT),
    key("vncPort", COUNT),
    key("noVncPort", COUNT),
    key("headless", FLAG),
    key("enableNoVnc", FLAG),
    key("allowHostControl", FLAG),
    key("allowedControlUrls", TEXTS),
    key("allowedControlHosts", TEXTS),
    key("allowedControlPorts", Kind::List(&COUNT)),
    key("autoStart", FLAG),
    key("autoStartTimeoutMs", COUNT),
]);
