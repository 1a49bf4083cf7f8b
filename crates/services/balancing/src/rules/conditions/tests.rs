use super::*;

fn condition(field: &str, values: &[&str]) -> api::RuleCondition {
    let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    let mut made = api::RuleCondition { field: Some(field.to_owned()), ..Default::default() };
    match field {
        "http-request-method" => {
            made.http_request_method_config =
                Some(api::HttpRequestMethodConditionConfig { values: Some(values) });
        }
        "source-ip" => {
            made.source_ip_config =
                Some(api::SourceIpConditionConfig { values: Some(values), ip_address_type: None });
        }
        _ => made.values = Some(values),
    }
    made
}

fn refusal(given: Vec<api::RuleCondition>) -> String {
    accept(given, &Limits::default()).expect_err("it is refused").to_string()
}

#[test]
fn both_forms_are_shown() {
    let accepted = accept(vec![condition("path-pattern", &["/a*"])], &Limits::default());
    let accepted = accepted.expect("sound").remove(0);
    let values = Some(vec!["/a*".to_owned()]);
    assert_eq!(accepted.values, values);
    assert_eq!(accepted.path_pattern_config.and_then(|config| config.values), values);
}

#[test]
fn values_are_what_their_field_takes() {
    for (field, value, is_taken) in [
        ("host-header", "*.example.com", true),
        ("host-header", "example", false),
        ("host-header", "example.c0m", false),
        ("host-header", "exa_mple.com", false),
        ("path-pattern", "/img/*/pic?.png", true),
        ("path-pattern", "/a b", false),
        ("http-request-method", "M-SEARCH", true),
        ("http-request-method", "get", false),
        ("source-ip", "192.0.2.0/24", true),
        ("source-ip", "2001:db8::/32", true),
        ("source-ip", "192.0.2.0/33", false),
        ("source-ip", "192.0.2.1", false),
    ] {
        let taken = accept(vec![condition(field, &[value])], &Limits::default());
        assert_eq!(taken.is_ok(), is_taken, "{field} {value}");
    }
}

#[test]
fn a_field_comes_once_but_for_headers_and_queries() {
    let host = || condition("host-header", &["a.example"]);
    assert!(refusal(vec![host(), host()]).contains("multiple 'host-header'"));
    let header = || api::RuleCondition {
        field: Some("http-header".to_owned()),
        http_header_config: Some(api::HttpHeaderConditionConfig {
            http_header_name: Some("X-Kind".to_owned()),
            values: Some(vec!["a".to_owned()]),
            regex_values: None,
        }),
        ..Default::default()
    };
    assert!(accept(vec![header(), header()], &Limits::default()).is_ok());
}

#[test]
fn values_and_wildcards_are_counted_over_the_whole_rule() {
    let six = condition("path-pattern", &["/1", "/2", "/3", "/4", "/5", "/6"]);
    assert!(refusal(vec![six]).contains("'5' condition values"));
    let wild = condition("path-pattern", &["/*/*/*/*/*/*/*"]);
    assert!(refusal(vec![wild]).contains("'6' condition wildcards"));
    let escaped = condition("path-pattern", &["/\\*/\\*/\\*/\\*/\\*/\\*/\\*"]);
    assert!(accept(vec![escaped], &Limits::default()).is_ok());
}

#[test]
fn regular_expressions_stand_in_place_of_values() {
    let of = |regex: &str| api::RuleCondition {
        field: Some("path-pattern".to_owned()),
        path_pattern_config: Some(api::PathPatternConditionConfig {
            values: None,
            regex_values: Some(vec![regex.to_owned()]),
        }),
        ..Default::default()
    };
    assert!(accept(vec![of("^/v[0-9]+/")], &Limits::default()).is_ok());
    assert!(refusal(vec![of("[")]).contains("not a valid regular expression"));
    let both = api::RuleCondition { values: Some(vec!["/a".to_owned()]), ..of("^/b") };
    assert!(refusal(vec![both]).contains("both values and regex values"));
}

#[test]
fn what_belongs_to_another_field_is_refused() {
    let mixed = api::RuleCondition {
        path_pattern_config: Some(api::PathPatternConditionConfig::default()),
        ..condition("host-header", &["a.example"])
    };
    assert!(refusal(vec![mixed]).contains("configuration of 'path-pattern'"));
    assert!(refusal(vec![condition("moon", &["x"])]).contains("'moon'"));
    assert!(refusal(Vec::new()).contains("must be specified"));
}
