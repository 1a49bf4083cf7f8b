//! The text of a golden file, taken apart and put together again.

use std::time::Duration;

/// A file's steps, with what stands around them.
pub struct Script {
    /// Comments before the first step.
    preamble: String,
    pub steps: Vec<Step>,
}

pub struct Step {
    /// The line after `### `.
    heading: String,
    pub action: Action,
    /// Comments after the step's answer.
    trailer: String,
}

pub enum Action {
    Call {
        operation: String,
        region: String,
        body: String,
    },
    /// A path that is no operation.
    Get {
        path: String,
        region: String,
    },
    Wait(Duration),
}

/// What came back, ready to be written down.
pub struct Answer {
    pub head: String,
    pub body: String,
}

impl Script {
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split("### ");
        let preamble = parts.next().unwrap_or_default().to_owned();
        let steps = parts.map(Step::parse).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { preamble, steps })
    }

    pub fn render(&self, answers: &[Option<Answer>]) -> String {
        let mut text = self.preamble.clone();
        for (step, answer) in self.steps.iter().zip(answers) {
            text.push_str(&format!("### {}\n", step.heading));
            if let (Action::Call { body, .. }, Some(_)) = (&step.action, answer) {
                text.push_str(&format!("{body}\n"));
            }
            if let Some(answer) = answer {
                text.push_str(&format!("=== {}\n{}\n", answer.head, answer.body));
            }
            text.push('\n');
            text.push_str(&step.trailer);
        }
        // One newline ends the file.
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }
}

impl Step {
    fn parse(text: &str) -> Result<Self, String> {
        let (heading, rest) = text.split_once('\n').unwrap_or((text, ""));
        // Nothing stands between a heading and its answer where there is no body.
        let (request, answer) = match rest.strip_prefix("=== ") {
            Some(answer) => ("", answer),
            None => rest.split_once("\n=== ").unwrap_or((rest, "")),
        };
        let is_comment = |line: &&str| line.starts_with('#');
        // A step that has no answer yet has its comments behind the request.
        let comments = request.lines().chain(answer.lines()).filter(is_comment);
        let trailer: String = comments.map(|line| format!("{line}\n")).collect();
        let body: Vec<&str> = request.lines().filter(|line| !is_comment(line)).collect();
        let mut words = heading.split_whitespace();
        let first = words.next().ok_or("a step has a heading")?;
        let path = if first == "GET" { words.next().map(str::to_owned) } else { None };
        let action = if first == "wait" {
            Action::Wait(duration(words.next().unwrap_or_default())?)
        } else {
            let region =
                words.next().and_then(|word| word.strip_prefix("region=")).unwrap_or("us-east-1");
            let (region, body) = (region.to_owned(), body.join("\n").trim().to_owned());
            match path {
                Some(path) => Action::Get { path, region },
                None => Action::Call { operation: first.to_owned(), region, body },
            }
        };
        Ok(Self { heading: heading.trim().to_owned(), action, trailer })
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.len().saturating_sub(1));
    let number: u64 =
        number.parse().map_err(|_| format!("`{text}` is not a duration such as 90m"))?;
    match unit {
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number * 60)),
        "h" => Ok(Duration::from_secs(number * 3600)),
        _ => Err(format!("`{text}` is not a duration such as 90m")),
    }
}
