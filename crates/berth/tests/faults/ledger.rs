//! What one client knows of what it wrote, and how servers are held to it.
//!
//! What was acknowledged is there, once. What was answered with an error, or not at all, may be there, once, from any time on:
//! a server that was paused may still pass it on. What can be asked for twice (a cluster by its name, a task by its client
//! token) is asked for until it is acknowledged, through any server, as SDKs do.

use std::collections::{BTreeMap, BTreeSet};

use berth_test_server::{Api, CallError, Value, json};

use crate::cell::{CLUSTER, persistently};

/// More would not fit into one request.
const MOST_AT_ONCE: usize = 100;

#[derive(Debug)]
pub struct Ledger {
    /// Of everything it writes: no other writer uses it.
    name: String,
    phase: String,
    turn: usize,
    clusters: Vec<String>,
    /// What the first cluster's tag says, or may say.
    tag: Option<usize>,
    perhaps_tagged: BTreeSet<usize>,
    /// By their revisions, what they say. And what some others may say.
    definitions: BTreeMap<u64, String>,
    perhaps_registered: BTreeSet<String>,
    /// By client token.
    tasks: BTreeMap<String, Value>,
}

impl Ledger {
    /// What the writers of a phase share.
    pub fn prepare(api: &Api, phase: &str) {
        persistently(api, "RegisterTaskDefinition", &definition(&family(phase), "idle"));
    }

    pub fn new(phase: &str, writer: usize) -> Ledger {
        Ledger {
            name: format!("{phase}-w{writer}"),
            phase: phase.to_owned(),
            turn: 0,
            clusters: Vec::new(),
            tag: None,
            perhaps_tagged: BTreeSet::new(),
            definitions: BTreeMap::new(),
            perhaps_registered: BTreeSet::new(),
            tasks: BTreeMap::new(),
        }
    }

    /// How many writes were acknowledged, those of the tag not counted.
    pub fn acknowledged(&self) -> usize {
        self.clusters.len() + self.definitions.len() + self.tasks.len()
    }

    /// Writes something through this server, and reads it through another. Whether the server acknowledged it.
    pub fn write(&mut self, apis: &[Api], mine: usize) -> bool {
        self.turn += 1;
        let reader = &apis[(mine + 1 + self.turn / 4 % 2) % apis.len()];
        match self.turn % 4 {
            1 => self.create(apis, mine, reader),
            2 => self.register(&apis[mine], reader),
            3 => self.tag(&apis[mine], reader),
            _ => self.run(apis, mine, reader),
        }
    }

    fn create(&mut self, apis: &[Api], mine: usize, reader: &Api) -> bool {
        let name = format!("{}-{}", self.name, self.turn);
        let input = json!({ "clusterName": name });
        let (_, asked) = until_acknowledged(apis, mine, "CreateCluster", &input);
        if let Some(seen) = read(reader, "DescribeClusters", &json!({ "clusters": [name] })) {
            assert_eq!(seen["clusters"][0]["status"], "ACTIVE", "{name}: {seen}");
        }
        self.clusters.push(name);
        asked == 1
    }

    fn register(&mut self, api: &Api, reader: &Api) -> bool {
        let says = format!("turn-{}", self.turn);
        let Some(answer) = once(api, "RegisterTaskDefinition", &definition(&self.name, &says))
        else {
            self.perhaps_registered.insert(says);
            return false;
        };
        let registered = &answer["taskDefinition"];
        let revision = registered["revision"].as_u64().expect("a number");
        let arn = &registered["taskDefinitionArn"];
        if let Some(seen) =
            read(reader, "DescribeTaskDefinition", &json!({ "taskDefinition": arn }))
        {
            assert_eq!(image(&seen), says, "{arn}");
        }
        let newest = self.definitions.last_key_value().map_or(0, |(revision, _)| *revision);
        assert!(revision > newest, "{arn} after {newest}");
        self.definitions.insert(revision, says);
        true
    }

    fn tag(&mut self, api: &Api, reader: &Api) -> bool {
        let value = json!([{ "key": "turn", "value": self.turn.to_string() }]);
        let input = json!({ "resourceArn": self.tagged(), "tags": value });
        if once(api, "TagResource", &input).is_none() {
            self.perhaps_tagged.insert(self.turn);
            return false;
        }
        self.tag = Some(self.turn);
        if let Some(seen) =
            read(reader, "ListTagsForResource", &json!({ "resourceArn": self.tagged() }))
        {
            self.check_tag(&seen);
        }
        true
    }

    fn run(&mut self, apis: &[Api], mine: usize, reader: &Api) -> bool {
        let token = format!("{}-{}", self.name, self.turn);
        let input = json!({
            "cluster": CLUSTER, "taskDefinition": family(&self.phase), "clientToken": token, "startedBy": token,
        });
        let (answer, asked) = until_acknowledged(apis, mine, "RunTask", &input);
        let task = answer["tasks"][0]["taskArn"].clone();
        // The agent is on its way to another leader: nothing was started.
        if task.is_null() {
            return false;
        }
        if let Some(seen) =
            read(reader, "DescribeTasks", &json!({ "cluster": CLUSTER, "tasks": [task] }))
        {
            assert_eq!(seen["tasks"][0]["startedBy"], token.as_str(), "{seen}");
        }
        // Who asks again is told the same.
        if let Some(again) = once(&apis[mine], "RunTask", &input) {
            assert_eq!(again["tasks"][0]["taskArn"], task, "{token}");
        }
        self.tasks.insert(token, task);
        asked == 1
    }

    fn tagged(&self) -> String {
        format!("arn:aws:ecs:us-east-1:000000000000:cluster/{}-1", self.name)
    }

