//! Somebody who owns services: makes them, changes them at random, and leaves them as they are meant to stay.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use berth_agent::CallError;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::client::persist;
use crate::dice::Dice;
use crate::host::CLUSTER;
use crate::network::Place;
use crate::programs::MISSING;
use crate::trace::tell;
use crate::world::World;

const PAUSE: RangeInclusive<Duration> = Duration::from_secs(2)..=Duration::from_secs(20);

/// Services that are to run at the end, with what makes them.
fn services() -> Vec<(&'static str, Value)> {
    let percents =
        |least: u32, most: u32| json!({"minimumHealthyPercent": least, "maximumPercent": most});
    vec![
        ("shop", json!({"desiredCount": 3, "deploymentConfiguration": percents(50, 200)})),
        ("tight", json!({"desiredCount": 4, "deploymentConfiguration": percents(75, 125)})),
        (
            "apart",
            json!({"desiredCount": 2, "placementConstraints": [{"type": "distinctInstance"}]}),
        ),
        ("every", json!({"schedulingStrategy": "DAEMON"})),
    ]
}

const GOOD: &str = "web:1";

/// One whose tasks never run: it is deleted before the end, since it never comes to rest.
const HOPELESS: &str = "hopeless";

pub struct Owner {
    world: Arc<World>,
    dice: Dice,
}

impl Owner {
    pub fn new(world: Arc<World>, dice: Dice) -> Self {
        Self { world, dice }
    }

    /// Works as many steps, and brings everything to where it is to stay.
    pub async fn work(mut self, steps: u32) {
        self.prepare().await;
        for _ in 0..steps {
            sleep(self.dice.duration(&PAUSE)).await;
            self.step().await;
        }
        self.insist("DeleteService", json!({"service": HOPELESS, "force": true})).await;
        self.register("kept", GOOD).await;
        for (name, with) in services() {
            let mut input = json!({"service": name, "taskDefinition": "kept"});
            if !with["desiredCount"].is_null() {
                input["desiredCount"] = with["desiredCount"].clone();
            }
            self.insist("UpdateService", input).await;
        }
    }

    async fn prepare(&self) {
        self.register("kept", GOOD).await;
        self.register("never", MISSING).await;
        for (name, with) in services() {
            self.create(name, "kept", with).await;
        }
        let breaker = json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true}});
        let with = json!({"desiredCount": 2, "deploymentConfiguration": breaker});
        self.create(HOPELESS, "never", with).await;
    }

    async fn create(&self, name: &str, family: &str, with: Value) {
        let mut input = json!({"serviceName": name, "taskDefinition": family});
        if let (Value::Object(input), Value::Object(with)) = (&mut input, with) {
            input.extend(with);
        }
        self.insist("CreateService", input).await;
    }

    async fn step(&mut self) {
        let services = services();
        let Some((name, with)) = self.dice.pick(&services).cloned() else { return };
        let is_daemon = with["desiredCount"].is_null();
        let mut input = json!({"service": name});
        match self.dice.below(3) {
            0 if !is_daemon => input["desiredCount"] = self.dice.between(0..6).into(),
            1 => input["forceNewDeployment"] = true.into(),
            _ => {
                let image = self.dice.weighted(&[(3, GOOD), (1, "polite:1"), (1, MISSING)]);
                self.register("kept", image).await;
                input["taskDefinition"] = "kept".into();
            }
        }
        self.insist("UpdateService", input).await;
    }

    /// Repeats a call until it is answered; asking for the same twice is asking once.
    async fn insist(&self, operation: &str, mut input: Value) {
        input["cluster"] = CLUSTER.into();
        tell!(self.world.trace, "the owner: {operation} {input}");
        loop {
            match self.world.network.call(Place::Clients, operation, input.clone()).await {
                Ok(_) => return,
                Err(CallError::Refused { status, code, message }) if status < 500 => {
                    return tell!(self.world.trace, "the owner is refused: {code}: {message}");
                }
                Err(_) => sleep(Duration::from_secs(1)).await,
            }
        }
    }

    async fn register(&self, family: &str, image: &str) {
        let container =
            json!({"name": "main", "image": image, "cpu": 32, "memory": 32, "stopTimeout": 5});
        let definition = json!({"family": family, "containerDefinitions": [container]});
        persist(&self.world, "RegisterTaskDefinition", &definition).await;
    }
}
