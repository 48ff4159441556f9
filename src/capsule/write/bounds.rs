//! Which files go in, so that all of it is no more than allowed.

use std::collections::BTreeSet;

use super::choose::too_much;
use super::error::CaptureError;
use super::subject::Origin;
use super::survey::{Filter, Survey, survey};

/// Looks through every directory of the profile.
pub(super) fn look(origin: &Origin, filter: &Filter) -> Result<Survey, CaptureError> {
    let mut found = Survey::default();
    for root in &origin.roots {
        survey(root, filter, &origin.skipped, &mut found)?;
    }
    found.files.dedup_by(|one, other| one.name == other.name);
    Ok(found)
}

/// Leaves out what is too much beside `other` bytes.
pub(super) fn limit(found: &mut Survey, most: u64, other: u64) -> Result<(), CaptureError> {
    let left = most.saturating_sub(other);
    let sizes: Vec<(&str, u64)> = found.files.iter().map(|file| (file.name.as_str(), file.bytes)).collect();
    let gone: BTreeSet<usize> = too_much(&sizes, left).into_iter().collect();
    let all: u64 =
        sizes.iter().enumerate().filter(|(index, _)| !gone.contains(index)).map(|(_, file)| file.1).sum();
    if all + other > most {
        return Err(CaptureError::TooLarge { bytes: all + other, limit: most });
    }
    let mut index = 0;
    let mut too_large = Vec::new();
    found.files.retain(|file| {
        index += 1;
        let is_gone = gone.contains(&(index - 1));
        if is_gone {
            too_large.push((file.name.clone(), file.bytes));
        }
        !is_gone
    });
    for (name, bytes) in too_large {
        found.leave(&name, bytes, "more than --max-size allows".to_owned());
    }
    Ok(())
}
