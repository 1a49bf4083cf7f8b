//! A decision with all that led to it, for IAM's simulation.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::context::{Context, Values};
use crate::decide::decide;
use crate::decision::{Decision, Matched, Source};
use crate::policies::{Asked, Attached, Policies, Request};
use crate::statement::Effect;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation<'p> {
    pub decision: Decision<'p>,
    /// Every statement that speaks of the request, whatever its effect.
    pub matched: Vec<Matched<'p>>,
    /// The keys that statements about this action and resource asked for in vain, as a policy spells them.
    pub missing: Vec<&'p str>,
    /// What the permissions boundary says, if there is one.
    pub allowed_by_boundary: Option<bool>,
}

pub fn simulate<'p>(policies: &Policies<'p>, request: &Request<'_>) -> Simulation<'p> {
    let recorder = Recorder { context: request.context, missing: RefCell::default() };
    let recorded = Request { context: &recorder, ..*request };
    let asked = Asked::new(&recorded, policies);
    let mut matched = Vec::new();
    let mut spellings = BTreeMap::new();
    for (source, policies) in policies.by_source() {
        for &policy in policies {
            spellings.extend(policy.document.spellings());
            matched.extend(of_policy(source, policy, &asked));
        }
    }
    let allowed_by_boundary = policies.boundary.map(|_| {
        let mut effects = matched
            .iter()
            .filter(|matched| matched.source == Source::Boundary)
            .map(|matched| matched.statement().effect())
            .peekable();
        effects.peek().is_some() && effects.all(|effect| effect == Effect::Allow)
    });
    spellings.retain(|key, _| recorder.missing.borrow().contains(*key));
    Simulation {
        decision: decide(policies, request),
        matched,
        missing: spellings.into_values().collect(),
        allowed_by_boundary,
    }
}

fn of_policy<'p>(
    source: Source,
    policy: Attached<'p>,
    asked: &Asked<'_>,
) -> impl Iterator<Item = Matched<'p>> {
    let about = policy.document.about(asked.service);
    let matched = about.filter(|(_, statement)| statement.applies_and_asks_all(asked));
    matched.map(move |(number, _)| Matched { source, policy, number })
}

/// Remembers what was asked in vain.
struct Recorder<'a> {
    context: &'a dyn Context,
    /// In lower case.
    missing: RefCell<BTreeSet<String>>,
}

impl Context for Recorder<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let values = self.context.values(key);
        if values.is_none() {
            self.missing.borrow_mut().insert(key.to_owned());
        }
        values
    }
}
