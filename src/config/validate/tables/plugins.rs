//! `plugins` and `skills`. What stands under `config` belongs to the plugin or skill.

use super::super::kind::{FLAG, Kind, Object, SIZE, TEXT, TEXT_MAP, TEXTS, key, required, strict};

const CONFIG: Kind = Kind::Map(&Kind::Any);

pub(super) static PLUGINS: Object = strict(&[
    key("enabled", FLAG),
    key("allow", TEXTS),
    key("deny", TEXTS),
    key("load", Kind::Object(&strict(&[key("paths", TEXTS)]))),
    key("slots", Kind::Object(&strict(&[key("memory", TEXT)]))),
    key("entries", Kind::Map(&Kind::Object(&strict(&[key("enabled", FLAG), key("config", CONFIG)])))),
    key("installs", Kind::Map(&Kind::Object(&INSTALL))),
]);

static INSTALL: Object = strict(&[
    required("source", Kind::Choice(&["npm", "archive", "path"])),
    key("spec", TEXT),
    key("sourcePath", TEXT),
    key("installPath", TEXT),
    key("version", TEXT),
    key("installedAt", TEXT),
]);

pub(super) static SKILLS: Object = strict(&[
    key("allowBundled", TEXTS),
    key(
        "load",
        Kind::Object(&strict(&[key("extraDirs", TEXTS), key("watch", FLAG), key("watchDebounceMs", SIZE)])),
    ),
    key(
        "install",
        Kind::Object(&strict(&[
            key("preferBrew", FLAG),
            key("nodeManager", Kind::Choice(&["npm", "pnpm", "yarn", "bun"])),
        ])),
    ),
    key(
        "entries",
        Kind::Map(&Kind::Object(&strict(&[
            key("enabled", FLAG),
            key("apiKey", TEXT),
            key("env", TEXT_MAP),
            key("config", CONFIG),
        ]))),
    ),
]);
