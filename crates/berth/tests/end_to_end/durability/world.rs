//! What one writer makes and changes: a cluster with two tags that always agree, and a family of task definitions
//! whose two containers do.

use std::collections::BTreeMap;

use berth_test_server::{Api, Value, json};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::ecs::text;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// What both tags of the cluster say, if there is a cluster.
    cluster: Option<u64>,
    /// What both containers of each revision say, and whether it is still ACTIVE.
    revisions: BTreeMap<u64, (u64, bool)>,
}

/// One request. Values are drawn, so that no two requests write the same.
#[derive(Clone, Debug)]
pub enum Change {
    Create(u64),
    Tag(u64),
    Delete,
    Register(u64),
    Deregister(u64),
}

impl World {
    pub fn next_change(&self, random: &mut StdRng) -> Change {
        let value = random.random_range(0..u64::from(u32::MAX));
        let active = self.revisions.iter().find(|(_, (_, active))| *active);
        match (random.random_range(0..10), self.cluster, active) {
            (0, Some(_), _) => Change::Delete,
            (1..=4, Some(_), _) => Change::Tag(value),
            (0..=4, None, _) => Change::Create(value),
            (5 | 6, _, Some((revision, _))) => Change::Deregister(*revision),
            _ => Change::Register(value),
        }
    }

    pub fn apply(&mut self, change: &Change) {
        match *change {
            Change::Create(value) | Change::Tag(value) => self.cluster = Some(value),
            Change::Delete => self.cluster = None,
            Change::Register(value) => {
                let next = self.revisions.len() as u64 + 1;
                self.revisions.insert(next, (value, true));
            }
            Change::Deregister(revision) => {
                let known =
                    self.revisions.get_mut(&revision).expect("it was drawn from those there are");
                known.1 = false;
            }
        }
    }

    /// What the server has. Panics if it is half of something.
    pub fn seen(api: &Api, name: &str) -> World {
        World { cluster: cluster(api, name), revisions: revisions(api, name) }
    }
}

impl Change {
    pub fn request(&self, name: &str) -> (&'static str, Value) {
        let tags = |value: &u64| {
            let value = value.to_string();
            json!([{ "key": "left", "value": value }, { "key": "right", "value": value }])
        };
        match self {
            Change::Create(value) => {
                ("CreateCluster", json!({ "clusterName": name, "tags": tags(value) }))
            }
            Change::Tag(value) => {
                let arn = format!("arn:aws:ecs:us-east-1:000000000000:cluster/{name}");
                ("TagResource", json!({ "resourceArn": arn, "tags": tags(value) }))
            }
            Change::Delete => ("DeleteCluster", json!({ "cluster": name })),
            Change::Register(value) => {
                let container = |name: &str| {
                    let environment = json!([{ "name": "VALUE", "value": value.to_string() }]);
                    json!({ "name": name, "image": "any", "memory": 16, "environment": environment })
                };
                let containers = json!([container("left"), container("right")]);
                (
                    "RegisterTaskDefinition",
                    json!({ "family": name, "containerDefinitions": containers }),
                )
            }
            Change::Deregister(revision) => (
                "DeregisterTaskDefinition",
                json!({ "taskDefinition": format!("{name}:{revision}") }),
            ),
        }
    }
}

fn cluster(api: &Api, name: &str) -> Option<u64> {
    let described =
        api.call("DescribeClusters", json!({ "clusters": [name], "include": ["TAGS"] }));
    let cluster = &described["clusters"][0];
    if cluster["status"] != "ACTIVE" {
        return None;
    }
    let tags = cluster["tags"].as_array().expect("they were asked for");
    let values: Vec<&Value> = tags.iter().map(|tag| &tag["value"]).collect();
    Some(agreed(&values, cluster))
}

fn revisions(api: &Api, name: &str) -> BTreeMap<u64, (u64, bool)> {
    let mut revisions = BTreeMap::new();
    for status in ["ACTIVE", "INACTIVE"] {
        for arn in all_definitions(api, name, status) {
            let described = api.call("DescribeTaskDefinition", json!({ "taskDefinition": arn }));
            let definition = &described["taskDefinition"];
            let containers =
                definition["containerDefinitions"].as_array().expect("it has containers");
            let values: Vec<&Value> =
                containers.iter().map(|container| &container["environment"][0]["value"]).collect();
            let revision = definition["revision"].as_u64().expect("a number");
            revisions.insert(revision, (agreed(&values, definition), status == "ACTIVE"));
        }
    }
    let numbers: Vec<u64> = revisions.keys().copied().collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "revisions have no gap");
    revisions
}

fn all_definitions(api: &Api, family: &str, status: &str) -> Vec<String> {
    let mut arns = Vec::new();
    let mut next = Value::Null;
    loop {
        let input = json!({ "familyPrefix": family, "status": status, "nextToken": next });
        let page = api.call("ListTaskDefinitions", input);
        arns.extend(page["taskDefinitionArns"].as_array().expect("a list").iter().map(text));
        next = page["nextToken"].clone();
        if next.is_null() {
            return arns;
        }
    }
}

/// What both say.
#[track_caller]
fn agreed(values: &[&Value], whole: &Value) -> u64 {
    let [left, right] = values else { panic!("two values, expected: {whole}") };
    assert_eq!(left, right, "{whole} is one request's");
    text(left).parse().expect("a number was written")
}
