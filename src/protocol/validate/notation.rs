//! Schemas in the notation that the reference of the methods uses: `{ key: text, limit?: int 1..5000 }`.

use std::fmt;

use super::schema::{Field, Schema};

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Text { min, max } => {
                f.write_str("text")?;
                bounds(f, *min, *max)
            }
            Self::Integer { min, max } => {
                f.write_str("int")?;
                match max {
                    Some(max) => write!(f, " {min}..{max}"),
                    None => write!(f, " {min}.."),
                }
            }
            Self::Boolean => f.write_str("bool"),
            Self::Constant(text) => write!(f, "\"{text}\""),
            Self::Number(number) => write!(f, "{number}"),
            Self::OneOf(texts) => {
                for (index, text) in texts.iter().enumerate() {
                    write!(f, "{}\"{text}\"", if index == 0 { "" } else { " | " })?;
                }
                Ok(())
            }
            Self::AnyOf(branches) => {
                for (index, branch) in branches.iter().enumerate() {
                    write!(f, "{}{branch}", if index == 0 { "" } else { " | " })?;
                }
                Ok(())
            }
            Self::Nullable(inner) => write!(f, "{inner} | null"),
            Self::Array(of) => write!(f, "[{of}]"),
            Self::Items { of, min, max } => {
                write!(f, "[{of}]")?;
                bounds(f, *min, Some(*max).filter(|max| *max != usize::MAX))
            }
            Self::Map(of) => write!(f, "{{ *: {of} }}"),
            Self::Object([]) => f.write_str("{}"),
            Self::Object(fields) => {
                for (index, field) in fields.iter().enumerate() {
                    write!(f, "{}{field}", if index == 0 { "{ " } else { ", " })?;
                }
                f.write_str(" }")
            }
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}: {}", self.name, if self.required { "" } else { "?" }, self.schema)
    }
}

/// A range, unless it says nothing.
fn bounds(f: &mut fmt::Formatter<'_>, min: usize, max: Option<usize>) -> fmt::Result {
    match (min, max) {
        (0, None) => Ok(()),
        (min, None) => write!(f, " {min}.."),
        (min, Some(max)) => write!(f, " {min}..{max}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notation() {
        const FIELDS: &[Field] = &[
            Field::required("key", Schema::NON_EMPTY),
            Field::optional("limit", Schema::between(1, 5000)),
            Field::optional("tags", Schema::Array(&Schema::TEXT)),
        ];
        const TWO: Schema = Schema::OneOf(&["allow", "deny"]);
        for (schema, expect) in [
            (Schema::Any, "any"),
            (Schema::EMPTY, "{}"),
            (Schema::Text { min: 1, max: Some(64) }, "text 1..64"),
            (Schema::at_least(1), "int 1.."),
            (Schema::Constant("req"), "\"req\""),
            (Schema::Nullable(&TWO), "\"allow\" | \"deny\" | null"),
            (Schema::AnyOf(&[Schema::Boolean, Schema::EMPTY]), "bool | {}"),
            (Schema::Items { of: &Schema::TEXT, min: 1, max: 12 }, "[text] 1..12"),
            (Schema::Items { of: &Schema::TEXT, min: 1, max: usize::MAX }, "[text] 1.."),
            (Schema::Map(&Schema::Boolean), "{ *: bool }"),
            (Schema::Object(FIELDS), "{ key: text 1.., limit?: int 1..5000, tags?: [text] }"),
        ] {
            assert_eq!(schema.to_string(), expect);
        }
    }
}
