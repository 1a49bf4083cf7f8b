//! What ALB documents of its conditions, as a table; and the index, held against a matcher that has none.

use std::net::IpAddr;

use berth_proxy_protocol::{Condition, Pattern, QueryPattern, Rule};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::prelude::*;

use super::{Question, Rules};

#[derive(Clone, Debug)]
struct Request {
    method: Method,
    host: Option<String>,
    path: String,
    query: Option<String>,
    headers: HeaderMap,
    client: IpAddr,
}

impl Request {
    /// `METHOD HOST/PATH?QUERY`, then headers, `Name: value`.
    fn parse(text: &str) -> Request {
        let mut lines = text.split('|').map(str::trim);
        let first = lines.next().expect("a split has a first part");
        let (method, url) = first.split_once(' ').expect("a method and a URL");
        let (host, rest) = url.split_at(url.find('/').unwrap_or(url.len()));
        let (path, query) =
            rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query.into())));
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(": ").expect("a name and a value");
            let name: HeaderName = name.parse().expect("a name");
            headers.append(name, value.parse().expect("a value"));
        }
        Request {
            method: method.parse().expect("a method"),
            host: (!host.is_empty()).then(|| host.to_owned()),
            path: path.to_owned(),
            query,
            headers,
            client: [192, 0, 2, 17].into(),
        }
    }

    fn question(&self) -> Question<'_> {
        let (host, query) = (self.host.as_deref(), self.query.as_deref());
        Question::new(&self.method, host, &self.path, query, &self.headers, self.client)
    }
}

fn wildcards(values: &[&str]) -> Vec<Pattern> {
    values.iter().map(|value| Pattern::Wildcard((*value).into())).collect()
}

fn regexes(values: &[&str]) -> Vec<Pattern> {
    values.iter().map(|value| Pattern::Regex((*value).into())).collect()
}

fn hosts(values: &[&str]) -> Condition {
    Condition::HostHeader { values: wildcards(values) }
}

fn paths(values: &[&str]) -> Condition {
    Condition::PathPattern { values: wildcards(values) }
}

fn header(name: &str, values: &[&str]) -> Condition {
    Condition::HttpHeader { name: name.into(), values: wildcards(values) }
}

fn methods(values: &[&str]) -> Condition {
    Condition::HttpRequestMethod { values: values.iter().map(|&value| value.into()).collect() }
}

fn query(values: &[(&str, &str)]) -> Condition {
    let pair = |(key, value): &(&str, &str)| QueryPattern {
        key: (!key.is_empty()).then(|| (*key).into()),
        value: (*value).into(),
    };
    Condition::QueryString { values: values.iter().map(pair).collect() }
}

fn sources(values: &[&str]) -> Condition {
    Condition::SourceIp { values: values.iter().map(|&value| value.into()).collect() }
}

fn rules(conditions: Vec<Vec<Condition>>) -> Vec<Rule> {
    let rule = |(priority, conditions): (usize, _)| Rule {
        arn: format!("rule-{priority}"),
        priority: u32::try_from(priority).expect("a few rules"),
        conditions,
        actions: Vec::new(),
        transforms: Vec::new(),
    };
    conditions.into_iter().enumerate().map(rule).collect()
}

fn matches(condition: &Condition, request: &str) -> bool {
    let rules = Rules::compile(&rules(vec![vec![condition.clone()]])).expect("the rule is valid");
    rules.find(&Request::parse(request).question()) == Some(0)
}

