//! One way to install what a skill needs, as the skill describes it; and which ways are offered. Pure.

use serde_json::Value;

use super::metadata::{text, texts};
use crate::config::schema::NodeManager;

/// What is shown when a skill does not say what is installed.
const NAMELESS: &str = "Run installer";

/// One way to install something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Installer {
    pub(crate) kind: Kind,
    id: Option<String>,
    label: Option<String>,
    pub(crate) bins: Vec<String>,
    /// Operating systems that it is for; all when there are none.
    os: Vec<String>,
    /// Formula, package, module, or address: what the kind calls it.
    pub(crate) subject: Option<String>,
    /// Of a download: what it is, unless its name says so.
    pub(crate) archive: Option<String>,
    /// Of a download: whether it is unpacked; what can be is, when nothing is said.
    pub(crate) extract: Option<bool>,
    /// Of a download: directories to leave out while unpacking.
    pub(crate) strip_components: u32,
    /// Of a download: where to.
    pub(crate) target_dir: Option<String>,
}

/// Who installs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Brew,
    Node,
    Go,
    Uv,
    Download,
}

/// A way that is offered on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer<'a> {
    /// Names it in a request.
    pub(crate) id: String,
    pub(crate) installer: &'a Installer,
}

/// What decides between several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taste {
    /// This machine.
    pub(crate) os: &'static str,
    /// Homebrew is here, and preferred.
    pub(crate) brew: bool,
}

// === impl Kind ===

impl Kind {
    const ALL: [Self; 5] = [Self::Brew, Self::Node, Self::Go, Self::Uv, Self::Download];

    /// On the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Brew => "brew",
            Self::Node => "node",
            Self::Go => "go",
            Self::Uv => "uv",
            Self::Download => "download",
        }
    }

    /// What is missing when an installer does not say what it installs; the published words.
    pub(crate) fn subject(self) -> &'static str {
        match self {
            Self::Brew => "brew formula",
            Self::Node => "node package",
            Self::Go => "go module",
            Self::Uv => "uv package",
            Self::Download => "download url",
        }
    }
}

// === impl Installer ===

impl Installer {
    /// Reads an item of `install`; `None` for what nobody here knows.
    pub(super) fn of(item: &Value) -> Option<Self> {
        let named = text(&item["kind"]).or_else(|| text(&item["type"]))?.to_lowercase();
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == named)?;
        let subject = match kind {
            Kind::Brew => "formula",
            Kind::Node | Kind::Uv => "package",
            Kind::Go => "module",
            Kind::Download => "url",
        };
        let strip = item["stripComponents"].as_u64().and_then(|count| u32::try_from(count).ok());
        Some(Self {
            kind,
            id: text(&item["id"]),
            label: text(&item["label"]),
            bins: texts(&item["bins"]),
            os: texts(&item["os"]),
            subject: text(&item[subject]),
            archive: text(&item["archive"]),
            extract: item["extract"].as_bool(),
            strip_components: strip.unwrap_or(0),
            target_dir: text(&item["targetDir"]),
        })
    }

    /// How a person is told about it.
    pub(crate) fn label(&self, manager: NodeManager) -> String {
        match (self.kind, &self.subject, &self.label) {
            // Skills say npm, whatever it will be.
            (Kind::Node, Some(package), _) => return format!("Install {package} ({})", manager.name()),
            (_, _, Some(label)) => return label.clone(),
            _ => {}
        }
        let Some(subject) = &self.subject else { return NAMELESS.to_owned() };
        match self.kind {
            Kind::Download => {
                let file = subject.rsplit('/').next().filter(|file| !file.is_empty());
                format!("Download {}", file.unwrap_or(subject))
            }
            kind => format!("Install {subject} ({})", kind.name()),
        }
    }
}

/// Every way that is for this machine, with the name that a request gives it.
fn possible<'a>(installers: &'a [Installer], os: &str) -> Vec<Offer<'a>> {
    let here = |installer: &&Installer| installer.os.is_empty() || installer.os.iter().any(|name| name == os);
    let offer = |(index, installer): (usize, &'a Installer)| {
        let id = installer.id.clone().unwrap_or_else(|| format!("{}-{index}", installer.kind.name()));
        Offer { id, installer }
    };
    installers.iter().filter(here).enumerate().map(offer).collect()
}

