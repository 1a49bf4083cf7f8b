//! What an owner does to services, one thing at a time.

use serde_json::{Value, json};

use super::services::{self, Kind, Owned};
use super::{GOOD, LATE, Owner};
use crate::programs::MISSING;
use crate::trace::tell;

#[derive(Clone, Copy)]
enum Step {
    Scale,
    ForceNewDeployment,
    Deploy,
    StopDeployment,
    Protect,
    Constrain,
    Divide,
    /// Zones are to be evened out from now on, or not any more.
    Rebalance,
    /// Another way to roll out, with something to roll out.
    Restage,
    AnswerHook,
    CreateTaskSet,
    ScaleTaskSet,
    ChoosePrimary,
    DeleteTaskSet,
    HostJoins,
}

/// What is done to services of this kind, and how often.
const fn steps(kind: Kind) -> &'static [(u32, Step)] {
    use Step::*;
    match kind {
        Kind::Rolling => &[
            (4, Scale),
            (2, ForceNewDeployment),
            (4, Deploy),
            (2, StopDeployment),
            (2, Protect),
            (2, Rebalance),
        ],
        Kind::Picky => &[(3, Scale), (1, ForceNewDeployment), (1, Deploy), (3, Constrain)],
        Kind::Divided => &[(4, Scale), (1, Deploy), (3, Divide), (1, Protect), (2, HostJoins)],
        Kind::Staged => &[
            (2, Scale),
            (3, Restage),
            (1, Deploy),
            (4, AnswerHook),
            (1, StopDeployment),
            (1, Protect),
        ],
        Kind::Daemon => {
            &[(2, ForceNewDeployment), (2, Deploy), (2, Constrain), (1, StopDeployment)]
        }
        Kind::TaskSets => &[
            (2, Scale),
            (4, CreateTaskSet),
            (3, ScaleTaskSet),
            (1, ChoosePrimary),
            (2, DeleteTaskSet),
            (1, Protect),
        ],
    }
}

impl Owner {
    pub(super) async fn step(&mut self) {
        let services = services::all();
        let Some(Owned { name, kind, .. }) = self.dice.pick(&services).cloned() else { return };
        match self.dice.weighted(steps(kind)) {
            Step::Scale => {
                let count = self.dice.between(0..6);
                self.update(name, json!({"desiredCount": count})).await;
            }
            Step::ForceNewDeployment => {
                self.update(name, json!({"forceNewDeployment": true})).await;
            }
            Step::Deploy => self.deploy(name, json!({})).await,
            Step::StopDeployment => self.stop_deployment(name).await,
            Step::Protect => self.protect(name).await,
            Step::Constrain => {
                let known = match kind {
                    Kind::Daemon => services::constraints_of_daemons(),
                    _ => services::constraints(),
                };
                let constraints = self.dice.pick(&known).cloned();
                self.update(name, json!({"placementConstraints": constraints})).await;
            }
            Step::Divide => {
                let strategy = self.dice.pick(&services::strategies()).cloned();
                self.update(name, json!({"capacityProviderStrategy": strategy})).await;
            }
            Step::Rebalance => {
                let switch = if self.dice.chance(0.5) { "ENABLED" } else { "DISABLED" };
                self.update(name, json!({"availabilityZoneRebalancing": switch})).await;
            }
            Step::Restage => {
                let rollout = self.dice.pick(&services::rollouts()).cloned();
                self.deploy(name, json!({"deploymentConfiguration": rollout})).await;
            }
            Step::AnswerHook => self.answer_hook(name).await,
            Step::CreateTaskSet => {
                let image = self.dice.weighted(&[(4, GOOD), (1, MISSING)]);
                let scale = self.dice.between(0..101);
                self.create_task_set(name, image, scale).await;
            }
            Step::ScaleTaskSet => {
                let scale = json!({"value": self.dice.between(0..101), "unit": "PERCENT"});
                self.on_a_task_set("UpdateTaskSet", name, "taskSet", json!({"scale": scale})).await;
            }
            Step::ChoosePrimary => {
                let operation = "UpdateServicePrimaryTaskSet";
                self.on_a_task_set(operation, name, "primaryTaskSet", json!({})).await;
            }
            Step::DeleteTaskSet => {
                let force = json!({"force": self.dice.chance(0.7)});
                self.on_a_task_set("DeleteTaskSet", name, "taskSet", force).await;
            }
            Step::HostJoins => {
                let late = self.world.hosts.iter().filter(|host| host.site.provider == Some(LATE));
                late.for_each(crate::host::Host::start_agent);
            }
        }
    }

