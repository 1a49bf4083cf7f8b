//! One service, as its owner sees it.

use berth_test_server::{Value, json, until};

use crate::ecs::{Ecs, merge, text};

pub struct Service<'a> {
    ecs: &'a Ecs,
    name: &'static str,
}

impl<'a> Service<'a> {
    /// Creates it. `with` is what its owner says beside its name.
    #[track_caller]
    pub fn create(ecs: &'a Ecs, name: &'static str, with: Value) -> Service<'a> {
        let mut input = json!({ "serviceName": name });
        merge(&mut input, with);
        ecs.api.call("CreateService", input);
        Service::of(ecs, name)
    }

    /// One that there is.
    pub fn of(ecs: &'a Ecs, name: &'static str) -> Service<'a> {
        Service { ecs, name }
    }

    #[track_caller]
    pub fn update(&self, with: Value) {
        let mut input = json!({ "service": self.name });
        merge(&mut input, with);
        self.ecs.api.call("UpdateService", input);
    }

    /// As DescribeServices shows it.
    #[track_caller]
    pub fn described(&self) -> Value {
        let mut answer = self.ecs.api.call("DescribeServices", json!({ "services": [self.name] }));
        assert_eq!(answer["failures"], json!([]), "{} is known", self.name);
        answer["services"][0].take()
    }

    /// Waits until it is as wished; the service then.
    #[track_caller]
    pub fn wait(&self, what: &str, wished: impl Fn(&Value) -> bool) -> Value {
        until(what, || {
            let service = self.described();
            if wished(&service) { Ok(service) } else { Err(service.to_string()) }
        })
    }

    /// Waits until so many tasks of it run, and no others are to come; the tasks.
    #[track_caller]
    pub fn wait_running(&self, count: usize) -> Vec<Value> {
        self.wait("the tasks run", |service| {
            service["runningCount"] == count && service["pendingCount"] == 0
        });
        self.tasks()
    }

    /// Its tasks that are to run.
    #[track_caller]
    pub fn tasks(&self) -> Vec<Value> {
        let listed = self.ecs.api.call("ListTasks", json!({ "serviceName": self.name }));
        if listed["taskArns"] == json!([]) {
            return Vec::new();
        }
        let described = self.ecs.api.call("DescribeTasks", json!({ "tasks": listed["taskArns"] }));
        described["tasks"].as_array().expect("a list").clone()
    }

    /// What it has told, the oldest first.
    #[track_caller]
    pub fn messages(&self) -> Vec<String> {
        let service = self.described();
        let events = service["events"].as_array().expect("a list");
        events.iter().rev().map(|event| text(&event["message"])).collect()
    }
}
