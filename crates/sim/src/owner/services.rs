//! Which services there are, with what makes them. Those that say nothing of zones have them evened out: AWS's default.

use serde_json::{Value, json};

use super::{LATE, STEADY};

/// One service, which is to run at the end.
#[derive(Clone)]
pub struct Owned {
    pub name: &'static str,
    pub kind: Kind,
    /// What CreateService is told beside its name and task definition.
    pub with: Value,
}

/// What may be done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Rolling,
    /// It changes its placement constraints.
    Picky,
    /// Its tasks are divided among capacity providers.
    Divided,
    /// Deployments may shift traffic and stop at hooks.
    Staged,
    /// One task on every host.
    Daemon,
    /// Somebody else says what it runs.
    TaskSets,
}

pub fn all() -> Vec<Owned> {
    let percents =
        |least: u32, most: u32| json!({"minimumHealthyPercent": least, "maximumPercent": most});
    let breaker = json!({
        "minimumHealthyPercent": 50,
        "maximumPercent": 150,
        "deploymentCircuitBreaker": {"enable": true, "rollback": true},
    });
    let distinct = json!([{"type": "distinctInstance"}]);
    let owned = |name, kind, with| Owned { name, kind, with };
    vec![
        owned(
            "shop",
            Kind::Rolling,
            json!({
                "desiredCount": 3,
                "deploymentConfiguration": percents(50, 200),
                "availabilityZoneRebalancing": "ENABLED",
            }),
        ),
        owned(
            "tight",
            Kind::Rolling,
            json!({
                "desiredCount": 4,
                "deploymentConfiguration": percents(75, 125),
                "availabilityZoneRebalancing": "ENABLED",
            }),
        ),
        owned(
            "guarded",
            Kind::Rolling,
            json!({
                "desiredCount": 3,
                "deploymentConfiguration": breaker,
                "availabilityZoneRebalancing": "DISABLED",
            }),
        ),
        owned("apart", Kind::Picky, json!({"desiredCount": 2, "placementConstraints": distinct})),
        owned(
            "divided",
            Kind::Divided,
            json!({"desiredCount": 3, "capacityProviderStrategy": strategies()[0]}),
        ),
        owned(
            "staged",
            Kind::Staged,
            json!({"desiredCount": 2, "deploymentConfiguration": percents(50, 200)}),
        ),
        owned(
            "every",
            Kind::Daemon,
            json!({
                "schedulingStrategy": "DAEMON",
                "deploymentConfiguration": {"minimumHealthyPercent": 50},
            }),
        ),
        owned(
            "sets",
            Kind::TaskSets,
            json!({"desiredCount": 3, "deploymentController": {"type": "EXTERNAL"}}),
        ),
    ]
}

/// How tasks may be divided among capacity providers; the last takes the service back to its launch type.
pub fn strategies() -> Vec<Value> {
    vec![
        json!([
            {"capacityProvider": STEADY, "base": 1, "weight": 1},
            {"capacityProvider": LATE, "weight": 1},
        ]),
        json!([{"capacityProvider": LATE, "weight": 1}]),
        json!([
            {"capacityProvider": LATE, "base": 2, "weight": 1},
            {"capacityProvider": STEADY, "weight": 3},
        ]),
        json!([]),
    ]
}

/// Ways in which a deployment may take over, with a person to ask here and there.
pub fn rollouts() -> Vec<Value> {
    let ask = |stage: &str| {
        json!([{
            "targetType": "PAUSE",
            "lifecycleStages": [stage],
            "timeoutConfiguration": {"timeoutInMinutes": 2, "action": "ROLLBACK"},
        }])
    };
    vec![
        json!({"strategy": "ROLLING"}),
        json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0}),
        json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1, "lifecycleHooks": ask("POST_SCALE_UP")}),
        json!({"strategy": "BLUE_GREEN", "lifecycleHooks": ask("PRE_SCALE_UP")}),
        json!({
            "strategy": "LINEAR",
            "linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 0},
            "lifecycleHooks": ask("PRE_PRODUCTION_TRAFFIC_SHIFT"),
        }),
        json!({
            "strategy": "CANARY",
            "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 1},
        }),
    ]
}

/// Constraints that a picky service may have.
pub fn constraints() -> Vec<Value> {
    let distinct = json!({"type": "distinctInstance"});
    vec![
        json!([distinct]),
        json!([]),
        json!([distinct, not_on_the_first_host()]),
        json!([not_on_the_first_host()]),
    ]
}

/// What a daemon may have: it has one task on an instance anyway.
pub fn constraints_of_daemons() -> Vec<Value> {
    vec![json!([]), json!([not_on_the_first_host()])]
}

fn not_on_the_first_host() -> Value {
    json!({"type": "memberOf", "expression": "attribute:sim.host != 0"})
}