#[test]
fn conditions_hold_as_documented() {
    let table: Vec<(Condition, &[&str], &[&str])> = vec![
        (
            hosts(&["example.com", "*.Example.org", "a?.example.net"]),
            &[
                "GET example.com/",
                "GET EXAMPLE.com:8080/",
                "GET www.example.org/",
                "GET a.b.example.ORG/",
                "GET a1.example.net/",
            ],
            &[
                "GET www.example.com/",
                "GET example.org/",
                "GET /",
                "GET a.example.net/",
                "GET example.com.evil.test/",
            ],
        ),
        (
            Condition::HostHeader { values: regexes(&[r"^(api|www)\d?\.example\.com$"]) },
            &["GET api.example.com/", "GET WWW2.example.com:80/"],
            &["GET apix.example.com/", "GET api.example.com.test/"],
        ),
        (
            paths(&["/img/*", "/img/*/pics", "/a?c"]),
            &[
                "GET h/img/",
                "GET h/img/a/b?x=1",
                "GET h/abc",
                "GET h/a/c",
                "GET h/%69mg/x",
                "GET h/x/../img/y",
            ],
            &["GET h/img", "GET h/IMG/x", "GET h/ac", "GET h/?/img/x", "GET h/img/../x"],
        ),
        (
            Condition::PathPattern { values: regexes(&[r"^/v[0-9]+/items$"]) },
            &["GET h/v1/items", "GET h/v22/items?q"],
            &["GET h/V1/items", "GET h/v1/items/7", "GET h/v/items"],
        ),
        (
            header("User-Agent", &["*Chrome*", "*Safari*"]),
            &[
                "GET h/ | user-agent: Mozilla CHROME/1",
                "GET h/ | User-Agent: x | User-Agent: Safari",
            ],
            &["GET h/", "GET h/ | User-Agent: curl/8", "GET h/ | Agent: Chrome"],
        ),
        (
            Condition::HttpHeader { name: "x-tier".into(), values: regexes(&["^(gold|silver)$"]) },
            &["GET h/ | X-Tier: gold"],
            &["GET h/ | X-Tier: GOLD", "GET h/ | X-Tier: golden"],
        ),
        (methods(&["GET", "PURGE"]), &["GET h/", "PURGE h/"], &["HEAD h/", "get h/", "POST h/"]),
        (
            query(&[("version", "v1"), ("", "*example*")]),
            &[
                "GET h/?version=v1",
                "GET h/?a=b&VERSION=V1",
                "GET h/?x=anExampleOf",
                "GET h/?version=v%31",
            ],
            &[
                "GET h/",
                "GET h/?version=v2",
                "GET h/?example",
                "GET h/?example=1",
                "GET h/version=v1",
            ],
        ),
        (query(&[("q", r"\*")]), &["GET h/?q=*"], &["GET h/?q=x", "GET h/?q="]),
        (query(&[("flag", "")]), &["GET h/?flag", "GET h/?flag="], &["GET h/?flag=1", "GET h/"]),
        (sources(&["192.0.2.0/24", "2001:db8::/32"]), &["GET h/"], &[]),
        (sources(&["192.0.2.16/32", "0.0.0.0/1"]), &[], &["GET h/"]),
    ];
    for (condition, holds, does_not) in &table {
        for request in *holds {
            assert!(matches(condition, request), "{condition:?} holds for {request}");
        }
        for request in *does_not {
            assert!(!matches(condition, request), "{condition:?} does not hold for {request}");
        }
    }
}

#[test]
fn addresses_of_version_6_are_compared_and_mapped_ones_are_version_4() {
    let rules = Rules::compile(&rules(vec![
        vec![sources(&["2001:db8::/33"])],
        vec![sources(&["198.51.100.0/24"])],
        vec![sources(&["::/0"])],
    ]))
    .expect("the rules are valid");
    let find = |client: &str| {
        let client = client.parse().expect("an address");
        rules.find(&Request { client, ..Request::parse("GET h/") }.question())
    };
    assert_eq!(find("2001:db8:7fff::1"), Some(0));
    assert_eq!(find("::ffff:198.51.100.9"), Some(1));
    assert_eq!(find("2001:db8:8000::1"), Some(2));
    assert_eq!(find("203.0.113.1"), None);
}

#[test]
fn the_first_rule_all_of_whose_conditions_hold_is_the_one() {
    let rules = Rules::compile(&rules(vec![
        vec![hosts(&["a.test"]), paths(&["/x/*"]), methods(&["POST"])],
        vec![paths(&["/x/y"])],
        vec![hosts(&["a.test", "*.test"])],
        vec![],
    ]))
    .expect("the rules are valid");
    let find = |request| rules.find(&Request::parse(request).question());
    assert_eq!(find("POST a.test/x/y"), Some(0));
    assert_eq!(find("GET a.test/x/y"), Some(1));
    assert_eq!(find("GET a.test/x"), Some(2));
    assert_eq!(find("GET other/"), Some(3));
}

#[test]
fn what_means_nothing_is_named() {
    for (condition, named) in [
        (Condition::PathPattern { values: regexes(&["("]) }, "`(`"),
        (sources(&["10.0.0.0"]), "`10.0.0.0`"),
        (sources(&["10.0.0.0/33"]), "`10.0.0.0/33`"),
        (header("a b", &["x"]), "`a b`"),
        (methods(&["A B"]), "`A B`"),
    ] {
        let problem = Rules::compile(&rules(vec![vec![condition]])).expect_err("it means nothing");
        assert!(problem.starts_with("rule 0: ") && problem.contains(named), "{problem}");
    }
}

#[test]
fn of_a_thousand_rules_few_are_looked_at() {
    let mut all = Vec::new();
    for number in 0..250 {
        all.push(vec![hosts(&[&format!("host-{number}.test")])]);
        all.push(vec![hosts(&[&format!("*.zone-{number}.test")]), paths(&["/x/*", "/y"])]);
        all.push(vec![paths(&[&format!("/service-{number}/*")])]);
        all.push(vec![paths(&[&format!("/exact/{number}")]), methods(&["GET"])]);
    }
    let rules = Rules::compile(&rules(all)).expect("the rules are valid");
    for (request, found) in [
        ("GET host-77.test/", Some(308)),
        ("GET a.b.zone-77.test/x/y", Some(309)),
        ("GET other/service-77/a", Some(310)),
        ("GET other/exact/77", Some(311)),
        ("GET other/", None),
    ] {
        let request = Request::parse(request);
        assert_eq!(rules.find(&request.question()), found);
        let candidates = rules.candidates(&request.question());
        assert!(candidates <= 3, "{candidates} candidates for {request:?}");
    }
}

