//! How EC2 is asked for things of one kind: by id, by filters, a page at a time.
//!
//! AWS: an id that is not there is an error, a filter that nothing passes is an empty list; ids are looked at first, and
//! all of them for their form before any of them is looked up.

use std::collections::BTreeSet;

use berth_aws_api::ec2::{Error, Filter};
use berth_aws_protocol::page::{InvalidToken, Page, Paging};

use crate::filters::{Facts, Filters};
use crate::ids::IdKind;

/// AWS: the most that a page has.
const PAGE: i32 = 1000;

pub trait Resource: Sized + 'static {
    const IDS: IdKind;
    const FACTS: Facts<Self>;

    fn id(&self) -> &str;
}

/// What every such request says.
pub struct Question {
    pub operation: &'static str,
    pub ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i32>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

impl Question {
    pub fn of<R: Resource>(self, all: Vec<R>) -> Result<Page<R>, Error> {
        would_succeed(self.dry_run)?;
        let asked = (&self.ids, &self.filters);
        let size = self.max_results.unwrap_or(PAGE);
        let paging = Paging::of(self.operation, &asked, size, self.next_token)
            .map_err(|InvalidToken| Error::invalid_next_token("The token is not valid"))?;
        let filters = Filters::parse(R::FACTS, self.filters)?;
        let ids: BTreeSet<String> = self.ids.unwrap_or_default().into_iter().collect();
        for id in &ids {
            R::IDS.check(id)?;
        }
        for id in &ids {
            if !all.iter().any(|thing| thing.id() == id) {
                return Err(R::IDS.missing(id));
            }
        }
        let is_named = |thing: &R| ids.is_empty() || ids.contains(thing.id());
        let mut found: Vec<R> =
            all.into_iter().filter(|thing| is_named(thing) && filters.take(thing)).collect();
        found.sort_by(|one, other| one.id().cmp(other.id()));
        Ok(paging.cut(found.into_iter().map(|thing| (thing.id().to_owned(), thing))))
    }
}

/// AWS: whoever only wants to know whether they might is told so by an error.
pub fn would_succeed(dry_run: Option<bool>) -> Result<(), Error> {
    match dry_run {
        Some(true) => {
            Err(Error::dry_run_operation("Request would have succeeded, but DryRun flag is set."))
        }
        _ => Ok(()),
    }
}
