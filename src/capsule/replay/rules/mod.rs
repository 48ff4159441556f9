//! What may differ without being told: the rules that always hold ([`BUILT_IN`]), and those of `--ignore`.

mod ignore;
mod listed;
mod member;
mod set;

pub use ignore::{Ignore, IgnoreError};
pub use listed::BUILT_IN;
pub(super) use listed::{is_list_without_order, is_passing, is_timed, says_nothing};
pub(super) use member::{Member, may_be_absent, may_differ};
pub use set::Rules;
