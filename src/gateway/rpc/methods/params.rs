//! Parameters that passed their schema → a handler's type; and work that blocks.

use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::Span;

use crate::protocol::error::RpcError;

/// Reads parameters into a handler's type. The schema was checked before, so this fails only when the two
/// disagree.
pub(super) fn parse<T: DeserializeOwned>(method: &str, mut params: Value) -> Result<T, RpcError> {
    write_whole_numbers(&mut params);
    serde_json::from_value(params)
        .map_err(|error| RpcError::invalid(format!("invalid {method} params: {error}")))
}

/// Makes `5.0` and `5e0` what they are to JavaScript, and to the schema: the same as `5`.
fn write_whole_numbers(value: &mut Value) {
    /// Beyond, not every whole number is one of these.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.is_f64() => {
            if let Some(float) = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() <= EXACT)
            {
                #[expect(clippy::cast_possible_truncation, reason = "whole, and in range")]
                let whole = float as i64;
                *value = whole.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(write_whole_numbers),
        Value::Object(members) => members.values_mut().for_each(write_whole_numbers),
        _ => {}
    }
}

/// Runs what blocks off the runtime's thread.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, RpcError> {
    // What is logged there belongs to the request all the same.
    let span = Span::current();
    let result = tokio::task::spawn_blocking(move || span.in_scope(work)).await;
    result.map_err(|error| RpcError::unavailable(format!("Error: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_numbers_have_one_spelling() {
        let given = r#"{ "a": 5.0, "b": [1e3, -2.0, 0.5, 1e36, 7], "c": { "d": 9007199254740992.0 } }"#;
        let mut value: Value = serde_json::from_str(given).unwrap();
        write_whole_numbers(&mut value);
        let expect =
            json!({ "a": 5, "b": [1000, -2, 0.5, 1e36, 7], "c": { "d": 9_007_199_254_740_992_u64 } });
        assert_eq!(value, expect);
        assert_eq!(parse::<Vec<u64>>("m", json!([3.0])).unwrap(), [3]);
    }
}
