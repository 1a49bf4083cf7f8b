//! What is there for a reader right now.

use berth_control::tables::View;
use berth_model::Scope;

use super::event::event;
use super::filter::{After, Filter};
use crate::tables::{Cluster, StateChange};

/// An answer that has grown to this many bytes takes no more events.
const LARGEST: usize = 1 << 20;

/// Some events, and from where to go on.
#[derive(Debug)]
pub struct Page {
    /// Each as the JSON text that it is.
    pub events: Vec<String>,
    /// The last one that was looked at, wanted or not: what comes next comes after this.
    pub after: u64,
    /// Events between the reader's last one and these are gone, or were never of this server.
    pub missed: bool,
}

/// What comes after; at most so many events.
pub fn page(view: &impl View, scope: &Scope, after: After, limit: usize, filter: &Filter) -> Page {
    let kept = view.table::<StateChange>();
    let oldest = kept.keys().next().copied();
    let newest = kept.keys().next_back().copied().unwrap_or(0);
    let begin = oldest.map_or(newest, |oldest| oldest - 1);
    let (after, missed) = match after {
        After::Oldest => (begin, false),
        After::Newest => (newest, false),
        After::Sequence(last) if last > newest || last < begin => (begin, true),
        After::Sequence(last) => (last, false),
    };
    let mut page = Page { events: Vec::new(), after, missed };
    let mut size = 0;
    for change in kept.range(after + 1..) {
        if page.events.len() >= limit || size >= LARGEST {
            break;
        }
        page.after = change.sequence;
        let Some(cluster) = view.get::<Cluster>(&change.cluster) else { continue };
        if filter.wants(scope, cluster, change)
            && let Some(event) = event(view, cluster, change)
        {
            let text = event.to_string();
            size += text.len();
            page.events.push(text);
        }
    }
    page
}

impl Page {
    pub fn render(&self) -> String {
        let Self { events, after, missed } = self;
        format!("{{\"events\":[{}],\"after\":{after},\"missed\":{missed}}}", events.join(","))
    }
}
