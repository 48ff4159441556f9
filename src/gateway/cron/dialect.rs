//! What an expression may say, in the dialect and with the complaints of the published program. Pure.
//!
//! The library that reads expressions takes a little more, which the published program would stumble over in the same
//! file, and its complaints do not name the field.

/// Names of whole expressions.
const NICKNAMES: [&str; 6] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@hourly"];

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// A field of an expression.
#[derive(Debug, Clone, Copy)]
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Letters and signs beyond those of every field.
    more: &'static str,
    /// Names of its values, the first one for `least`.
    names: &'static [&'static str],
}

const FIELDS: [Field; 6] = [
    Field { name: "second", least: 0, most: 59, more: "", names: &[] },
    Field { name: "minute", least: 0, most: 59, more: "", names: &[] },
    Field { name: "hour", least: 0, most: 23, more: "", names: &[] },
    Field { name: "day", least: 1, most: 31, more: "L?", names: &[] },
    Field { name: "month", least: 1, most: 12, more: "", names: &MONTHS },
    Field { name: "dayOfWeek", least: 0, most: 7, more: "#L?", names: &WEEKDAYS },
];

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FieldError {
    /// A letter or sign that means nothing there.
    #[error("TypeError: CronPattern: configuration entry {number} ({text}) contains illegal characters.")]
    Characters {
        /// Which field, from 1 on; with seconds they are 0.
        number: usize,
        /// The field.
        text: String,
    },
    /// Nothing between two commas.
    #[error("TypeError: CronPattern: configuration entry {0} () is empty, check for trailing spaces.")]
    Empty(&'static str),
    /// A value that the field does not have.
    #[error("RangeError: CronPattern: Invalid value for {field}: {value}")]
    Value {
        /// The field.
        field: &'static str,
        /// The value.
        value: String,
    },
    /// Steps of nothing.
    #[error("TypeError: CronPattern: Syntax error, illegal stepping: {0}")]
    Stepping(String),
    /// Steps that lead out of the field.
    #[error("TypeError: CronPattern: Syntax error, max steps for part is ({0})")]
    FarStepping(u32),
    /// A range without a beginning or an end.
    #[error("TypeError: CronPattern: Syntax error, illegal {0} range (NaN)")]
    Open(&'static str),
    /// A week that no month has.
    #[error("TypeError: CronPattern: nth weekday out of range, should be 1-5 or L. Value: {0}, Type: string")]
    Week(String),
    /// A range that ends before it begins.
    #[error("TypeError: CronPattern: From value is larger than to value: '{0}'")]
    Backwards(String),
}

/// Whether it is the name of a whole expression.
pub(super) fn is_nickname(text: &str) -> bool {
    NICKNAMES.iter().any(|name| name.eq_ignore_ascii_case(text))
}

/// Checks an expression of five or six fields, or a nickname.
pub(super) fn check(text: &str) -> Result<(), FieldError> {
    if is_nickname(text) {
        return Ok(());
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    let first = FIELDS.len().saturating_sub(parts.len());
    for ((number, field), part) in FIELDS.iter().enumerate().skip(first).zip(parts) {
        let numbers = field.with_numbers(part);
        let known =
            |letter: char| letter.is_ascii_digit() || "*,-/".contains(letter) || field.more.contains(letter);
        if !numbers.chars().all(known) {
            let text = if numbers.eq_ignore_ascii_case(part) { part.to_owned() } else { numbers };
            return Err(FieldError::Characters { number, text });
        }
        numbers.split(',').try_for_each(|item| field.check(item))?;
    }
    Ok(())
}

impl Field {
    /// The text with numbers in place of names.
    fn with_numbers(&self, text: &str) -> String {
        let mut text = text.to_ascii_uppercase();
        for (value, name) in (self.least..).zip(self.names) {
            // The week may end with Sunday.
            let end = if *name == "SUN" { 7 } else { value };
            text = text.replace(&format!("-{name}"), &format!("-{end}")).replace(name, &value.to_string());
        }
        text
    }

    /// Checks what stands between two commas.
    fn check(&self, item: &str) -> Result<(), FieldError> {
        if item.is_empty() {
            return Err(FieldError::Empty(self.name));
        }
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        let steps = self.most - self.least + 1;
        match step.map(str::parse::<u32>) {
            Some(Ok(1..)) | None => {}
            Some(_) => return Err(FieldError::Stepping(step.unwrap_or_default().to_owned())),
        }
        if step.and_then(|step| step.parse().ok()).is_some_and(|step: u32| step > steps) {
            return Err(FieldError::FarStepping(steps));
        }
        let (range, week) = range.split_once('#').map_or((range, None), |(range, week)| (range, Some(week)));
        if let Some(week) = week.filter(|week| !matches!(*week, "1" | "2" | "3" | "4" | "5" | "L")) {
            return Err(FieldError::Week(week.to_owned()));
        }
        // The last day, or the last weekday of its kind.
        let range = range.trim_end_matches('L');
        match range.split_once('-') {
            Some(("", _)) => Err(FieldError::Open("lower")),
            Some((_, "")) => Err(FieldError::Open("upper")),
            Some((from, to)) if self.value(from)? > self.value(to)? => {
                Err(FieldError::Backwards(range.to_owned()))
            }
            Some(_) => Ok(()),
            None if matches!(range, "" | "*" | "?") => Ok(()),
            None => self.value(range).map(drop),
        }
    }

    fn value(&self, text: &str) -> Result<u32, FieldError> {
        let value = text.parse().ok().filter(|value| (self.least..=self.most).contains(value));
        value.ok_or_else(|| FieldError::Value { field: self.name, value: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    #[track_caller]
    fn check(text: &str, expect: &str) {
        let found = super::check(text).err().map(|error| error.to_string());
        assert_eq!(found.as_deref().unwrap_or_default(), expect, "{text}");
    }

    #[test]
    fn what_is_legal() {
        for text in [
            "* * * * *",
            "0 3 1 1 *",
            "*/20 59 23 31 12 *",
            "0-59/15 * * * *",
            "0 0 * JAN-MAR MON-FRI",
            "* * * * MON-SUN",
            "0 0 L * *",
            "0 0 * * 5#L",
            "0 0 * * FRI#2",
            "0 0 * * 7",
            "/5 * * * *",
            "0/10 * * * *",
            "0 0 ? * ?",
            "1,2,3 0 * * sun",
            "@Daily",
            "*/60 * * * *",
        ] {
            check(text, "");
        }
    }

    #[test]
    fn complaints_name_the_field() {
        for (text, expect) in [
            ("60 * * * *", "RangeError: CronPattern: Invalid value for minute: 60"),
            ("* 24 * * *", "RangeError: CronPattern: Invalid value for hour: 24"),
            ("* * 32 * *", "RangeError: CronPattern: Invalid value for day: 32"),
            ("* * * 0 *", "RangeError: CronPattern: Invalid value for month: 0"),
            ("* * * * 8", "RangeError: CronPattern: Invalid value for dayOfWeek: 8"),
            ("* * * * * 2027", "RangeError: CronPattern: Invalid value for dayOfWeek: 2027"),
            ("-1 * * * *", "TypeError: CronPattern: Syntax error, illegal lower range (NaN)"),
            ("1- * * * *", "TypeError: CronPattern: Syntax error, illegal upper range (NaN)"),
            ("0 0 1 */13 *", "TypeError: CronPattern: Syntax error, max steps for part is (12)"),
            (
                "0 0 * * FRI#6",
                "TypeError: CronPattern: nth weekday out of range, should be 1-5 or L. Value: 6, Type: string",
            ),
            ("*/0 * * * *", "TypeError: CronPattern: Syntax error, illegal stepping: 0"),
            (
                "*/x * * * *",
                "TypeError: CronPattern: configuration entry 1 (*/x) contains illegal characters.",
            ),
            ("*/ * * * *", "TypeError: CronPattern: Syntax error, illegal stepping: "),
            ("a * * * *", "TypeError: CronPattern: configuration entry 1 (a) contains illegal characters."),
            (
                "0 0 15W * *",
                "TypeError: CronPattern: configuration entry 3 (15W) contains illegal characters.",
            ),
            (
                "0 0 1 * +MON",
                "TypeError: CronPattern: configuration entry 5 (+1) contains illegal characters.",
            ),
            ("5-1 * * * *", "TypeError: CronPattern: From value is larger than to value: '5-1'"),
            (
                "1,,2 * * * *",
                "TypeError: CronPattern: configuration entry minute () is empty, check for trailing spaces.",
            ),
        ] {
            check(text, expect);
        }
    }
}