    fn check_tag(&self, seen: &Value) {
        let value = seen["tags"][0]["value"].as_str().map(|text| text.parse().expect("a number"));
        let perhaps = value.is_some_and(|value| self.perhaps_tagged.contains(&value));
        assert!(value == self.tag || perhaps, "{}: {value:?}, but {self:?}", self.name);
    }
}

/// What every server must say.
impl Ledger {
    pub fn verify(&self, apis: &[Api]) {
        std::thread::scope(|scope| {
            for api in apis {
                scope.spawn(|| {
                    self.verify_clusters(api);
                    self.verify_definitions(api);
                    self.verify_tasks(api);
                });
            }
        });
    }

    fn verify_clusters(&self, api: &Api) {
        for names in self.clusters.chunks(MOST_AT_ONCE) {
            let seen = persistently(api, "DescribeClusters", &json!({ "clusters": names }));
            let seen = strings(&seen["clusters"], "clusterName");
            let lost: Vec<_> = names.iter().filter(|name| !seen.contains(*name)).collect();
            assert!(lost.is_empty(), "{} has lost {lost:?}", api.server);
        }
        if !self.clusters.is_empty() {
            let input = json!({ "resourceArn": self.tagged() });
            self.check_tag(&persistently(api, "ListTagsForResource", &input));
        }
    }

    /// Revisions count from 1, and each registration has made one at most.
    fn verify_definitions(&self, api: &Api) {
        let mut perhaps = self.perhaps_registered.clone();
        let arns = all(
            api,
            "ListTaskDefinitions",
            &json!({ "familyPrefix": self.name }),
            "taskDefinitionArns",
        );
        let of_us = |arn: &&String| arn.contains(&format!("/{}:", self.name));
        let mut count = 0;
        for arn in arns.iter().filter(of_us) {
            let seen =
                persistently(api, "DescribeTaskDefinition", &json!({ "taskDefinition": arn }));
            let (revision, says) = (seen["taskDefinition"]["revision"].as_u64(), image(&seen));
            count += 1;
            assert_eq!(revision, Some(count), "{arn} of {}", api.server);
            match self.definitions.get(&count) {
                Some(expected) => assert_eq!(says, *expected, "{arn} of {}", api.server),
                None => assert!(
                    perhaps.remove(&says),
                    "{arn} of {}: {says} twice, or by nobody",
                    api.server
                ),
            }
        }
        let newest = self.definitions.last_key_value().map_or(0, |(revision, _)| *revision);
        assert!(count >= newest, "{} has {count} revisions, not {newest}", api.server);
    }

    fn verify_tasks(&self, api: &Api) {
        let mut seen = BTreeMap::<String, Vec<Value>>::new();
        let input = json!({ "cluster": CLUSTER, "family": family(&self.phase) });
        for arns in all(api, "ListTasks", &input, "taskArns").chunks(MOST_AT_ONCE) {
            let input = json!({ "cluster": CLUSTER, "tasks": arns });
            let described = persistently(api, "DescribeTasks", &input);
            for task in described["tasks"].as_array().expect("a list") {
                let token =
                    task["startedBy"].as_str().expect("all were started by somebody").to_owned();
                seen.entry(token).or_default().push(task["taskArn"].clone());
            }
        }
        for (token, task) in &self.tasks {
            assert_eq!(seen.get(token), Some(&vec![task.clone()]), "{token} of {}", api.server);
        }
        let twice: Vec<_> = seen.iter().filter(|(_, tasks)| tasks.len() > 1).collect();
        assert!(twice.is_empty(), "{}: {twice:?}", api.server);
    }
}

fn family(phase: &str) -> String {
    format!("{phase}-idle")
}

fn definition(family: &str, image: &str) -> Value {
    let container = json!({ "name": "main", "image": image, "memory": 6, "essential": true });
    json!({ "family": family, "containerDefinitions": [container] })
}

fn image(described: &Value) -> String {
    let image = &described["taskDefinition"]["containerDefinitions"][0]["image"];
    image.as_str().expect("each has an image").to_owned()
}

fn strings(list: &Value, member: &str) -> Vec<String> {
    let list = list.as_array().expect("a list").iter();
    list.map(|item| item[member].as_str().expect("text").to_owned()).collect()
}

/// All pages of a list.
fn all(api: &Api, operation: &str, input: &Value, member: &str) -> Vec<String> {
    let (mut found, mut input) = (Vec::new(), input.clone());
    loop {
        let page = persistently(api, operation, &input);
        let items = page[member].as_array().expect("a list").iter();
        found.extend(items.map(|item| item.as_str().expect("text").to_owned()));
        if page["nextToken"].is_null() {
            return found;
        }
        input["nextToken"] = page["nextToken"].clone();
    }
}

/// The answer; `None` if it is open what came of it. What is wrong with the request is wrong with the test.
fn once(api: &Api, operation: &str, input: &Value) -> Option<Value> {
    match api.try_call(operation, input) {
        Ok(answer) => Some(answer),
        Err(CallError::Refused(refusal)) if refusal.status < 500 => {
            panic!("{operation} {input} through {}: {refusal:?}", api.server)
        }
        Err(CallError::Refused(_) | CallError::Unanswered(_)) => None,
    }
}

/// What a server that can answer says.
fn read(api: &Api, operation: &str, input: &Value) -> Option<Value> {
    once(api, operation, input)
}

/// The answer, and how many servers were asked, this one first.
fn until_acknowledged(
    apis: &[Api],
    first: usize,
    operation: &str,
    input: &Value,
) -> (Value, usize) {
    for asked in 1.. {
        if let Some(answer) = once(&apis[(first + asked - 1) % apis.len()], operation, input) {
            return (answer, asked);
        }
    }
    unreachable!("there are more numbers than attempts")
}
