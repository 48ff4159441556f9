//! What a value may be: the vocabulary of the tables.

/// What a value may be.
#[derive(Debug)]
pub(super) enum Kind {
    /// Anything.
    Any,
    /// `true` or `false`.
    Flag,
    /// A text.
    Text(TextRule),
    /// A number.
    Number(Range),
    /// An integer.
    Integer(Range),
    /// One of a few texts. The published program says only that the input is invalid.
    Choice(&'static [&'static str]),
    /// One of a few texts, where the published program names them.
    Option(&'static [&'static str]),
    /// Only this text.
    Only(&'static str),
    /// An array.
    List(&'static Kind),
    /// An object with keys of the person's choice.
    Map(&'static Kind),
    /// An object with known keys.
    Object(&'static Object),
    /// The first of these whose type fits.
    Either(&'static [Kind]),
}

/// An object with known keys.
#[derive(Debug)]
pub(super) struct Object {
    /// The keys.
    pub(super) keys: &'static [Key],
    /// What other keys may have; `None` refuses them.
    pub(super) rest: Option<Kind>,
}

/// One known key.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// What a text must be.
#[derive(Debug, Clone, Copy)]
pub(super) enum TextRule {
    /// Anything.
    Free,
    /// At least one character.
    NotEmpty,
    /// At most so many characters.
    AtMost(usize),
    /// `RRGGBB`, with or without `#`.
    Color,
    /// `30m`, `1.5h`; a number alone counts too.
    Duration,
    /// `HH:MM`, not `24:00`.
    StartTime,
    /// `HH:MM`, `24:00` included.
    EndTime,
}

/// Which numbers are allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub(super) min: Option<Bound>,
    pub(super) max: Option<f64>,
}

/// A lower bound.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bound {
    /// This or more.
    AtLeast(f64),
    /// More than this.
    Above(f64),
}

// The short names that the tables are written in.

pub(super) const TEXT: Kind = Kind::Text(TextRule::Free);
pub(super) const NOT_EMPTY: Kind = Kind::Text(TextRule::NotEmpty);
pub(super) const FLAG: Kind = Kind::Flag;
pub(super) const TEXTS: Kind = Kind::List(&TEXT);
pub(super) const TEXT_MAP: Kind = Kind::Map(&TEXT);
/// Integer from 1.
pub(super) const COUNT: Kind = Kind::Integer(Range { min: Some(Bound::Above(0.0)), max: None });
/// Integer from 0.
pub(super) const SIZE: Kind = Kind::Integer(Range { min: Some(Bound::AtLeast(0.0)), max: None });
/// Port, 1–65535.
pub(super) const PORT: Kind = Kind::Integer(Range { min: Some(Bound::Above(0.0)), max: Some(65535.0) });
/// Any number.
pub(super) const NUMBER: Kind = Kind::Number(Range { min: None, max: None });
/// Number above 0.
pub(super) const POSITIVE: Kind = Kind::Number(Range { min: Some(Bound::Above(0.0)), max: None });
/// Number from 0.
pub(super) const FROM_ZERO: Kind = Kind::Number(Range { min: Some(Bound::AtLeast(0.0)), max: None });
/// Number from 0 to 1.
pub(super) const RATIO: Kind = number(0.0, 1.0);

pub(super) const fn integer(min: f64, max: f64) -> Kind {
    Kind::Integer(Range { min: Some(Bound::AtLeast(min)), max: Some(max) })
}

pub(super) const fn number(min: f64, max: f64) -> Kind {
    Kind::Number(Range { min: Some(Bound::AtLeast(min)), max: Some(max) })
}

pub(super) const fn key(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, required: false }
}

pub(super) const fn required(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, required: true }
}

/// An object that has only these keys.
pub(super) const fn strict(keys: &'static [Key]) -> Object {
    Object { keys, rest: None }
}

/// An object that may have any other keys besides.
pub(super) const fn open(keys: &'static [Key], rest: Kind) -> Object {
    Object { keys, rest: Some(rest) }
}

impl Object {
    /// The known key of this name.
    pub(super) fn find(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}
