//! Folders that a program keeps in step with other machines, known by their names. Pure.

use std::path::Path;

/// Who synchronises the folder that `path` lies in.
pub(super) fn by(path: &Path) -> Option<&'static str> {
    let mut parts = path.iter().filter_map(|part| part.to_str());
    parts.find_map(|part| match part {
        "Mobile Documents" | "com~apple~CloudDocs" => Some("iCloud"),
        "CloudStorage" => Some("a cloud service"),
        "Dropbox" => Some("Dropbox"),
        "Google Drive" | "GoogleDrive" => Some("Google Drive"),
        "Nextcloud" => Some("Nextcloud"),
        "pCloudDrive" => Some("pCloud"),
        part if part == "OneDrive" || part.starts_with("OneDrive - ") => Some("OneDrive"),
        part if part.starts_with("Dropbox (") => Some("Dropbox"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_known() {
        for (path, expected) in [
            ("/Users/you/Library/Mobile Documents/com~apple~CloudDocs/.clawdbot", Some("iCloud")),
            ("/home/you/Dropbox/clawdbot", Some("Dropbox")),
            ("/home/you/Dropbox (Work)/clawdbot", Some("Dropbox")),
            ("/home/you/OneDrive - Work/x", Some("OneDrive")),
            ("/home/you/Library/CloudStorage/Box/x", Some("a cloud service")),
            ("/home/you/.clawdbot", None),
            ("/home/you/OneDriven/x", None),
        ] {
            assert_eq!(by(Path::new(path)), expected, "{path}");
        }
    }
}
