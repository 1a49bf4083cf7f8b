//! Nothing that a caller may say is ignored in silence.
//!
//! `parameters.txt` has every member of every shape that a served operation takes, with what becomes of it:
//! `used`, `refused` by name, `kept` (stored and shown as it was given), or `deviates`, with the reason. When a model grows a member or an
//! operation is added, this test asks for a decision.

use std::collections::{BTreeMap, BTreeSet};

use berth_aws_api::schema::{Kind, Shape};
use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::OpenAuthenticator;
use berth_control::pipeline::{AllowAll, EndpointBuilder, EndpointOptions};
use berth_control::tables::Schema;
use berth_ecs::{Ecs, Limits};
use berth_store::MemoryStore;

const DECISIONS: &str = include_str!("parameters.txt");

#[tokio::test]
async fn every_parameter_has_its_decision() {
    let decided: BTreeMap<&str, &str> = DECISIONS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(' ').unwrap_or_else(|| panic!("`{line}` decides nothing")))
        .collect();
    let taken = parameters().await;
    let decided_names: BTreeSet<String> = decided.keys().map(|name| (*name).to_owned()).collect();
    let missing: Vec<&String> = taken.difference(&decided_names).collect();
    assert!(missing.is_empty(), "nothing is decided about {missing:#?}");
    let gone: Vec<&String> = decided_names.difference(&taken).collect();
    assert!(gone.is_empty(), "no operation takes {gone:#?}");
    for (name, decision) in decided {
        let word = decision.split(':').next().unwrap_or_default();
        assert!(
            ["used", "refused", "kept", "deviates"].contains(&word),
            "{name}: what is `{decision}`?"
        );
    }
}

/// `Structure.member` for everything that the served operations take.
async fn parameters() -> BTreeSet<String> {
    let env = Env::system();
    let mut schema = Schema::new();
    berth_ecs::register_tables(&mut schema, &env);
    let cell = Cell::open(std::sync::Arc::new(MemoryStore::new()), schema).await.expect("it opens");
    let ecs = Ecs::new(cell, env.clone(), Limits::default(), "http://127.0.0.1:4566");
    let options = EndpointOptions {
        env,
        account: "123456789012".parse().expect("an account"),
        default_region: "us-east-1".parse().expect("a region"),
        authenticator: std::sync::Arc::new(OpenAuthenticator),
        authorizer: std::sync::Arc::new(AllowAll),
        metrics: Metrics::new(),
    };
    let endpoint = EndpointBuilder::new(options).service(ecs.service()).build().expect("a service");
    let mut names = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for operation in endpoint.operations() {
        if let Some(input) = operation.input {
            collect(input, &mut seen, &mut names);
        }
    }
    names
}

fn collect(shape: &'static Shape, seen: &mut BTreeSet<&'static str>, names: &mut BTreeSet<String>) {
    match &shape.kind {
        Kind::List(list) => collect(list.member, seen, names),
        Kind::Map(map) => collect(map.value, seen, names),
        Kind::Structure(members) | Kind::Union(members) if seen.insert(shape.name) => {
            for member in *members {
                names.insert(format!("{}.{}", shape.name, member.name));
                collect(member.shape, seen, names);
            }
        }
        _ => {}
    }
}