/// All of it once more, as plainly as it can be said.
mod naive {
    use super::{Condition, IpAddr, Pattern, Request, Rule};

    pub(super) fn find(rules: &[Rule], request: &Request) -> Option<usize> {
        rules.iter().position(|rule| rule.conditions.iter().all(|it| holds(it, request)))
    }

    fn holds(condition: &Condition, request: &Request) -> bool {
        match condition {
            Condition::HostHeader { values } => request.host.as_deref().is_some_and(|host| {
                any(values, &host.split(':').next().unwrap_or_default().to_lowercase(), true)
            }),
            Condition::PathPattern { values } => any(values, &request.path, false),
            Condition::HttpHeader { name, values } => request
                .headers
                .get_all(name.as_str())
                .iter()
                .any(|value| any(values, &value.to_str().expect("text").to_lowercase(), true)),
            Condition::HttpRequestMethod { values } => {
                values.iter().any(|value| value == request.method.as_str())
            }
            Condition::QueryString { values } => {
                let query = request.query.as_deref().unwrap_or_default().to_lowercase();
                let pairs = query.split('&').filter(|pair| !pair.is_empty());
                pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).any(|(key, value)| {
                    values.iter().any(|wanted| {
                        wanted.key.as_ref().is_none_or(|it| like(&it.to_lowercase(), key))
                            && like(&wanted.value.to_lowercase(), value)
                    })
                })
            }
            Condition::SourceIp { values } => values.iter().any(|network| {
                let (address, bits) = network.split_once('/').expect("a network");
                let bits: u32 = bits.parse().expect("a number");
                let masked = |address: IpAddr| match address {
                    IpAddr::V4(it) => u64::from(it.to_bits()) >> (32 - bits),
                    IpAddr::V6(_) => u64::MAX,
                };
                masked(address.parse().expect("an address")) == masked(request.client)
            }),
        }
    }

    fn any(values: &[Pattern], text: &str, ignores_case: bool) -> bool {
        values.iter().any(|value| match value {
            Pattern::Wildcard(it) if ignores_case => like(&it.to_lowercase(), text),
            Pattern::Wildcard(it) => like(it, text),
            Pattern::Regex(_) => unreachable!("none are made"),
        })
    }

    fn like(pattern: &str, text: &str) -> bool {
        let Some(first) = pattern.chars().next() else { return text.is_empty() };
        let rest = &pattern[1..];
        match first {
            '*' => (0..=text.len()).any(|taken| like(rest, &text[taken..])),
            '?' => !text.is_empty() && like(rest, &text[1..]),
            byte => text.starts_with(byte) && like(rest, &text[1..]),
        }
    }
}

/// A small alphabet, so that things match.
fn pattern(alphabet: &'static str) -> impl Strategy<Value = String> {
    proptest::string::string_regex(&format!("[{alphabet}*?]{{0,6}}")).expect("a regex")
}

fn condition() -> impl Strategy<Value = Condition> {
    let values =
        |alphabet| prop::collection::vec(pattern(alphabet).prop_map(Pattern::Wildcard), 1..3);
    prop_oneof![
        4 => values("abA.").prop_map(|values| Condition::HostHeader { values }),
        4 => values("abA/").prop_map(|mut values| {
            for value in &mut values {
                if let Pattern::Wildcard(it) = value { it.insert(0, '/') }
            }
            Condition::PathPattern { values }
        }),
        1 => values("abA").prop_map(|values| Condition::HttpHeader { name: "X-A".into(), values }),
        1 => prop_oneof![Just("GET"), Just("PUT")].prop_map(|it| methods(&[it])),
        1 => (pattern("ab"), pattern("ab"), any::<bool>()).prop_map(|(key, value, keyed)| {
            let key = keyed.then_some(key);
            Condition::QueryString { values: vec![QueryPattern { key, value }] }
        }),
        1 => (0u8..4, 24u32..33).prop_map(|(last, bits)| sources(&[&format!("192.0.2.{last}/{bits}")])),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    (
        prop_oneof![Just(Method::GET), Just(Method::PUT)],
        prop::option::of("[abAB.]{0,5}"),
        "/[abA/]{0,6}",
        prop::option::of("[ab=&]{0,8}"),
        prop::option::of("[abAB]{1,3}"),
        0u8..4,
    )
        .prop_map(|(method, host, path, query, header, last)| {
            let mut headers = HeaderMap::new();
            if let Some(header) = header {
                headers.insert("x-a", HeaderValue::from_str(&header).expect("a value"));
            }
            Request { method, host, path, query, headers, client: [192, 0, 2, last].into() }
        })
}

proptest! {
    #[test]
    fn the_index_leaves_nothing_out(
        conditions in prop::collection::vec(prop::collection::vec(condition(), 0..4), 0..20),
        requests in prop::collection::vec(request(), 1..20),
    ) {
        let rules = rules(conditions);
        let compiled = Rules::compile(&rules).expect("the rules are valid");
        for request in requests {
            prop_assert_eq!(compiled.find(&request.question()), naive::find(&rules, &request));
        }
    }
}
