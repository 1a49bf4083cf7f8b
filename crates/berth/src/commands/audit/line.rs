//! One call on one line, for people.

use serde_json::Value;

pub fn line(call: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let source = text(&call["eventSource"]);
    let service = source.strip_suffix(".amazonaws.com").unwrap_or(&source);
    let outcome = match (call["errorCode"].as_str(), call["errorMessage"].as_str()) {
        (None, _) => "ok".to_owned(),
        (Some(code), None) => code.to_owned(),
        (Some(code), Some(message)) => format!("{code}: {message}"),
    };
    let parameters = match &call["requestParameters"] {
        Value::Null => String::new(),
        parameters => parameters.to_string(),
    };
    format!(
        "{}  {service}:{}  {}  {outcome}  {parameters}  {}",
        text(&call["eventTime"]),
        text(&call["eventName"]),
        text(&call["userIdentity"]["arn"]),
        text(&call["requestID"]),
    )
}