/// The way that a request names.
pub(crate) fn named<'a>(installers: &'a [Installer], id: &str, os: &str) -> Option<&'a Installer> {
    possible(installers, os).into_iter().find(|offer| offer.id == id).map(|offer| offer.installer)
}

/// The ways that are offered: the best one, or everything when there are only downloads, which may be parts of one.
pub(crate) fn offered(installers: &[Installer], taste: Taste) -> Vec<Offer<'_>> {
    let possible = possible(installers, taste.os);
    if possible.iter().all(|offer| offer.installer.kind == Kind::Download) {
        return possible;
    }
    let order = if taste.brew {
        [Kind::Brew, Kind::Uv, Kind::Node, Kind::Go]
    } else {
        [Kind::Uv, Kind::Node, Kind::Brew, Kind::Go]
    };
    let of = |kind: &Kind| possible.iter().position(|offer| offer.installer.kind == *kind);
    let best = order.iter().find_map(of);
    best.and_then(|best| possible.into_iter().nth(best)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn installers(items: &Value) -> Vec<Installer> {
        items.as_array().unwrap().iter().filter_map(Installer::of).collect()
    }

    /// The kinds in `order`, each with something to install, and which of them are offered.
    #[track_caller]
    fn check(order: &str, brew: bool, expected: &[&str]) {
        let item =
            |kind: &str| json!({ "kind": kind, "formula": "f", "package": "p", "module": "m", "url": "u" });
        let installers = installers(&order.split(' ').map(item).collect());
        let offers = offered(&installers, Taste { os: "linux", brew });
        let ids: Vec<&str> = offers.iter().map(|offer| offer.id.as_str()).collect();
        assert_eq!(ids, expected, "{order}, {brew}");
    }

    #[test]
    fn one_way_is_offered() {
        check("brew", false, &["brew-0"]);
        check("go brew", false, &["brew-1"]);
        check("brew node", false, &["node-1"]);
        check("brew node", true, &["brew-0"]);
        check("brew node go uv download", false, &["uv-3"]);
        check("brew node go uv download", true, &["brew-0"]);
        check("download uv go node", true, &["uv-1"]);
        check("download go", true, &["go-1"]);
        check("download download", true, &["download-0", "download-1"]);
    }

    #[track_caller]
    fn says(item: &Value, manager: NodeManager, expected: &str) {
        let installer = Installer::of(item).unwrap();
        assert_eq!(installer.label(manager), expected, "{item}");
    }

    #[test]
    fn labels() {
        says(&json!({ "kind": "brew", "formula": "f" }), NodeManager::Npm, "Install f (brew)");
        says(&json!({ "kind": "Node", "package": "p", "label": "L" }), NodeManager::Bun, "Install p (bun)");
        says(&json!({ "type": " go ", "module": "m" }), NodeManager::Npm, "Install m (go)");
        says(&json!({ "kind": "uv", "package": "u", "label": " L " }), NodeManager::Npm, "L");
        says(&json!({ "kind": "node", "module": "m" }), NodeManager::Npm, "Run installer");
        says(&json!({ "kind": "download", "url": "https://x/y/z.zip" }), NodeManager::Npm, "Download z.zip");
        says(&json!({ "kind": "download", "url": "https://x/" }), NodeManager::Npm, "Download https://x/");
    }

    #[test]
    fn what_is_for_another_system_or_unknown_is_left_out() {
        let installers = installers(&json!([
            "a",
            { "kind": "nope" },
            { "kind": "node", "package": "p", "os": ["darwin"] },
            { "kind": "node", "package": "p", "os": "win32, linux", "id": " own " },
            { "kind": "node", "package": "p", "id": "" },
        ]));
        let ids: Vec<String> = possible(&installers, "linux").into_iter().map(|offer| offer.id).collect();
        assert_eq!(ids, ["own", "node-1"]);
    }
}
