use serde_json::json;

use super::*;

fn instance(number: u32, zone: &str) -> Value {
    json!({
        "containerInstanceArn": format!("arn:aws:ecs:us-east-1:123456789012:container-instance/default/{number:032}"),
        "ec2InstanceId": format!("i-{number}"),
        "availabilityZone": zone,
    })
}

fn with(mut instance: Value, more: &Value) -> Value {
    let more = more.as_object().expect("an object").clone();
    instance.as_object_mut().expect("an object").extend(more);
    instance
}

fn standings(of_group: u32, memory: u32) -> Value {
    json!([
        { "strategy": "spread(instanceId)", "standing": format!("{of_group} of the group in its instance") },
        { "strategy": "binpack(memory)", "standing": format!("{memory} MiB left") },
    ])
}

fn asked() -> Value {
    json!({
        "count": 1, "group": "family:web", "launchType": "EC2", "cpu": 256, "memory": 128,
        "tcpPorts": [8080], "openTcpPorts": 2, "gpus": "1", "requiredAttributes": ["ecs.os-type=linux"],
        "placementConstraints": ["distinctInstance", "memberOf(attribute:rack exists)"],
        "placementStrategy": ["spread(instanceId)", "binpack(memory)"],
    })
}

#[test]
fn a_task_is_told_with_what_was_decided() {
    let cause = |reason: &str, meaning: &str, instances: u32| json!({ "reason": reason, "meaning": meaning, "instances": instances });
    let answer = json!({
        "clusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/default",
        "task": {
            "taskArn": "arn:aws:ecs:us-east-1:123456789012:task/default/c85ad5eb050352795d0b3f0c00aa253c",
            "lastStatus": "RUNNING", "desiredStatus": "RUNNING", "group": "family:web", "createdAt": 1767323045.0,
            "containerInstance": instance(1, "us-east-1a"),
            "decision": {
                "at": 1767323045.0, "number": 2, "count": 3, "instances": 4,
                "ruledOut": [cause("AGENT", "without a connected agent", 1)],
                "standings": standings(0, 1024),
            },
        },
        "asked": asked(),
        "instances": 4,
        "ruledOut": [cause("AGENT", "without a connected agent", 1), cause("RESOURCE:CPU", "short of CPU", 1)],
        "placements": [with(instance(2, "us-east-1b"), &json!({ "standings": standings(0, 700) }))],
        "unplaced": 0,
        "candidates": [
            with(instance(2, "us-east-1b"), &json!({ "rank": 1, "standings": standings(0, 700) })),
            with(instance(1, "us-east-1a"), &json!({ "rank": 2, "standings": standings(1, 896) })),
            with(instance(3, "us-east-1a"), &json!({ "reason": "RESOURCE:CPU", "detail": "256 CPU units asked, 0 left" })),
            with(instance(4, "us-east-1c"), &json!({ "reason": "AGENT", "detail": "the agent is not connected" })),
        ],
    });
    let expected = "\
Task c85ad5eb050352795d0b3f0c00aa253c of family:web is RUNNING on 00000000000000000000000000000001 (i-1, us-east-1a).
It was placed at 2026-01-02T03:04:05Z as task 2 of 3 of its run, when 3 of 4 instances could take one:
      1 without a connected agent
It went where it stood best:
  spread(instanceId)  0 of the group in its instance
  binpack(memory)     1024 MiB left

Another task of family:web takes 256 CPU units, 128 MiB, GPUs: 1, TCP port 8080 and 2 open TCP ports.
  needs        ecs.os-type=linux
  constraints  distinctInstance, memberOf(attribute:rack exists)
  strategy     spread(instanceId), binpack(memory)

2 of 4 instances can take one now:
      1 without a connected agent
      1 short of CPU

They rank:
    1  00000000000000000000000000000002 (i-2, us-east-1b)  0 of the group in its instance, 700 MiB left
    2  00000000000000000000000000000001 (i-1, us-east-1a)  1 of the group in its instance, 896 MiB left

The others:
       00000000000000000000000000000003 (i-3, us-east-1a)  RESOURCE:CPU  256 CPU units asked, 0 left
       00000000000000000000000000000004 (i-4, us-east-1c)  AGENT  the agent is not connected
";
    assert_eq!(of(&answer, 20), expected);
}

