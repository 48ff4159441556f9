//! A value as it is typed on a command line.

use serde_json::Value;

use super::edit::ConfigPath;
use super::load::value;
use super::validate::wants_text;

/// What `text` means as the value of `path`: JSON5, or the text itself when it is none. Where only a text may stand it
/// is a text whatever it looks like, as a token of digits does. With `strict`, nothing but JSON5 is taken; the error
/// is what is wrong with it.
pub fn typed_value(path: &ConfigPath, text: &str, strict: bool) -> Result<Value, String> {
    match value(text) {
        Ok(value) if strict || value.is_string() || value.is_null() || !wants_text(path) => Ok(value),
        Err(fault) if strict => Err(fault),
        _ => Ok(Value::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(path: &str, text: &str, strict: bool, expected: Result<Value, &str>) {
        let found = typed_value(&ConfigPath::parse(path).unwrap(), text, strict);
        assert_eq!(found, expected.map_err(str::to_owned), "{path} {text}");
    }

    #[test]
    fn json5_else_a_text() {
        check("gateway.port", "18789", false, Ok(json!(18789)));
        check("gateway.port", "0x10", false, Ok(json!(16)));
        check("gateway.bind", "lan", false, Ok(json!("lan")));
        check("gateway.bind", "'lan'", false, Ok(json!("lan")));
        check("gateway.trustedProxies", "['::1',]", false, Ok(json!(["::1"])));
        check("gateway.port", "NaN", false, Ok(json!("NaN")));
        check("gateway.bind", "", false, Ok(json!("")));
        check("agents.list[0].default", "true", false, Ok(json!(true)));
        let fault = "SyntaxError: JSON5: invalid character 'l' at 1:1";
        check("gateway.bind", "lan", true, Err(fault));
        check("gateway.bind", "'lan'", true, Ok(json!("lan")));
    }

    #[test]
    fn a_token_of_digits_is_a_text() {
        check("gateway.auth.token", "123456", false, Ok(json!("123456")));
        check("gateway.auth.token", "1234e5678", false, Ok(json!("1234e5678")));
        check("gateway.auth.token", "true", false, Ok(json!("true")));
        check("gateway.auth.token", "123456", true, Ok(json!(123_456)));
        check("agents.list[0].name", "7", false, Ok(json!("7")));
        check("channels.telegram.botToken", "7", false, Ok(json!(7)));
    }
}
