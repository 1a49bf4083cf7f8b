//! Whoever asks sees nothing older than what anybody had been told before they asked, whichever server answers.
//!
//! That each task's versions and statuses only grow is another rule (`forward`); together they say that the history of a task,
//! as users see it, is one that a single server could have told: it is linearizable.

use std::collections::BTreeMap;

use berth_model::{TaskId, TaskStatus, Timestamp};

use super::{Checker, Sight};

type Told = (TaskStatus, u64);

#[derive(Default)]
pub(super) struct Answers {
    /// The newest that anybody was told.
    told: BTreeMap<TaskId, Told>,
    /// What had been told when each client asked its last question.
    asked: BTreeMap<usize, BTreeMap<TaskId, Told>>,
}

impl Checker for Answers {
    fn name(&self) -> &'static str {
        "answers"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        match sight {
            Sight::Asks { client, tasks } => {
                let known = |id: &TaskId| Some((*id, *self.told.get(id)?));
                self.asked.insert(*client, tasks.iter().filter_map(known).collect());
                Ok(())
            }
            Sight::Described { client, task, status, version } => {
                let now = self.tell(*task, status, *version)?;
                let asked = self.asked.get(client);
                match asked.and_then(|asked| asked.get(task)) {
                    Some(before) if now.0 < before.0 || now.1 < before.1 => Err(format!(
                        "client {client} saw task {task} as {} (version {}), and it had been told of as {} (version {}) \
                         before the question",
                        now.0, now.1, before.0, before.1
                    )),
                    _ => Ok(()),
                }
            }
            Sight::Told { task, status, version } => self.tell(*task, status, *version).map(drop),
            _ => Ok(()),
        }
    }
}

impl Answers {
    fn tell(&mut self, task: TaskId, status: &str, version: u64) -> Result<Told, String> {
        let status: TaskStatus = status.parse().map_err(|error| format!("task {task}: {error}"))?;
        let told = self.told.entry(task).or_insert((status, version));
        *told = (told.0.max(status), told.1.max(version));
        Ok((status, version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: TaskId = TaskId::from_bytes([1; 16]);
    const NOW: Timestamp = Timestamp::from_millis(0);

    fn see(answers: &mut Answers, sights: &[Sight<'_>]) -> Result<(), String> {
        sights.iter().try_for_each(|sight| answers.see(sight, NOW))
    }

    fn described<'a>(client: usize, status: &'a str, version: u64) -> Sight<'a> {
        Sight::Described { client, task: TASK, status, version }
    }

    #[test]
    fn what_was_told_before_the_question_binds() {
        let mut answers = Answers::default();
        let ask = |client| Sight::Asks { client, tasks: &[TASK] };
        // The second asked before anybody was told, so it may see what was.
        let sights = [ask(0), ask(1), described(0, "RUNNING", 3), described(1, "PENDING", 2)];
        see(&mut answers, &sights).expect("both are right");
        let error = see(&mut answers, &[ask(1), described(1, "PENDING", 2)]);
        assert!(error.expect_err("another server had told more").contains("version 3"));
        see(&mut answers, &[ask(1), described(1, "STOPPED", 5)]).expect("newer");
    }

    #[test]
    fn the_answer_to_a_write_binds_too() {
        let mut answers = Answers::default();
        let told = Sight::Told { task: TASK, status: "RUNNING", version: 4 };
        let asked = Sight::Asks { client: 0, tasks: &[TASK] };
        see(&mut answers, &[told, asked, described(0, "RUNNING", 3)]).expect_err("its own write");
    }
}
