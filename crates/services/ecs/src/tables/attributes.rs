//! What a container instance is and can do, by name: some fifty words of the platform's, the agent's and the user's.
//!
//! They would be most of an instance's memory, and hosts of one kind say the same. So equal ones are kept once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use minicbor::{Decode, Decoder, Encode, Encoder};

type ByName = BTreeMap<String, Attribute>;

/// Reads like a map. A change makes another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(Arc<ByName>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct Attribute {
    #[n(0)]
    pub value: Option<String>,
    /// Put by a user or an agent's operator: DeleteAttributes may take it away, a new registration keeps it.
    #[n(1)]
    pub custom: bool,
}

impl Attributes {
    /// Where they are: the same for all who share them, and for nobody else while they do.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// How many have them, those that are known to all included.
    pub(crate) fn sharers(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    /// These with a change.
    pub fn with(&self, change: impl FnOnce(&mut ByName)) -> Attributes {
        let mut attributes = (*self.0).clone();
        change(&mut attributes);
        attributes.into()
    }
}

impl Deref for Attributes {
    type Target = ByName;

    fn deref(&self) -> &ByName {
        &self.0
    }
}

impl From<ByName> for Attributes {
    fn from(attributes: ByName) -> Self {
        Attributes(share(attributes))
    }
}

/// As the map that it is.
impl<C> Encode<C> for Attributes {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        self.0.as_ref().encode(encoder, context)
    }
}

impl<'b, C> Decode<'b, C> for Attributes {
    fn decode(decoder: &mut Decoder<'b>, context: &mut C) -> Result<Self, minicbor::decode::Error> {
        ByName::decode(decoder, context).map(Attributes::from)
    }
}

/// Every set of attributes that an instance has or had not long ago. It only saves memory: who shares with whom makes
/// no difference to anybody.
static KNOWN: Mutex<Known> = Mutex::new(Known { sets: BTreeSet::new(), tidy_at: 64 });

struct Known {
    sets: BTreeSet<Arc<ByName>>,
    /// Sets that nobody has any more are let go of when there are so many in all.
    tidy_at: usize,
}

fn share(attributes: ByName) -> Arc<ByName> {
    // Every change is one operation of a set: nothing is left half-way by a panic.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(set) = known.sets.get(&attributes) {
        return Arc::clone(set);
    }
    if known.sets.len() >= known.tidy_at {
        known.sets.retain(|set| Arc::strong_count(set) > 1);
        known.tidy_at = 64.max(2 * known.sets.len());
    }
    let set = Arc::new(attributes);
    known.sets.insert(Arc::clone(&set));
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rack(number: usize) -> Attributes {
        let value = Some(format!("of a test of sharing: {number}"));
        ByName::from([("rack".to_owned(), Attribute { value, custom: true })]).into()
    }

    #[test]
    fn equal_ones_are_kept_once() {
        let (one, other) = (rack(1), rack(1));
        assert!(Arc::ptr_eq(&one.0, &other.0));
        let changed = one.with(|attributes| drop(attributes.remove("rack")));
        assert!(changed.is_empty() && one == other);
        let bytes = minicbor::to_vec(&one).expect("memory takes everything");
        let read: Attributes = minicbor::decode(&bytes).expect("it was written so");
        assert!(Arc::ptr_eq(&read.0, &one.0));
    }

    #[test]
    fn what_nobody_has_is_let_go() {
        let kept = rack(1_000);
        for number in 2_000..12_000 {
            rack(number);
        }
        let known = KNOWN.lock().unwrap();
        assert!(known.sets.len() < 5_000, "{}", known.sets.len());
        assert!(known.sets.contains(&*kept));
    }
}