    /// Scales one set to all of the service's tasks, and deletes the others.
    pub(super) async fn leave_one_task_set(&mut self, name: &str) {
        let others = self.task_sets(name).await;
        for set in others {
            let input = json!({"service": name, "taskSet": set, "force": true});
            self.insist("DeleteTaskSet", input).await;
        }
        // There is room for one more only once another is gone.
        while self.create_task_set(name, GOOD, 100).await.is_none() {
            tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        }
    }

    async fn update(&mut self, name: &str, with: Value) {
        self.insist("UpdateService", super::merged(json!({"service": name}), with)).await;
    }

    async fn deploy(&mut self, name: &str, with: Value) {
        let image = self.dice.weighted(&[
            (4, GOOD),
            (2, "polite:1"),
            (1, "large:1"),
            (1, "crash:1"),
            (2, MISSING),
        ]);
        self.register("kept", image).await;
        self.update(name, super::merged(with, json!({"taskDefinition": "kept"}))).await;
    }

    /// The service's deployment that is under way, if there is one.
    async fn deployment(&mut self, name: &str) -> Option<String> {
        let input = json!({"service": name, "status": ["PENDING", "IN_PROGRESS"]});
        let answer = self.insist("ListServiceDeployments", input).await?;
        let arn = &answer["serviceDeployments"][0]["serviceDeploymentArn"];
        arn.as_str().map(str::to_owned)
    }

    async fn stop_deployment(&mut self, name: &str) {
        let Some(arn) = self.deployment(name).await else { return };
        let kind = self.dice.weighted(&[(3, "ROLLBACK"), (1, "ABORT")]);
        tell!(self.world.trace, "the owner stops {arn}: {kind}");
        let input = json!({"serviceDeploymentArn": arn, "stopType": kind});
        self.insist_as_it_is("StopServiceDeployment", input).await;
    }

    async fn answer_hook(&mut self, name: &str) {
        let Some(arn) = self.deployment(name).await else { return };
        let input = json!({"serviceDeploymentArns": [arn]});
        let answer = self.insist_as_it_is("DescribeServiceDeployments", input).await;
        let details =
            answer.map(|answer| answer["serviceDeployments"][0]["lifecycleHookDetails"].clone());
        let hooks: Vec<Value> = match details {
            Some(Value::Array(hooks)) => hooks,
            _ => return,
        };
        let waiting = hooks.iter().find(|hook| hook["status"] == "AWAITING_ACTION");
        let Some(hook) = waiting.map(|hook| hook["hookId"].clone()) else { return };
        let action = self.dice.weighted(&[(4, "CONTINUE"), (1, "ROLLBACK")]);
        tell!(self.world.trace, "the owner answers {hook} of {arn}: {action}");
        let input = json!({"serviceDeploymentArn": arn, "hookId": hook, "action": action});
        self.insist_as_it_is("ContinueServiceDeployment", input).await;
    }

    async fn protect(&mut self, name: &str) {
        let Some(answer) = self.insist("ListTasks", json!({"serviceName": name})).await else {
            return;
        };
        let tasks = answer["taskArns"].as_array().cloned().unwrap_or_default();
        let Some(task) = self.dice.pick(&tasks).cloned() else { return };
        let with = match self.dice.chance(0.75) {
            true => json!({"protectionEnabled": true, "expiresInMinutes": self.dice.between(1..4)}),
            false => json!({"protectionEnabled": false}),
        };
        self.insist("UpdateTaskProtection", super::merged(json!({"tasks": [task]}), with)).await;
    }

    async fn create_task_set(&mut self, name: &str, image: &str, scale: u32) -> Option<Value> {
        self.register("set", image).await;
        let input = json!({
            "service": name,
            "taskDefinition": "set",
            "scale": {"value": scale, "unit": "PERCENT"},
            "clientToken": self.dice.token(),
        });
        self.insist("CreateTaskSet", input).await
    }

    /// The ids of its task sets that are not about to go.
    async fn task_sets(&mut self, name: &str) -> Vec<String> {
        let answer = self.insist("DescribeTaskSets", json!({"service": name})).await;
        let sets = answer.and_then(|answer| answer["taskSets"].as_array().cloned());
        let stays = |set: &Value| set["status"] != "DRAINING";
        let ids = sets.into_iter().flatten().filter(stays);
        ids.filter_map(|set| set["id"].as_str().map(str::to_owned)).collect()
    }

    async fn on_a_task_set(&mut self, operation: &str, name: &str, called: &str, with: Value) {
        let sets = self.task_sets(name).await;
        let Some(set) = self.dice.pick(&sets).cloned() else { return };
        let input = json!({"service": name, called: set});
        self.insist(operation, super::merged(input, with)).await;
    }
}
