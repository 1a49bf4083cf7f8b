//! The text of a golden file, taken apart and put together again.

use std::time::Duration;

pub struct Script {
    /// Comments before the first step.
    preamble: String,
    pub steps: Vec<Step>,
}

pub struct Step {
    /// The line after `### `.
    heading: String,
    /// What later steps call it.
    pub name: Option<String>,
    pub action: Action,
    /// As it is written.
    request: String,
}

pub enum Action {
    /// An operation with its parameters.
    Call(String, Vec<(String, String)>),
    Get(String),
    Post(String, String),
    Wait(Duration),
}

/// What came back, ready to be written down.
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Script {
    pub fn parse(text: &str) -> Script {
        let mut parts = text.split("### ");
        let preamble = parts.next().unwrap_or_default().to_owned();
        Script { preamble, steps: parts.map(Step::parse).collect() }
    }

    pub fn render(&self, answers: &[Option<Answer>]) -> String {
        let mut text = self.preamble.clone();
        for (step, answer) in self.steps.iter().zip(answers) {
            text.push_str(&format!("### {}\n{}", step.heading, step.request));
            if let Some(answer) = answer {
                text.push_str(&format!("=== {}\n{}\n", answer.status, answer.body));
            }
            text.push('\n');
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }
}

impl Step {
    fn parse(text: &str) -> Step {
        let (heading, rest) = text.split_once('\n').unwrap_or((text, ""));
        let request: String = rest
            .lines()
            .take_while(|line| !line.starts_with("=== "))
            .filter(|line| !line.is_empty())
            .map(|line| format!("{line}\n"))
            .collect();
        let lines = || request.lines().filter(|line| !line.starts_with('#'));
        let (command, name) = match heading.split_once(" as ") {
            Some((command, name)) => (command, Some(name.trim().to_owned())),
            None => (heading, None),
        };
        let mut words = command.split_whitespace();
        let first = words.next().expect("a step has a heading");
        let second = words.next().unwrap_or_default().to_owned();
        let action = match first {
            "wait" => Action::Wait(duration(&second)),
            "GET" => Action::Get(second),
            "POST" => Action::Post(second, lines().collect()),
            operation => {
                let pair = |line: &str| {
                    let (name, value) = line.split_once('=').expect("a parameter is NAME=VALUE");
                    (name.to_owned(), value.to_owned())
                };
                Action::Call(operation.to_owned(), lines().map(pair).collect())
            }
        };
        Step { heading: heading.trim().to_owned(), name, action, request }
    }
}

fn duration(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.len().saturating_sub(1));
    let number: u64 = number.parse().expect("a duration such as 90m");
    match unit {
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number * 60),
        _ => panic!("{text} is not a duration such as 90m"),
    }
}
