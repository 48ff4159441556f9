//! `usage.status`, `usage.cost` (`wire-protocol` D.1).

use serde_json::{Value, json};

use crate::gateway::context::Gateway;
use crate::protocol::error::RpcError;

/// Days, when the client does not say.
const DAYS: u32 = 30;
/// Days at most; ten years of rows are enough for any page.
const MOST: f64 = 3660.0;

/// `usage.status`: no provider is asked by this gateway.
pub(crate) fn status(gateway: &Gateway) -> Value {
    json!({ "updatedAt": gateway.now_ms(), "providers": [] })
}

/// `usage.cost`.
pub(crate) async fn cost(gateway: &Gateway, params: &Value) -> Result<Value, RpcError> {
    let state_dir = gateway.paths.state_dir.clone();
    let answer = gateway.usage.cost(state_dir, days(params), gateway.now_ms()).await;
    answer.map(|answer| (*answer).clone()).map_err(|error| RpcError::unavailable(format!("Error: {error}")))
}

/// A number or the text of one; what is neither counts as not said.
fn days(params: &Value) -> u32 {
    let given = &params["days"];
    let number = given.as_f64().or_else(|| given.as_str()?.trim().parse().ok());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
    number.filter(|number| number.is_finite()).map_or(DAYS, |number| number.clamp(1.0, MOST) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_kindly() {
        for (given, expect) in [
            (json!({}), 30),
            (json!({ "days": 7 }), 7),
            (json!({ "days": "7" }), 7),
            (json!({ "days": 0 }), 1),
            (json!({ "days": -3.5 }), 1),
            (json!({ "days": 2.9 }), 2),
            (json!({ "days": "many" }), 30),
            (json!({ "days": 1e12 }), 3660),
            (json!([]), 30),
        ] {
            assert_eq!(days(&given), expect, "{given}");
        }
    }
}
