//! Which of a listener's rules is a request's: the first, by priority, all of whose conditions hold.
//!
//! Pure: rules are compiled once, and asked with a [`Question`] that borrows from the request. An index over the ends of hosts and the
//! beginnings of paths (`trie.rs`) leaves few rules whose conditions have to be looked at, so that a thousand rules cost
//! about as much as ten. The index only ever leaves out what cannot match; `condition.rs` has the last word.
//!
//! What is then done with the request is not known here.

mod condition;
mod question;
#[cfg(test)]
mod tests;
mod trie;
mod value;
mod wildcard;

use berth_proxy_protocol as protocol;
use smallvec::SmallVec;

use condition::Condition;
pub use question::Question;
pub(crate) use question::without_port;
use trie::Trie;
use value::Value;
pub(crate) use value::regex;

/// The rules of one listener.
#[derive(Debug, Default)]
pub struct Rules {
    rules: Vec<Box<[Condition]>>,
    /// By the end of the host, read backwards, then by the beginning of the path.
    index: Trie<Trie<Vec<u32>>>,
}

impl Rules {
    /// The rules as a configuration has them, the first first. Fails with the first value that means nothing.
    pub fn compile(rules: &[protocol::Rule]) -> Result<Rules, String> {
        let mut compiled = Rules::default();
        for rule in rules {
            let conditions: Result<Box<[Condition]>, String> =
                rule.conditions.iter().map(Condition::compile).collect();
            let conditions =
                conditions.map_err(|problem| format!("rule {}: {problem}", rule.priority))?;
            compiled.add(conditions);
        }
        Ok(compiled)
    }

    fn add(&mut self, conditions: Box<[Condition]>) {
        let number = u32::try_from(self.rules.len()).expect("a listener has far fewer rules");
        // One host and one path condition narrow the rule down, with the first of each that there is.
        let hosts = conditions.iter().find_map(|condition| match condition {
            Condition::Host(values) => Some(ends(values)),
            _ => None,
        });
        let paths = conditions.iter().find_map(|condition| match condition {
            Condition::Path(values) => Some(beginnings(values)),
            _ => None,
        });
        let anywhere = || vec![Vec::new()];
        for host in hosts.unwrap_or_else(anywhere) {
            let by_path = self.index.at(&host);
            for path in paths.clone().unwrap_or_else(anywhere) {
                let there = by_path.at(&path);
                if there.last() != Some(&number) {
                    there.push(number);
                }
            }
        }
        self.rules.push(conditions);
    }

    /// How many rules the index leaves.
    #[cfg(test)]
    fn candidates(&self, question: &Question<'_>) -> usize {
        let host = question.host().unwrap_or_default();
        let mut count = 0;
        self.index.walk(host.iter().rev().map(u8::to_ascii_lowercase), |by_path| {
            by_path.walk(question.path().iter().copied(), |rules| count += rules.len());
        });
        count
    }

    /// The place of the first rule that matches, if one does.
    pub fn find(&self, question: &Question<'_>) -> Option<usize> {
        let mut best = None;
        let host = question.host().unwrap_or_default();
        let backwards = host.iter().rev().map(u8::to_ascii_lowercase);
        for by_path in deepest_first(&self.index, backwards) {
            for candidates in deepest_first(by_path, question.path().iter().copied()) {
                let worth_asking =
                    candidates.iter().take_while(|&&rule| best.is_none_or(|best| rule < best));
                for &rule in worth_asking {
                    if self.rules[rule as usize].iter().all(|condition| condition.holds(question)) {
                        best = Some(rule);
                        break;
                    }
                }
            }
        }
        best.map(|rule| rule as usize)
    }
}

/// What is on the way, the longest match first: those lists are short, and make the rest of the long ones needless.
fn deepest_first<T>(trie: &Trie<T>, key: impl Iterator<Item = u8>) -> impl Iterator<Item = &T> {
    let mut found: SmallVec<[&T; 16]> = SmallVec::new();
    trie.walk(key, |value| found.push(value));
    found.into_iter().rev()
}

/// How each value's matches end, backwards and in lower case.
fn ends(values: &[Value]) -> Vec<Vec<u8>> {
    let end = |value: &Value| match value {
        Value::Wildcard(wildcard) => {
            wildcard.literal_end().rev().map(|byte| byte.to_ascii_lowercase()).collect()
        }
        Value::Regex(_) => Vec::new(),
    };
    values.iter().map(end).collect()
}

/// How each value's matches begin.
fn beginnings(values: &[Value]) -> Vec<Vec<u8>> {
    let beginning = |value: &Value| match value {
        Value::Wildcard(wildcard) => wildcard.literal_beginning().collect(),
        Value::Regex(_) => Vec::new(),
    };
    values.iter().map(beginning).collect()
}
