//! What users can see of tasks and what services say is told as events: each change once, in order, in the commit
//! that makes it, as it was then; events are numbered without a gap. A crash takes neither a change nor its event alone.

use std::collections::BTreeMap;

use berth_control::tables::{Change, Changed, Record};
use berth_ecs::tables::{Frozen, Service, ServiceEvent, StateChange, Subject, Task};
use berth_model::{ServiceId, TaskId, Timestamp};

use super::{Checker, Sight};

#[derive(Default)]
pub(super) struct Told {
    /// The number of the newest event.
    newest: u64,
    /// The last version of each task that was told.
    tasks: BTreeMap<TaskId, u64>,
    /// How much each service has said.
    services: BTreeMap<ServiceId, u64>,
}

/// What is told of, in order.
#[derive(Default, PartialEq)]
struct Said {
    tasks: Vec<Task>,
    services: Vec<ServiceEvent>,
}

impl Checker for Told {
    fn name(&self) -> &'static str {
        "told"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        match sight {
            Sight::Loaded { tasks, services, events } => self.catch_up(tasks, services, events),
            Sight::Commit(changes) => self.compare(changes),
            _ => Ok(()),
        }
    }
}

impl Told {
    /// What was written last may never have been announced: it is told all the same. What was announced is never
    /// taken back.
    fn catch_up(
        &mut self,
        tasks: &[&Task],
        services: &[&Service],
        events: &[&StateChange],
    ) -> Result<(), String> {
        let newest = events.last().map_or(0, |event| event.sequence);
        if newest < self.newest {
            return Err(format!(
                "event {} was announced, and the newest is {newest} after a restart",
                self.newest
            ));
        }
        let mut said = Said::default();
        let known = self.newest;
        for event in events.iter().filter(|event| event.sequence > known) {
            self.hear(event, &mut said)?;
        }
        self.remember(&said)?;
        for task in tasks {
            self.is_told(task.id, task.version)?;
        }
        for service in services {
            let told = self.services.get(&service.id).copied().unwrap_or(0);
            if told != service.last_event {
                let (name, said) = (&service.name, service.last_event);
                return Err(format!("service {name} has said {said} things, and {told} are told"));
            }
        }
        Ok(())
    }

    fn compare(&mut self, changes: &[Change]) -> Result<(), String> {
        let (mut happened, mut said) = (Said::default(), Said::default());
        for change in changes {
            if let Some(Changed { before, after: Some(task) }) = change.of::<Task>() {
                if before.map(|before| before.version) != Some(task.version) {
                    happened.tasks.push(task.clone());
                }
            } else if let Some(Changed { before: None, after: Some(event) }) =
                change.of::<ServiceEvent>()
            {
                happened.services.push(event.clone());
            } else if let Some(Changed { before: None, after: Some(event) }) =
                change.of::<StateChange>()
            {
                self.hear(event, &mut said)?;
            }
        }
        self.remember(&said)?;
        if said == happened {
            return Ok(());
        }
        for task in &happened.tasks {
            self.is_told(task.id, task.version)?;
        }
        let versions =
            |tasks: &[Task]| tasks.iter().map(|task| (task.id, task.version)).collect::<Vec<_>>();
        let said_by = |events: &[ServiceEvent]| {
            events.iter().map(|event| (event.service, event.number)).collect::<Vec<_>>()
        };
        Err(format!(
            "tasks became {:?} and services said {:?}; told are {:?} and {:?}",
            versions(&happened.tasks),
            said_by(&happened.services),
            versions(&said.tasks),
            said_by(&said.services),
        ))
    }

    fn hear(&mut self, event: &StateChange, said: &mut Said) -> Result<(), String> {
        if event.sequence != self.newest + 1 {
            return Err(format!("event {} follows {}", event.sequence, self.newest));
        }
        self.newest = event.sequence;
        match &event.subject {
            Subject::Task(task) => said.tasks.push(thaw(event, task)?),
            Subject::Service(told) | Subject::Deployment(told) => {
                said.services.push(thaw(event, told)?);
            }
            Subject::ContainerInstance(_) | Subject::DeploymentBegun(_) => {}
        }
        Ok(())
    }

    fn remember(&mut self, said: &Said) -> Result<(), String> {
        for task in &said.tasks {
            let before = self.tasks.insert(task.id, task.version).unwrap_or(0);
            if task.version <= before {
                let (id, version) = (task.id, task.version);
                return Err(format!("version {version} of task {id} is told after {before}"));
            }
        }
        for event in &said.services {
            let before = self.services.insert(event.service, event.number).unwrap_or(0);
            if event.number != before + 1 {
                let (service, number) = (event.service, event.number);
                return Err(format!("event {number} of service {service} is told after {before}"));
            }
        }
        Ok(())
    }

    fn is_told(&self, task: TaskId, version: u64) -> Result<(), String> {
        match self.tasks.get(&task) {
            Some(told) if *told == version => Ok(()),
            _ => Err(format!("nobody is told of version {version} of task {task}")),
        }
    }
}

