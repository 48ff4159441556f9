//! Putting back what was taken out before a client saw the configuration. Pure.

use serde_json::Value;

use super::{REDACTED, value as redact};

/// What a client sent, with everything that it sent back as it was shown replaced by what is really there. `Err`
/// names the first place where something is missing that nobody but the client can know.
pub(crate) fn put_back(sent: Value, current: &Value) -> Result<Value, String> {
    let mut shown = current.clone();
    redact(&mut shown);
    merge(sent, &shown, current, "")
}

fn merge(sent: Value, shown: &Value, current: &Value, path: &str) -> Result<Value, String> {
    if sent == *shown {
        return Ok(current.clone());
    }
    match (sent, shown, current) {
        (Value::Object(sent), shown, current) => {
            let members = sent.into_iter().map(|(key, value)| {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let value = merge(value, &shown[&key], &current[&key], &below)?;
                Ok((key, value))
            });
            members.collect::<Result<_, String>>().map(Value::Object)
        }
        (Value::Array(sent), Value::Array(shown), Value::Array(current)) => {
            let items = sent.into_iter().enumerate().map(|(index, item)| {
                let at = partner(&item, index, shown);
                let of = |list: &[Value]| at.and_then(|at| list.get(at)).cloned().unwrap_or(Value::Null);
                merge(item, &of(shown), &of(current), &format!("{path}[{index}]"))
            });
            items.collect::<Result<_, String>>().map(Value::Array)
        }
        (Value::Array(sent), ..) => {
            let items = sent
                .into_iter()
                .enumerate()
                .map(|(index, item)| merge(item, &Value::Null, &Value::Null, &format!("{path}[{index}]")));
            items.collect::<Result<_, String>>().map(Value::Array)
        }
        (Value::String(text), ..) if text.contains(REDACTED) => Err(path.to_owned()),
        (sent, ..) => Ok(sent),
    }
}

/// Which item of a list an item was: the one of the same `id`, else the one at the same place. Of several with one
/// `id`, the one at the same place as well.
fn partner(item: &Value, index: usize, shown: &[Value]) -> Option<usize> {
    match item.get("id") {
        Some(id) if shown.get(index).is_some_and(|other| other.get("id") == Some(id)) => Some(index),
        Some(id) => shown.iter().position(|other| other.get("id") == Some(id)),
        None => (index < shown.len()).then_some(index),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn current() -> Value {
        json!({
            "gateway": { "auth": { "token": "real", "mode": "token" }, "remote": { "token": "${T}" } },
            "agents": { "list": [{ "id": "a", "apiKey": "ka" }, { "id": "b", "apiKey": "kb" }] },
            "ui": { "hosts": ["https://user:pw@example.test/"] },
        })
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Value), expected: impl FnOnce(&mut Value)) {
        let (mut sent, mut wanted) = (current(), current());
        redact(&mut sent);
        assert!(!sent.to_string().contains("real") && !sent.to_string().contains("pw"), "{sent}");
        change(&mut sent);
        expected(&mut wanted);
        assert_eq!(put_back(sent, &current()), Ok(wanted));
    }

    #[test]
    fn what_was_shown_comes_back_as_it_is() {
        check(|_| {}, |_| {});
        check(|sent| sent["gateway"]["port"] = 1.into(), |wanted| wanted["gateway"]["port"] = 1.into());
        check(
            |sent| sent["gateway"]["auth"]["token"] = "new".into(),
            |wanted| wanted["gateway"]["auth"]["token"] = "new".into(),
        );
    }

    #[test]
    fn items_of_a_list_are_known_by_their_id() {
        let swap = |list: &mut Value| list.as_array_mut().unwrap().swap(0, 1);
        check(|sent| swap(&mut sent["agents"]["list"]), |wanted| swap(&mut wanted["agents"]["list"]));
    }

    #[test]
    fn items_of_one_id_keep_their_places() {
        let current = json!([{ "id": "a", "token": "one" }, { "id": "a", "token": "two" }]);
        let mut sent = current.clone();
        redact(&mut sent);
        sent[0]["name"] = "new".into();
        let expected = json!([{ "id": "a", "token": "one", "name": "new" }, { "id": "a", "token": "two" }]);
        assert_eq!(put_back(sent, &current), Ok(expected));
    }

    #[test]
    fn a_secret_that_nobody_knows_is_named() {
        let check = |sent: Value, place: &str| assert_eq!(put_back(sent, &current()), Err(place.to_owned()));
        check(json!({ "gateway": { "auth": { "password": REDACTED } } }), "gateway.auth.password");
        check(json!({ "agents": { "list": [{ "id": "c", "apiKey": REDACTED }] } }), "agents.list[0].apiKey");
        check(json!({ "hooks": { "token": [REDACTED] } }), "hooks.token[0]");
    }
}
