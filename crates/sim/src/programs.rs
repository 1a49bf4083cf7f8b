//! What there is to run: images, and task definitions that use them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_runtime::fake::{Demise, FakeEngine, FakeImage, Script, TermReaction};
use serde_json::{Value, json};

/// An image that no registry has.
pub const MISSING: &str = "missing:1";

/// The one registry of the world. Tags may move: then a name's image is another one, on every host.
#[derive(Default)]
pub struct Registry {
    editions: Mutex<BTreeMap<&'static str, u64>>,
}

impl Registry {
    /// Lets this host see every image as it is by now.
    pub fn publish(&self, engine: &FakeEngine) {
        for (name, image) in images() {
            engine.publish_edition(name, image, self.edition(name));
        }
    }

    /// Moves a tag to another image, which does the same.
    pub fn move_tag(&self, name: &'static str) {
        *self.editions().entry(name).or_default() += 1;
    }

    fn edition(&self, name: &str) -> u64 {
        self.editions().get(name).copied().unwrap_or(0)
    }

    fn editions(&self) -> MutexGuard<'_, BTreeMap<&'static str, u64>> {
        // Every change is one addition: a panic elsewhere leaves it whole.
        self.editions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The names of what the registry has.
pub fn published() -> Vec<&'static str> {
    images().into_iter().map(|(name, _)| name).collect()
}

fn images() -> Vec<(&'static str, FakeImage)> {
    let slow_to_stop = TermReaction::Exit(Demise { after: Duration::from_secs(4), code: 143 });
    let slow_to_start = Script { start_time: Duration::from_secs(3), ..Script::serve() };
    vec![
        ("web:1", FakeImage::scripted(Script::serve())),
        ("polite:1", FakeImage::scripted(Script { on_term: slow_to_stop, ..Script::serve() })),
        (
            "stubborn:1",
            FakeImage::scripted(Script { on_term: TermReaction::Ignore, ..Script::serve() }),
        ),
        ("job:1", FakeImage::scripted(Script::exit_after(Duration::from_secs(7), 0))),
        ("crash:1", FakeImage::scripted(Script::exit_after(Duration::from_millis(300), 1))),
        (
            "large:1",
            FakeImage { pull_time: Duration::from_secs(12), ..FakeImage::scripted(slow_to_start) },
        ),
    ]
}

/// The families that clients register at the beginning, as inputs of `RegisterTaskDefinition`.
pub fn task_definitions() -> Vec<Value> {
    vec![
        family(
            "web",
            vec![json!({"name": "web", "image": "web:1", "cpu": 256, "memory": 256,
                   "portMappings": [{"containerPort": 80}]})],
        ),
        family(
            "front",
            vec![json!({"name": "front", "image": "polite:1", "cpu": 512, "memory": 512,
                   "portMappings": [{"containerPort": 80, "hostPort": 8080}]})],
        ),
        family(
            "stubborn",
            vec![
                json!({"name": "main", "image": "stubborn:1", "cpu": 128, "memory": 128, "stopTimeout": 5}),
            ],
        ),
        family("job", vec![json!({"name": "job", "image": "job:1", "cpu": 128, "memory": 300})]),
        family(
            "crash",
            vec![json!({"name": "crash", "image": "crash:1", "cpu": 64, "memory": 64})],
        ),
        family(
            "large",
            vec![json!({"name": "large", "image": "large:1", "cpu": 1024, "memory": 1500})],
        ),
        family("missing", vec![json!({"name": "main", "image": MISSING, "cpu": 64, "memory": 64})]),
        family(
            "pair",
            vec![
                json!({"name": "main", "image": "web:1", "cpu": 128, "memory": 128,
                   "dependsOn": [{"containerName": "side", "condition": "START"}]}),
                json!({"name": "side", "image": "polite:1", "cpu": 64, "memory": 64, "essential": false}),
            ],
        ),
        family(
            "prepared",
            vec![
                json!({"name": "main", "image": "web:1", "cpu": 128, "memory": 128,
                   "dependsOn": [{"containerName": "first", "condition": "SUCCESS"}]}),
                json!({"name": "first", "image": "job:1", "cpu": 64, "memory": 64, "essential": false}),
            ],
        ),
    ]
}

fn family(name: &str, containers: Vec<Value>) -> Value {
    json!({"family": name, "containerDefinitions": containers})
}
