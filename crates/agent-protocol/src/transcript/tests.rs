use std::str::FromStr;

use serde_json::json;

use super::*;

fn check(pattern: &str, found: serde_json::Value) -> Result<(), String> {
    let pattern: Pattern = pattern.parse().unwrap();
    pattern.check(&found, &mut Bindings::default()).map_err(|mismatch| mismatch.to_string())
}

#[test]
fn a_variable_is_the_same_wherever_it_appears() {
    let pattern = r#"{"a": "$x", "b": ["$x", "$_", "$_"]}"#;
    assert_eq!(check(pattern, json!({"a": 1, "b": [1, 2, 3]})), Ok(()));
    let other = check(pattern, json!({"a": 1, "b": [2, 2, 2]})).unwrap_err();
    assert_eq!(other, "at /b/0: expected 1, found 2");
}

#[test]
fn members_are_neither_missing_nor_unexpected_unless_they_say_nothing() {
    assert_eq!(check(r#"{"a": 1, "b": ""}"#, json!({"a": 1.0, "c": [], "d": null})), Ok(()));
    assert_eq!(check(r#"{"a": "$_"}"#, json!({})), Ok(()), "anything may be nothing");
    assert!(check(r#"{"a": 1}"#, json!({"a": 1, "b": 2})).unwrap_err().starts_with("at /b"));
    assert!(check(r#"{"a": 1}"#, json!({})).unwrap_err().starts_with("at /a"));
    assert_eq!(check(r#"{"a": 1, "$more": "$_"}"#, json!({"a": 1, "b": 2})), Ok(()));
}

#[test]
fn json_within_a_text_is_compared_as_json() {
    let pattern = r#"{"config": "{\"A\": 1, \"B\": 2}"}"#;
    assert_eq!(check(pattern, json!({"config": r#"{"B":2,"A":1}"#})), Ok(()));
    assert!(check(pattern, json!({"config": r#"{"B":3,"A":1}"#})).is_err());
}

#[test]
fn what_is_sent_is_remembered() {
    let mut bindings = Bindings::default();
    let pattern: Pattern = r#"{"id": "$id=m-1", "number": "$n=7", "same": "$id"}"#.parse().unwrap();
    let sent = pattern.fill(&mut bindings);
    assert_eq!(sent, json!({"id": "m-1", "number": 7, "same": "m-1"}));
    assert_eq!(bindings.get("n"), Some(&json!(7)));
}

#[test]
fn every_kind_of_line_is_read() {
    let transcript = Transcript::parse(concat!(
        "# first\n",
        "client calls RunTask {\"a\":\n  1}\n\n",
        "agent calls X {}\nserver answers {}\nagent opens acs a=b&c=$d\n",
        "server says tcs {}\nagent hangs up acs\npause 20s\n[server] server says acs {}\n",
    ));
    let lines: Vec<_> = transcript.of(End::Agent).collect();
    let numbers: Vec<_> = lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [2, 5, 6, 7, 8, 9, 10]);
    let input = Pattern::from_str(r#"{"a": 1}"#).unwrap();
    assert_eq!(lines[0].event, Event::ClientCall { operation: "RunTask".into(), input });
    assert_eq!(lines[6].event, Event::Pause(Duration::from_secs(20)));
}

#[test]
fn a_let_says_what_to_send_and_a_line_may_be_for_one_end_only() {
    let transcript = Transcript::parse("let a [1]\n[server] server says acs {\"x\": \"$a\"}\n");
    assert_eq!(transcript.of(End::Agent).count(), 0);
    let line = transcript.of(End::Server).next().unwrap();
    let Event::Frame { frame, .. } = &line.event else { panic!("{line:?}") };
    assert_eq!(frame.fill(&mut transcript.bindings()), json!({"x": [1]}));
}

#[test]
#[should_panic(expected = "line 1: this is no event: server dreams")]
fn a_line_that_is_no_event_is_told() {
    Transcript::parse("server dreams\n");
}
