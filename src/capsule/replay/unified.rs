//! A difference as lines for a person: what was recorded beside what comes now, as indented JSON.

use serde_json::{Map, Value};

use super::compare::{Mismatch, Step};

/// Lines around what differs.
const CONTEXT: usize = 3;
/// The most pairs of lines that are held against each other; beyond, everything between the ends is shown as other.
const MOST_PAIRS: usize = 4_000_000;

/// A line of two texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Of both.
    Both(String),
    /// Of what was recorded.
    Recorded(String),
    /// Of what comes now.
    Now(String),
    /// Lines of both are not shown here.
    Gap,
}

/// What differs between a value and itself with these mismatches, in its context.
pub fn unified(recorded: &Value, mismatches: &[Mismatch]) -> Vec<Line> {
    let mut now = recorded.clone();
    for mismatch in mismatches {
        put(&mut now, &mismatch.path, mismatch.here.as_ref());
    }
    in_context(lines(&pretty(recorded), &pretty(&now)))
}

/// Indented JSON.
pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// Puts a value at a place, or takes what is there away.
fn put(value: &mut Value, path: &[Step], here: Option<&Value>) {
    match path {
        [] => *value = here.cloned().unwrap_or_default(),
        [Step::Key(name)] => {
            let Value::Object(members) = value else { return };
            match here {
                Some(here) => drop(members.insert(name.clone(), here.clone())),
                None => drop(Map::shift_remove(members, name)),
            }
        }
        [Step::Key(name), rest @ ..] => {
            if let Some(member) = value.get_mut(name) {
                put(member, rest, here);
            }
        }
        [Step::Index(index), rest @ ..] => {
            if let Some(item) = value.get_mut(index) {
                put(item, rest, here);
            }
        }
    }
}

/// All lines of both texts.
fn lines(before: &str, now: &str) -> Vec<Line> {
    let (before, now): (Vec<&str>, Vec<&str>) = (before.lines().collect(), now.lines().collect());
    let head = before.iter().zip(&now).take_while(|(before, now)| before == now).count();
    let rest = before.len().min(now.len()) - head;
    let tail = before
        .iter()
        .rev()
        .zip(now.iter().rev())
        .take(rest)
        .take_while(|(before, now)| before == now)
        .count();
    let both = |lines: &[&str]| lines.iter().map(|line| Line::Both((*line).to_owned())).collect::<Vec<_>>();
    let mut found = both(&before[..head]);
    middle(&before[head..before.len() - tail], &now[head..now.len() - tail], &mut found);
    found.extend(both(&before[before.len() - tail..]));
    found
}

/// As few lines of one side alone as possible.
fn middle(before: &[&str], now: &[&str], found: &mut Vec<Line>) {
    if before.len().saturating_mul(now.len()) > MOST_PAIRS {
        found.extend(before.iter().map(|line| Line::Recorded((*line).to_owned())));
        found.extend(now.iter().map(|line| Line::Now((*line).to_owned())));
        return;
    }
    // How many lines the rests have in common, from every pair of places on.
    let width = now.len() + 1;
    let mut common = vec![0_u32; (before.len() + 1) * width];
    for i in (0..before.len()).rev() {
        for j in (0..now.len()).rev() {
            common[i * width + j] = if before[i] == now[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < before.len() || j < now.len() {
        if i < before.len() && j < now.len() && before[i] == now[j] {
            found.push(Line::Both(before[i].to_owned()));
            (i, j) = (i + 1, j + 1);
        } else if j == now.len()
            || (i < before.len() && common[(i + 1) * width + j] >= common[i * width + j + 1])
        {
            found.push(Line::Recorded(before[i].to_owned()));
            i += 1;
        } else {
            found.push(Line::Now(now[j].to_owned()));
            j += 1;
        }
    }
}

/// Without the lines that are far from what differs.
fn in_context(lines: Vec<Line>) -> Vec<Line> {
    let differs: Vec<usize> =
        (0..lines.len()).filter(|&index| !matches!(lines[index], Line::Both(_))).collect();
    let mut shown: Vec<Line> = Vec::new();
    let mut next = 0;
    for (index, line) in lines.into_iter().enumerate() {
        while differs.get(next).is_some_and(|differs| differs + CONTEXT < index) {
            next += 1;
        }
        if differs.get(next).is_some_and(|differs| differs.abs_diff(index) <= CONTEXT) {
            shown.push(line);
        } else if !matches!(shown.last(), None | Some(Line::Gap)) {
            shown.push(Line::Gap);
        }
    }
    if shown.last() == Some(&Line::Gap) {
        shown.pop();
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(recorded: &Value, mismatches: &[(&[Step], Option<Value>)]) -> String {
        let mismatch = |(path, here): &(&[Step], Option<Value>)| Mismatch {
            path: path.to_vec(),
            recorded: None,
            here: here.clone(),
        };
        let mismatches: Vec<Mismatch> = mismatches.iter().map(mismatch).collect();
        let line = |line: &Line| match line {
            Line::Both(text) => format!(" {text}"),
            Line::Recorded(text) => format!("-{text}"),
            Line::Now(text) => format!("+{text}"),
            Line::Gap => "…".to_owned(),
        };
        unified(recorded, &mismatches).iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_differs_is_shown_in_its_context() {
        let recorded = json!({ "a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": [1, 2], "g": 7 });
        let key = |name: &str| Step::Key(name.to_owned());
        assert_eq!(shown(&recorded, &[]), "");
        assert_eq!(
            shown(
                &recorded,
                &[(&[key("a")], Some(json!(9))), (&[key("f"), Step::Index(1)], Some(json!("x")))]
            ),
            " {\n-  \"a\": 1,\n+  \"a\": 9,\n   \"b\": 2,\n   \"c\": 3,\n   \"d\": 4,\n   \"e\": 5,\n   \"f\": [\n     1,\n-    2\n+    \"x\"\n   ],\n   \"g\": 7\n }"
        );
        assert_eq!(
            shown(&recorded, &[(&[key("b")], None), (&[key("h")], Some(json!(null)))]),
            " {\n   \"a\": 1,\n-  \"b\": 2,\n   \"c\": 3,\n   \"d\": 4,\n   \"e\": 5,\n…\n     1,\n     2\n   ],\n-  \"g\": 7\n+  \"g\": 7,\n+  \"h\": null\n }"
        );
    }
}