#[test]
fn a_dry_run_is_told_with_its_placements() {
    let placement = with(instance(1, "us-east-1a"), &json!({ "standings": [] }));
    let short =
        json!([{ "reason": "RESOURCE:MEMORY", "meaning": "short of memory", "instances": 3 }]);
    let ruled_out = |number| {
        with(instance(number, "us-east-1a"), &json!({ "reason": "RESOURCE:MEMORY", "detail": "" }))
    };
    let answer = json!({
        "asked": { "count": 2, "group": "batch", "cpu": 0, "memory": 512 },
        "instances": 3,
        "ruledOut": [{ "reason": "RESOURCE:MEMORY", "meaning": "short of memory", "instances": 2 }],
        "placements": [placement],
        "unplaced": 1,
        "exhausted": short,
        "candidates": [
            with(instance(1, "us-east-1a"), &json!({ "rank": 1, "standings": [] })),
            ruled_out(2),
            ruled_out(3),
        ],
    });
    let expected = "\
A task of batch takes 0 CPU units and 512 MiB.

1 of 3 instances can take one now:
      2 short of memory
1 of 2 would be placed:
    1  00000000000000000000000000000001 (i-1, us-east-1a)
For the next one there would be no instance left:
      3 short of memory

They rank:
    1  00000000000000000000000000000001 (i-1, us-east-1a)

The others:
       00000000000000000000000000000002 (i-2, us-east-1a)  RESOURCE:MEMORY
       and 1 more; --all shows them
";
    assert_eq!(of(&answer, 1), expected);
}

#[test]
fn what_is_forgotten_is_said() {
    let answer = json!({
        "task": { "taskArn": "a/task", "group": "g", "lastStatus": "PENDING", "createdAt": 0.5 },
        "asked": { "count": 1, "group": "g", "cpu": 1, "memory": 1, "withoutThoseOfTheRun": true },
        "instances": 0, "ruledOut": [], "placements": [], "unplaced": 1, "candidates": [],
    });
    let expected = "\
Task task of g is PENDING, on no instance yet.
It was placed at 1970-01-01T00:00:00.5Z; why there is not known any more.

Another task of g takes 1 CPU units and 1 MiB.
  What else was asked when it was run is not known any more.

0 of 0 instances can take one now.
";
    assert_eq!(of(&answer, 20), expected);
}

#[test]
fn a_service_is_told_with_its_tasks() {
    let task = |number: u32, zone: &str| {
        json!({
            "taskArn": format!("arn:aws:ecs:us-east-1:123456789012:task/default/{number:032}"),
            "lastStatus": "RUNNING", "containerInstance": instance(number, zone), "standings": standings(0, 512),
        })
    };
    let answer = json!({
        "service": {
            "serviceArn": "arn:aws:ecs:us-east-1:123456789012:service/default/web", "status": "ACTIVE",
            "schedulingStrategy": "REPLICA", "desiredCount": 4,
            "tasks": [task(1, "us-east-1a"), task(2, "us-east-1b"), task(3, "us-east-1b")],
            "tasksByZone": { "us-east-1a": 1, "us-east-1b": 2 },
            "unplaced": [{ "deployment": "ecs-svc/7", "tasks": 1, "because": "No room." }],
        },
        "asked": { "count": 1, "group": "service:web", "cpu": 1, "memory": 512 },
        "instances": 3, "ruledOut": [{ "reason": "RESOURCE:MEMORY", "meaning": "short of memory", "instances": 3 }],
        "placements": [], "unplaced": 1, "candidates": [],
    });
    let expected = "\
Service web is ACTIVE and has 3 tasks of 4: 1 in us-east-1a and 2 in us-east-1b.
  00000000000000000000000000000001  RUNNING   00000000000000000000000000000001 (i-1, us-east-1a)  0 of the group in its instance, 512 MiB left
  00000000000000000000000000000002  RUNNING   00000000000000000000000000000002 (i-2, us-east-1b)  0 of the group in its instance, 512 MiB left
  and 1 more; --all shows them
1 of ecs-svc/7 found no place: No room.

Another task of service:web takes 1 CPU units and 512 MiB.

0 of 3 instances can take one now:
      3 short of memory
";
    assert_eq!(of(&answer, 2), expected);
}