fn thaw<R: Record>(event: &StateChange, frozen: &Frozen<R>) -> Result<R, String> {
    frozen.thaw().map_err(|error| format!("event {} cannot be read: {error}", event.sequence))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use berth_control::cell::{Cell, Feed};
    use berth_control::tables::Schema;
    use berth_store::MemoryStore;

    use super::*;
    use crate::checkers::specimens::{service, task};

    fn version(version: u64) -> Task {
        Task { version, ..task(1) }
    }

    fn event(sequence: u64, task: &Task) -> StateChange {
        let subject = Subject::Task(Frozen::new(task));
        StateChange { sequence, at: Timestamp::default(), cluster: task.cluster, subject }
    }

    /// What the checker says after these rows were written in one transaction each, by a server that derives nothing.
    async fn after(history: &[(Vec<Task>, Vec<StateChange>)]) -> Result<(), String> {
        let mut schema = Schema::new();
        schema.table::<Task>();
        schema.table::<StateChange>();
        let cell = Cell::open(Arc::new(MemoryStore::new()), schema).await.unwrap();
        let (mut changes, mut checker) = (cell.changes(), Told::default());
        for (tasks, events) in history.iter().cloned() {
            let write = cell.write(move |tx| {
                tasks.into_iter().for_each(|task| drop(tx.put(task)));
                events.into_iter().for_each(|event| drop(tx.put(event)));
                Ok::<_, std::convert::Infallible>(())
            });
            write.await.unwrap();
            let Some(Feed::Committed(commit)) = changes.next().await else { panic!("a commit") };
            checker.see(&Sight::Commit(&commit.changes), Timestamp::default())?;
        }
        Ok(())
    }

    #[tokio::test]
    async fn each_change_is_told_once_and_as_it_was() {
        let (one, two) = (version(1), version(2));
        let first = (vec![one.clone()], vec![event(1, &one)]);
        let told = |events| [first.clone(), (vec![two.clone()], events)];
        assert_eq!(after(&told(vec![event(2, &two)])).await, Ok(()));
        for (what, events) in [
            ("nothing is told", vec![]),
            ("it is told twice", vec![event(2, &two), event(3, &two)]),
            ("what was before is told", vec![event(2, &one)]),
            ("another is told", vec![event(2, &Task { group: "other".into(), ..two.clone() })]),
            ("what is still to come is told", vec![event(2, &two), event(3, &version(3))]),
            ("a number is left out", vec![event(3, &two)]),
        ] {
            assert!(after(&told(events)).await.is_err(), "{what}");
        }
    }

    #[test]
    fn a_crash_leaves_every_change_with_its_event() {
        let (one, three) = (version(1), version(3));
        let load = |checker: &mut Told, task: &Task, events: &[StateChange]| {
            let events: Vec<&StateChange> = events.iter().collect();
            let sight = Sight::Loaded { tasks: &[task], services: &[&service()], events: &events };
            checker.see(&sight, Timestamp::default())
        };
        let mut checker = Told::default();
        let (first, second, third) = (event(1, &one), event(2, &version(2)), event(3, &three));
        assert_eq!(load(&mut checker, &one, std::slice::from_ref(&first)), Ok(()));
        let mut lost = Told::default();
        assert_eq!(load(&mut lost, &one, std::slice::from_ref(&first)), Ok(()));
        assert!(load(&mut lost, &three, &[first.clone(), second.clone()]).is_err(), "untold");
        assert_eq!(load(&mut checker, &three, &[first.clone(), second, third]), Ok(()));
        assert!(load(&mut checker, &three, &[first]).is_err(), "taken back");
    }

    #[test]
    fn what_a_service_says_is_told_in_order() {
        let said = |number| ServiceEvent {
            service: service().id,
            number,
            id: [0; 16],
            created_at: Timestamp::default(),
            message: String::new(),
            name: "SERVICE_STEADY_STATE".to_owned(),
            kind: "INFO".to_owned(),
            deployment: None,
            of_deployment: None,
        };
        let event = |sequence, number| StateChange {
            sequence,
            at: Timestamp::default(),
            cluster: service().cluster,
            subject: Subject::Service(Frozen::new(&said(number))),
        };
        let load = |events: &[StateChange]| {
            let service = Service { last_event: 2, ..service() };
            let events: Vec<&StateChange> = events.iter().collect();
            let sight = Sight::Loaded { tasks: &[], services: &[&service], events: &events };
            Told::default().see(&sight, Timestamp::default())
        };
        assert_eq!(load(&[event(1, 1), event(2, 2)]), Ok(()));
        assert!(load(&[event(1, 1)]).is_err(), "one is missing");
        assert!(load(&[event(1, 2), event(2, 1)]).is_err(), "out of order");
        assert!(load(&[event(1, 1), event(2, 2), event(3, 2)]).is_err(), "told twice");
    }
}
