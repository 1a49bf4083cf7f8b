//! What tests do with ECS, in a word each.

use berth_test_server::{Api, Home, Value, json, until};

use crate::host::IMAGE;

pub struct Ecs {
    pub api: Api,
}

/// A task definition of one container of the demo image, which serves a page unless `with` says otherwise.
pub fn one_container(family: &str, with: Value) -> Value {
    let mut container = json!({ "name": "main", "image": IMAGE, "memory": 16, "essential": true });
    merge(&mut container, with);
    json!({ "family": family, "networkMode": "bridge", "containerDefinitions": [container] })
}

/// The members of `with` replace those of the same name.
pub fn merge(into: &mut Value, with: Value) {
    let (Value::Object(into), Value::Object(with)) = (into, with) else {
        panic!("only objects have members");
    };
    into.extend(with);
}

impl Ecs {
    pub fn of(home: &Home) -> Ecs {
        Ecs { api: home.api() }
    }

    /// Makes a role for tasks, with these statements for its policy; its ARN.
    #[track_caller]
    pub fn make_role(&self, name: &str, statements: &Value) -> String {
        self.make_role_for("ecs-tasks.amazonaws.com", name, statements)
    }

    /// Makes a role that trusts this service.
    #[track_caller]
    pub fn make_role_for(&self, service: &str, name: &str, statements: &Value) -> String {
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole",
        }] });
        let role = [("RoleName", name), ("AssumeRolePolicyDocument", &trust.to_string())];
        self.api.query("iam", "2010-05-08", "CreateRole", &role);
        if *statements != json!([]) {
            let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
            let policy =
                [("RoleName", name), ("PolicyName", "own"), ("PolicyDocument", policy.as_str())];
            self.api.query("iam", "2010-05-08", "PutRolePolicy", &policy);
        }
        format!("arn:aws:iam::000000000000:role/{name}")
    }

    #[track_caller]
    pub fn wait_for_hosts(&self, count: u64) {
        self.wait_for_hosts_of("default", count);
    }

    #[track_caller]
    pub fn wait_for_hosts_of(&self, cluster: &str, count: u64) {
        until("hosts are registered and connected", || {
            let listed = self.api.call("ListContainerInstances", json!({ "cluster": cluster }));
            let arns = &listed["containerInstanceArns"];
            if arns.as_array().is_none_or(Vec::is_empty) {
                return Err("no container instance".to_owned());
            }
            let described = self.api.call(
                "DescribeContainerInstances",
                json!({ "cluster": cluster, "containerInstances": arns }),
            );
            let instances = described["containerInstances"].as_array().expect("a list");
            let connected = instances.iter().filter(|instance| instance["agentConnected"] == true);
            if connected.count() as u64 == count { Ok(()) } else { Err(described.to_string()) }
        });
    }

    /// Registers a definition; its ARN.
    #[track_caller]
    pub fn register(&self, definition: Value) -> String {
        let answer = self.api.call("RegisterTaskDefinition", definition);
        text(&answer["taskDefinition"]["taskDefinitionArn"])
    }

    /// Runs one task of a definition; its ARN.
    #[track_caller]
    pub fn run(&self, task_definition: &str) -> String {
        let answer = self.api.call("RunTask", json!({ "taskDefinition": task_definition }));
        assert_eq!(answer["failures"], json!([]), "{task_definition} is placed");
        text(&answer["tasks"][0]["taskArn"])
    }

    /// Runs one task of a definition as soon as there is a host for it.
    #[track_caller]
    pub fn run_once_possible(&self, task_definition: &str) -> String {
        until("the task is placed", || {
            let answer = self.api.call("RunTask", json!({ "taskDefinition": task_definition }));
            let placed = answer["tasks"].get(0).map(|task| text(&task["taskArn"]));
            placed.ok_or_else(|| answer.to_string())
        })
    }

    /// Registers and runs a definition, and waits until it runs.
    #[track_caller]
    pub fn launch(&self, definition: Value) -> Value {
        let task = self.run(&self.register(definition));
        self.wait(&task, "RUNNING")
    }

    /// Registers and runs a definition whose containers end by themselves, and waits for that.
    #[track_caller]
    pub fn run_to_its_end(&self, definition: Value) -> Value {
        let task = self.run(&self.register(definition));
        self.wait(&task, "STOPPED")
    }

    #[track_caller]
    pub fn task(&self, arn: &str) -> Value {
        let mut answer = self.api.call("DescribeTasks", json!({ "tasks": [arn] }));
        assert_eq!(answer["failures"], json!([]), "{arn} is known");
        answer["tasks"][0].take()
    }

    /// Waits until the task's last status is this; the task then.
    #[track_caller]
    pub fn wait(&self, arn: &str, status: &str) -> Value {
        self.wait_until(arn, &format!("the task is {status}"), |task| task["lastStatus"] == status)
    }

    /// Waits until the task is as wished, which one that has stopped will not become.
    #[track_caller]
    pub fn wait_until(&self, arn: &str, what: &str, wished: impl Fn(&Value) -> bool) -> Value {
        until(what, || {
            let task = self.task(arn);
            if wished(&task) {
                return Ok(task);
            }
            assert_ne!(task["lastStatus"], "STOPPED", "until {what}; but: {task}");
            Err(task.to_string())
        })
    }

    #[track_caller]
    pub fn stop(&self, arn: &str) {
        self.api.call("StopTask", json!({ "task": arn, "reason": "enough" }));
    }
}

/// The host's port of the first binding of the first container.
pub fn host_port(task: &Value) -> u16 {
    let port = task["containers"][0]["networkBindings"][0]["hostPort"].as_u64();
    port.and_then(|port| port.try_into().ok()).unwrap_or_else(|| panic!("no hostPort: {task}"))
}

#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("text expected, not {value}")).to_owned()
}
