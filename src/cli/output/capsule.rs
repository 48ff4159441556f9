//! Lines about capsules: what goes into one, and what is in one.

use jiff::Timestamp;

use super::{columns, harmless};
use crate::capsule::{Facts, Home, LeftOut, Manifest, Recording};

/// Lines of what is left out; more are counted.
const MOST_LEFT: usize = 40;

/// A group of entries: what it is, and which are of it.
type Group = (&'static str, fn(&str) -> bool);

/// Every entry belongs to the first that takes it.
const GROUPS: [Group; 6] = [
    ("recording", |name| name == "journal.jsonl"),
    ("log", |name| name == "log/gateway.log"),
    ("configuration", is_configuration),
    ("conversations", |name| name.contains("/sessions/")),
    ("workspace", |name| name.starts_with("home/clawd")),
    ("other state", |_| true),
];

fn is_configuration(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    name == ".env" || name.starts_with("clawdbot.json")
}

/// What will be in a capsule. `entries`: names and lengths.
pub(crate) fn listing(facts: &Facts, entries: &[(&str, u64)]) -> Vec<String> {
    let mut lines = groups(entries, facts.recording.as_ref());
    if facts.recording.is_none() {
        lines.push(
            "  Nothing was recorded (gateway --record): it holds the profile, and nothing to replay."
                .to_owned(),
        );
    } else if facts.taken == Home::Capture {
        lines.push("  The profile is as it is now: that of the recording was not kept.".to_owned());
    }
    lines.extend(left_out(&facts.left_out));
    let replaced =
        [count(facts.secrets as u64, "secret"), count(facts.keys.len() as u64, "device")].join(" and ");
    lines.push(format!(
        "{replaced} will have other names in it. Names of people, addresses, and the texts of"
    ));
    lines.push("conversations and files stay as they are.".to_owned());
    lines
}

/// What is in a capsule.
pub(crate) fn overview(manifest: &Manifest) -> Vec<String> {
    let entries: Vec<(&str, u64)> =
        manifest.files.iter().map(|entry| (entry.path.as_str(), entry.bytes)).collect();
    let profile = manifest.profile.as_deref().unwrap_or("default");
    let args = manifest.start.args.join(" ");
    let taken = match manifest.taken {
        Home::Recording => "when the recording began",
        Home::Capture => "when the capsule was made",
    };
    let rows = [
        [
            "made".to_owned(),
            format!("{} by clawdbot {} on {}", manifest.created, manifest.program, manifest.platform),
        ],
        ["profile".to_owned(), format!("{profile}, as it was {taken}")],
        ["started as".to_owned(), format!("clawdbot {args}")],
        [
            "replaced".to_owned(),
            format!(
                "{}, {}",
                count(manifest.secrets as u64, "secret"),
                count(manifest.devices as u64, "device")
            ),
        ],
    ];
    let mut lines: Vec<String> = columns(&rows.map(|row| row.map(|cell| harmless(&cell))));
    lines.push(String::new());
    lines.extend(groups(&entries, manifest.recording.as_ref()));
    lines.push(String::new());
    let rows: Vec<[String; 2]> =
        manifest.files.iter().map(|entry| [size(entry.bytes), harmless(&entry.path)]).collect();
    lines.extend(columns(&rows));
    if !manifest.left_out.is_empty() {
        lines.push(String::new());
        lines.extend(left_out(&manifest.left_out));
    }
    lines
}

fn groups(entries: &[(&str, u64)], recording: Option<&Recording>) -> Vec<String> {
    let mut sums = GROUPS.map(|_| (0_u64, 0_u64));
    for (name, bytes) in entries.iter().filter(|(name, _)| *name != "keys.json") {
        if let Some(index) = GROUPS.iter().position(|(_, takes)| takes(name)) {
            sums[index].0 += 1;
            sums[index].1 += bytes;
        }
    }
    let rows: Vec<[String; 4]> = GROUPS
        .iter()
        .zip(sums)
        .filter(|(_, (files, _))| *files > 0)
        .map(|((name, _), (files, bytes))| {
            let what = match recording {
                Some(recording) if *name == "recording" => recorded(recording),
                _ => count(files, "file"),
            };
            [String::new(), (*name).to_owned(), size(bytes), what]
        })
        .collect();
    columns(&rows)
}

fn recorded(recording: &Recording) -> String {
    let Recording { from, to, frames, connections, missed, is_whole, .. } = recording;
    let moment = |ms: u64| {
        let at = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        at.map_or_else(|| "?".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
    };
    let lacks = match (*missed, *is_whole) {
        (0, true) => String::new(),
        (0, false) => ", without its beginning".to_owned(),
        (missed, _) => format!(", {} not recorded", count(missed, "event")),
    };
    format!(
        "{} of {}, {} to {} UTC{lacks}",
        count(*frames, "frame"),
        count(*connections, "connection"),
        moment(*from),
        moment(*to)
    )
}

fn left_out(left: &[LeftOut]) -> Vec<String> {
    if left.is_empty() {
        return Vec::new();
    }
    let rows: Vec<[String; 3]> = left
        .iter()
        .take(MOST_LEFT)
        .map(|left| {
            let bytes = if left.bytes > 0 { format!(", {}", size(left.bytes)) } else { String::new() };
            [String::new(), harmless(&left.path), format!("{}{bytes}", harmless(&left.reason))]
        })
        .collect();
    let mut lines = vec!["Left out:".to_owned()];
    lines.extend(columns(&rows));
    if left.len() > MOST_LEFT {
        lines.push(format!("  and {} more", left.len() - MOST_LEFT));
    }
    lines
}

/// A length for people.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 3] = ["KiB", "MiB", "GiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut unit = 0;
    // Tenths, in integers.
    let mut tenths = u128::from(bytes) * 10 / 1024;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    if tenths < 100 {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    } else {
        format!("{} {}", tenths / 10, UNITS[unit])
    }
}

fn count(number: u64, what: &str) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_for_people() {
        for (bytes, expected) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (20_000, "19 KiB"),
            (5 << 20, "5.0 MiB"),
            (3 << 30, "3.0 GiB"),
            (5000 << 30, "5000 GiB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
        assert_eq!(
            (count(1, "file"), count(1_234_567, "frame")),
            ("1 file".to_owned(), "1,234,567 frames".to_owned())
        );
    }

    #[test]
    fn entries_are_grouped() {
        let entries = [
            ("home/.clawdbot/.env", 10),
            ("home/.clawdbot/clawdbot.json", 100),
            ("home/.clawdbot/agents/main/sessions/a.jsonl", 2048),
            ("home/.clawdbot/devices/paired.json", 1),
            ("home/clawd/AGENTS.md", 5),
            ("log/gateway.log", 7),
            ("keys.json", 3),
        ];
        assert_eq!(
            groups(&entries, None),
            [
                "  log            7 B      1 file",
                "  configuration  110 B    2 files",
                "  conversations  2.0 KiB  1 file",
                "  workspace      5 B      1 file",
                "  other state    1 B      1 file",
            ]
        );
    }
}
