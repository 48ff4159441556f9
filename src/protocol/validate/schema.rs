//! The shapes that parameters can have.

/// The shape of a value. Objects are strict: an unknown member is a violation.
#[derive(Debug, Clone, Copy)]
pub enum Schema {
    /// Anything.
    Any,
    /// A text with a length in characters.
    Text {
        /// At least this many.
        min: usize,
        /// At most this many.
        max: Option<usize>,
    },
    /// A whole number; `3.0` is one, as in JavaScript.
    Integer {
        /// At least this.
        min: u32,
        /// At most this.
        max: Option<u32>,
    },
    /// `true` or `false`.
    Boolean,
    /// One text.
    Constant(&'static str),
    /// One number.
    Number(u32),
    /// One of several texts.
    OneOf(&'static [&'static str]),
    /// Any of several shapes.
    AnyOf(&'static [Schema]),
    /// The shape, or `null`.
    Nullable(&'static Schema),
    /// A list of the shape.
    Array(&'static Schema),
    /// A list of the shape with a bounded number of items.
    Items {
        /// The shape of each.
        of: &'static Schema,
        /// At least so many.
        min: usize,
        /// At most so many.
        max: usize,
    },
    /// An object with free names whose values have the shape.
    Map(&'static Schema),
    /// An object with these members and no others.
    Object(&'static [Field]),
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) schema: Schema,
}

impl Schema {
    /// Any text.
    pub const TEXT: Self = Self::Text { min: 0, max: None };
    /// A text that is not empty.
    pub const NON_EMPTY: Self = Self::Text { min: 1, max: None };
    /// An object without members.
    pub const EMPTY: Self = Self::Object(&[]);

    /// A whole number from `min`.
    pub const fn at_least(min: u32) -> Self {
        Self::Integer { min, max: None }
    }

    /// A whole number from `min` to `max`.
    pub const fn between(min: u32, max: u32) -> Self {
        Self::Integer { min, max: Some(max) }
    }
}

impl Field {
    /// A member that has to be there.
    pub const fn required(name: &'static str, schema: Schema) -> Self {
        Self { name, required: true, schema }
    }

    /// A member that may be absent.
    pub const fn optional(name: &'static str, schema: Schema) -> Self {
        Self { name, required: false, schema }
    }
}
