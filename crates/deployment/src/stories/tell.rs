//! Tells a story: lets things happen, carries plans out, and writes down what was planned and why.

use std::collections::BTreeMap;
use std::fmt::Write;

use berth_model::{DesiredStatus, TaskStatus};

use super::parse;
use super::world::{Outcome, World, letter};
use crate::{Progress, Service, StopReason};

pub(super) fn tell(script: &str) -> String {
    let mut told = Told(String::new());
    tell_into(script, &mut told.0);
    std::mem::take(&mut told.0)
}

/// Shows how far the story came, if it breaks off.
struct Told(String);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

fn tell_into(script: &str, told: &mut String) {
    let mut world = None;
    for line in script.lines().filter(|line| !line.starts_with(' ')) {
        writeln!(told, "{line}").unwrap();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some(world) = &mut world else {
            world = Some(parse::world(line));
            continue;
        };
        match line {
            "go on" => go_on(world, told),
            "tasks" => tasks(world, told),
            _ => {
                parse::happen(world, line);
                follow(world, told);
            }
        }
    }
}

/// Lets everything take its course until nothing moves.
fn go_on(world: &mut World, told: &mut String) {
    for _ in 0..100 {
        if !world.go_on() {
            return;
        }
        writeln!(told, "  ...").unwrap();
        follow(world, told);
    }
    panic!("the story does not come to an end");
}

/// Carries out plans until there is nothing to do.
fn follow(world: &mut World, told: &mut String) {
    for round in 0..10 {
        let plan = world.plan();
        if plan.is_empty() {
            if round == 0 {
                let names = Names::of(world);
                writeln!(told, "  nothing to do").unwrap();
                writeln!(told, "  why: {}", names.put_in(&plan.explanation.to_string())).unwrap();
            }
            return;
        }
        let before = world.service.clone();
        let outcome = world.carry_out(plan);
        let nothing_came_of_it = before == world.service;
        if nothing_came_of_it && round > 0 {
            return;
        }
        let all_placed = outcome.unplaced + outcome.unlaunched == 0;
        describe(world, &before, &outcome, told);
        // That tasks found their places after all is news.
        let found_places = before.deployments.iter().any(|it| it.unplaced > 0);
        if all_placed && !found_places {
            let next = world.plan();
            assert!(next.is_empty(), "a plan after a plan: {next:#?}");
            return;
        }
    }
    panic!("plans without end");
}

fn describe(world: &World, before: &Service, outcome: &Outcome, told: &mut String) {
    let names = Names::of(world);
    let plan = &outcome.plan;
    let mut line = |text: String| writeln!(told, "  {}", names.put_in(&text)).unwrap();
    if !outcome.started.is_empty() {
        let started = outcome.started.iter().map(|id| {
            let task = world.service.tasks.iter().find(|task| task.id == *id).unwrap();
            format!(" {id} on {}", task.instance.unwrap())
        });
        line(format!("start{}", started.collect::<Vec<_>>().join(",")));
    }
    if outcome.unplaced > 0 {
        line(format!("no place for {}", outcome.unplaced));
    }
    if outcome.unlaunched > 0 {
        line(format!("{} cannot be launched", outcome.unlaunched));
    }
    let mut stops: BTreeMap<StopReason, String> = BTreeMap::new();
    for stop in &plan.stop {
        write!(stops.entry(stop.why).or_default(), " {}", stop.task).unwrap();
    }
    for (why, tasks) in stops {
        line(format!("stop{tasks}: {}", why.render()));
    }
    for (id, progress) in &plan.deployments {
        let known = before.deployments.iter().find(|deployment| deployment.id == *id).unwrap();
        if summary(&known.progress) != summary(progress) {
            line(format!("deployment {id}: {}", summary(progress)));
        }
    }
    for id in &plan.removed {
        line(format!("deployment {id} is gone"));
    }
    if let Some(status) = plan.status {
        line(format!("the service is {status}"));
    }
    for hook in &outcome.hooks {
        line(format!("call hook {} of {} for {}", hook.hook, hook.deployment, hook.stage.as_str()));
    }
    for event in &outcome.events {
        line(format!("event: {}", event.render("web")));
    }
    line(format!("why: {}", plan.explanation));
    if let Some(at) = plan.ask_again_at {
        line(format!("again at {at}"));
    }
}

fn summary(progress: &Progress) -> String {
    let mut text = format!(
        "{}, {} of its tasks wanted, {}, {}",
        progress.role.as_str(),
        progress.desired_count,
        progress.rollout,
        progress.status
    );
    if progress.failed_tasks > 0 {
        write!(text, ", {} failed", progress.failed_tasks).unwrap();
    }
    if let Some(stage) = &progress.stage {
        write!(text, ", {} with {}% of traffic", stage.stage.as_str(), stage.production_weight)
            .unwrap();
        for hook in &stage.hooks {
            write!(text, ", hook {} {}", hook.hook, hook.status.as_str()).unwrap();
        }
    }
    if let Some(weights) = progress.traffic {
        write!(text, ", {}% of requests", weights.production).unwrap();
        if let Some(test) = weights.test {
            write!(text, " and {test}% of tests").unwrap();
        }
    }
    text
}

fn tasks(world: &World, told: &mut String) {
    let names = Names::of(world);
    for task in &world.service.tasks {
        let instance = task.instance.map(|id| id.to_string()).unwrap_or_default();
        let mut text = format!("{} {} on {instance}", task.id, task.last_status);
        if let Some(health) = task.health {
            write!(text, ", {health}").unwrap();
        }
        if task.desired_status == DesiredStatus::Stopped && task.last_status < TaskStatus::Stopped {
            text.push_str(", asked to stop");
        }
        writeln!(told, "  {}", names.put_in(&text)).unwrap();
    }
}

/// Short names for ids.
struct Names(Vec<(String, String)>);

impl Names {
    fn of(world: &World) -> Self {
        let mut names: Vec<(String, String)> =
            world.names.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
        for instance in &world.instances {
            names.push((instance.id.to_string(), format!("h{}", instance.id.as_bytes()[15])));
        }
        for number in 1..20 {
            let id = berth_model::TaskSetId::from_number(number);
            names.push((id.to_string(), letter(id).to_string()));
        }
        names.push(("1970-01-01T".to_owned(), String::new()));
        Names(names)
    }

    fn put_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (id, name)| text.replace(id, name))
    }
}
