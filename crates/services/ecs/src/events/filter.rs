//! Which events a reader wants, and from where on.

use std::collections::BTreeSet;
use std::time::Duration;

use berth_aws_api::{ServiceError, ecs as api};
use berth_control::pipeline::query::parameters;
use berth_model::{ClusterName, Scope, Timestamp};
use http::Uri;

use super::event::{DetailType, SOURCE};
use crate::resolve;
use crate::tables::{Cluster, StateChange};

/// The longest that a request waits for an event; clients give up on answers after half a minute.
const LONGEST_WAIT: u64 = 20;
const MOST: usize = 1000;

/// What a reader asks for.
#[derive(Debug, PartialEq)]
pub struct Question {
    pub after: After,
    pub wait: Duration,
    /// The most events of one answer.
    pub limit: usize,
    pub filter: Filter,
}

/// Which events are news to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// All that are kept.
    Oldest,
    /// Those that are to come.
    Newest,
    Sequence(u64),
}

#[derive(Debug, Default, PartialEq)]
pub struct Filter {
    cluster: Option<ClusterName>,
    /// Empty: all.
    types: BTreeSet<DetailType>,
    since: Option<Timestamp>,
}

impl Question {
    /// `Err` is for the client.
    pub fn parse(uri: &Uri, scope: &Scope) -> Result<Self, String> {
        let filter = Filter::default();
        let mut question = Self { after: After::Newest, wait: Duration::ZERO, limit: MOST, filter };
        for (name, value) in parameters(uri) {
            question.take(&name, &value, scope).map_err(|problem| format!("{name}: {problem}"))?;
        }
        Ok(question)
    }

    fn take(&mut self, name: &str, value: &str, scope: &Scope) -> Result<(), String> {
        match name {
            "after" => {
                self.after = match value {
                    "oldest" => After::Oldest,
                    "newest" => After::Newest,
                    number => After::Sequence(
                        number.parse().map_err(|_| "oldest, newest or a number expected.")?,
                    ),
                }
            }
            "wait" => {
                let seconds = value.parse().ok().filter(|wait| *wait <= LONGEST_WAIT);
                let seconds = seconds
                    .ok_or_else(|| format!("a number of seconds up to {LONGEST_WAIT} expected."))?;
                self.wait = Duration::from_secs(seconds);
            }
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=MOST).contains(limit));
                self.limit =
                    limit.ok_or_else(|| format!("a number between 1 and {MOST} expected."))?;
            }
            "cluster" => {
                let name = resolve::cluster_name(scope, Some(value)).map_err(in_words)?;
                self.filter.cluster = Some(name);
            }
            "type" => {
                let known = DetailType::parse(value).ok_or_else(|| {
                    let known = DetailType::ALL.map(DetailType::short).join(", ");
                    format!("`{value}` is not a type of events: {known}, or what EventBridge calls them.")
                })?;
                self.filter.types.insert(known);
            }
            "source" if value == SOURCE => {}
            "source" => {
                return Err(format!("events come from {SOURCE} alone, not from `{value}`."));
            }
            "since" => {
                let at: Timestamp = value.parse().map_err(|error| format!("{error}."))?;
                self.filter.since = Some(at);
            }
            _ => return Err("there is no such parameter.".to_owned()),
        }
        Ok(())
    }
}

fn in_words(error: api::Error) -> String {
    error.message().unwrap_or_default().to_owned()
}

impl Filter {
    pub fn wants(&self, scope: &Scope, cluster: &Cluster, change: &StateChange) -> bool {
        cluster.scope == *scope
            && self.cluster.as_ref().is_none_or(|name| *name == cluster.name)
            && (self.types.is_empty() || self.types.contains(&DetailType::of(&change.subject)))
            && self.since.is_none_or(|since| change.at >= since)
    }
}

#[cfg(test)]
mod tests {
    use berth_model::ClusterArn;

    use super::*;

    fn parse(query: &str) -> Result<Question, String> {
        let arn: ClusterArn = "arn:aws:ecs:us-east-1:123456789012:cluster/c".parse().unwrap();
        Question::parse(&format!("/_berth/ecs/events?{query}").parse().unwrap(), &arn.scope)
    }

    #[test]
    fn a_question_is_read() {
        let question = parse("after=7&wait=20&limit=5&cluster=web&type=task&type=ECS+Task+State+Change&source=aws.ecs&since=2026-01-02T03:04:05Z").unwrap();
        let filter = Filter {
            cluster: Some("web".parse().unwrap()),
            types: [DetailType::Task].into(),
            since: Some(Timestamp::from_millis(1_767_323_045_000)),
        };
        let (after, wait) = (After::Sequence(7), Duration::from_secs(20));
        assert_eq!(question, Question { after, wait, limit: 5, filter });
        assert_eq!(parse("").unwrap().after, After::Newest);
        assert_eq!(parse("after=oldest").unwrap().after, After::Oldest);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for (query, part) in [
            ("after=x", "after: oldest"),
            ("after=-1", "after: oldest"),
            ("wait=21", "wait: a number of seconds up to 20"),
            ("limit=0", "limit: a number between 1 and 1000"),
            ("cluster=a/b", "cluster: Invalid identifier"),
            ("cluster=arn:aws:ecs:eu-west-1:123456789012:cluster/c", "eu-west-1"),
            ("type=tasks", "task, container-instance, service, deployment"),
            ("source=aws.ec2", "aws.ecs alone"),
            ("since=yesterday", "since: `yesterday`"),
            ("follow=true", "follow: there is no such parameter"),
        ] {
            let problem = parse(query).expect_err(query);
            assert!(problem.contains(part), "{query}: {problem}");
        }
    }
}
