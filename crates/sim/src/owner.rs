//! Somebody who owns services: makes them, changes them at random, and leaves them as they are meant to stay.

mod services;
mod steps;

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
use services::{Kind, Owned};

const PAUSE: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(15);

/// The capacity provider that has instances from the beginning.
pub const STEADY: &str = "steady";
/// The one whose instances join late, so that tasks wait for them.
pub const LATE: &str = "late";

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

    /// Makes the capacity providers that hosts belong to. Nothing goes wrong yet.
    pub async fn prepare(&self) {
        for name in [STEADY, LATE] {
            let group = format!(
                "arn:aws:autoscaling:sim-1:000000000001:autoScalingGroup:{name}:autoScalingGroupName/{name}"
            );
            let scaling = if name == LATE { "ENABLED" } else { "DISABLED" };
            let provider =
                json!({"autoScalingGroupArn": group, "managedScaling": {"status": scaling}});
            let input = json!({"name": name, "autoScalingGroupProvider": provider});
            persist(&self.world, "CreateCapacityProvider", &input).await;
        }
        let input = json!({
            "cluster": CLUSTER,
            "capacityProviders": [STEADY, LATE],
            "defaultCapacityProviderStrategy": [],
        });
        persist(&self.world, "PutClusterCapacityProviders", &input).await;
    }

    /// Works as many steps, and brings everything to where it is to stay.
    pub async fn work(mut self, steps: u32) {
        self.begin().await;
        for _ in 0..steps {
            sleep(self.dice.duration(&PAUSE)).await;
            self.step().await;
        }
        self.insist("DeleteService", json!({"service": HOPELESS, "force": true})).await;
        for owned in services::all() {
            self.leave(&owned).await;
        }
    }

    async fn begin(&mut self) {
        self.register("kept", GOOD).await;
        self.register("never", MISSING).await;
        for owned in services::all() {
            let mut input = json!({"serviceName": owned.name});
            if owned.kind != Kind::TaskSets {
                input["taskDefinition"] = "kept".into();
            }
            self.insist("CreateService", merged(input, owned.with)).await;
        }
        let breaker = json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true}});
        let with = json!({"desiredCount": 2, "deploymentConfiguration": breaker});
        let input = json!({"serviceName": HOPELESS, "taskDefinition": "never"});
        self.insist("CreateService", merged(input, with)).await;
    }

    /// The last wishes for a service: what they were at the beginning, of something that runs.
    async fn leave(&mut self, owned: &Owned) {
        self.register("kept", GOOD).await;
        let mut input = json!({"service": owned.name});
        if owned.kind != Kind::Daemon {
            input["desiredCount"] = owned.with["desiredCount"].clone();
        }
        if owned.kind == Kind::TaskSets {
            self.insist("UpdateService", input).await;
            return self.leave_one_task_set(owned.name).await;
        }
        input["taskDefinition"] = "kept".into();
        input["deploymentConfiguration"] = match &owned.with["deploymentConfiguration"] {
            Value::Null => Value::Null,
            with => merged(with.clone(), json!({"strategy": "ROLLING"})),
        };
        for kept in ["placementConstraints", "availabilityZoneRebalancing"] {
            input[kept] = owned.with[kept].clone();
        }
        self.insist("UpdateService", input).await;
    }

    /// Repeats a call until it is answered; asking for the same twice is asking once. `None`: it was refused.
    async fn insist(&self, operation: &str, mut input: Value) -> Option<Value> {
        input["cluster"] = CLUSTER.into();
        tell!(self.world.trace, "the owner: {operation} {input}");
        self.insist_as_it_is(operation, input).await
    }

    /// The same for operations that know no cluster.
    async fn insist_as_it_is(&self, operation: &str, input: Value) -> Option<Value> {
        loop {
            match self.world.network.call(Place::Clients, operation, input.clone()).await {
                Ok(answer) => return Some(answer),
                Err(CallError::Refused { status, code, message }) if status < 500 => {
                    tell!(self.world.trace, "the owner is refused: {code}: {message}");
                    return None;
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

/// What `more` says is put into `input`.
fn merged(mut input: Value, more: Value) -> Value {
    if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
        input.extend(more);
    }
    input
}
