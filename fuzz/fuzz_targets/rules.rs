//! Rules of listeners: no pattern and no request may be too much, and the index may leave nothing out.
#![no_main]

use std::net::IpAddr;

use berth_proxy::{Question, Rules};
use berth_proxy_protocol::{Condition, Pattern, QueryPattern, Rule};
use http::{HeaderMap, Method};
use libfuzzer_sys::fuzz_target;

// The first line is a request, `HOST PATH QUERY HEADER`; each other is a rule, whose words are conditions.
fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let mut request = lines.next().unwrap_or_default().split(' ');
    let (host, path) = (request.next(), request.next().unwrap_or("/"));
    let (query, mut headers) = (request.next(), HeaderMap::new());
    if let Some(Ok(value)) = request.next().map(str::parse) {
        headers.insert("x-fuzz", value);
    }
    let client = IpAddr::from([192, 0, 2, 1]);
    let question = Question::new(&Method::GET, host, path, query, &headers, client);

    let rules: Vec<Rule> = lines.take(32).map(rule).collect();
    let alone: Vec<Option<usize>> = rules
        .iter()
        .filter_map(|rule| Rules::compile(std::slice::from_ref(rule)).ok())
        .map(|alone| alone.find(&question))
        .collect();
    if let Ok(compiled) = Rules::compile(&rules) {
        assert_eq!(compiled.find(&question), alone.iter().position(Option::is_some));
    }
});

fn rule(line: &str) -> Rule {
    let conditions = line.split(' ').filter_map(condition).collect();
    Rule { arn: String::new(), priority: 1, conditions, actions: Vec::new(), transforms: Vec::new() }
}

fn condition(word: &str) -> Option<Condition> {
    let (kind, value) = word.split_once(':')?;
    let wildcards = || value.split(',').map(|it| Pattern::Wildcard(it.to_owned())).collect();
    let regexes = || value.split(',').map(|it| Pattern::Regex(it.to_owned())).collect();
    Some(match kind {
        "h" => Condition::HostHeader { values: wildcards() },
        "H" => Condition::HostHeader { values: regexes() },
        "p" => Condition::PathPattern { values: wildcards() },
        "P" => Condition::PathPattern { values: regexes() },
        "x" => Condition::HttpHeader { name: "x-fuzz".to_owned(), values: wildcards() },
        "q" => {
            let (key, value) = match value.split_once('=') {
                Some((key, value)) => (Some(key.to_owned()), value),
                None => (None, value),
            };
            Condition::QueryString { values: vec![QueryPattern { key, value: value.to_owned() }] }
        }
        "s" => Condition::SourceIp { values: value.split(',').map(str::to_owned).collect() },
        _ => return None,
    })
}
