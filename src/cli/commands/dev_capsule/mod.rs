//! `dev capsule`: looks into capsules. Whoever made them, nothing of what they say is trusted.

mod diff;
mod run;
mod show;
mod to_fixture;

pub(crate) use run::run;
