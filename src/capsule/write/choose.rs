//! What goes when there is too much. Pure.

/// Of files with these names below `home/` and lengths, those that stay behind so that the rest has at most `limit`
/// bytes: the largest transcripts first, then the largest others, never the configuration.
pub(super) fn too_much(files: &[(&str, u64)], limit: u64) -> Vec<usize> {
    let mut all: u64 = files.iter().map(|(_, bytes)| bytes).sum();
    let mut order: Vec<usize> = (0..files.len()).filter(|index| !is_configuration(files[*index].0)).collect();
    order.sort_by_key(|index| {
        let (name, bytes) = files[*index];
        (!is_transcript(name), std::cmp::Reverse(bytes), name)
    });
    let mut gone = Vec::new();
    for index in order {
        if all <= limit {
            break;
        }
        all -= files[index].1;
        gone.push(index);
    }
    gone
}

/// Whether it is what was said in a session.
pub(super) fn is_transcript(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((before, "jsonl")) if before.contains("/sessions/"))
}

fn is_configuration(name: &str) -> bool {
    matches!(name.split_once('/'), Some((_, "clawdbot.json" | ".env")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_transcripts_go_first() {
        let files = [
            (".clawdbot/clawdbot.json", 50),
            (".clawdbot/agents/main/sessions/a.jsonl", 10),
            (".clawdbot/agents/main/sessions/b.jsonl", 30),
            (".clawdbot/cron/jobs.json", 40),
            ("clawd/notes.md", 20),
        ];
        for (limit, expected) in
            [(150, vec![]), (149, vec![2]), (115, vec![2, 1]), (100, vec![2, 1, 3]), (0, vec![2, 1, 3, 4])]
        {
            assert_eq!(too_much(&files, limit), expected, "{limit}");
        }
    }
}
