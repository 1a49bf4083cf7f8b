//! Entities by their names, which are told apart without regard to case.

use berth_control::tables::{Count, Index};

use super::{About, Account, EntityKey};

/// An index over one kind of entity. Listings go by it, so they are in the order of names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ByName {
    names: Index<(Account, String), EntityKey>,
    count: Count<Account>,
}

impl ByName {
    pub fn insert(&mut self, about: &About) {
        self.names.insert((about.account, fold(&about.name)), about.key());
        self.count.add(about.account);
    }

    pub fn remove(&mut self, about: &About) {
        self.names.remove(&(about.account, fold(&about.name)), &about.key());
        self.count.subtract(&about.account);
    }

    pub fn find(&self, account: Account, name: &str) -> Option<&EntityKey> {
        self.names.first(&(account, fold(name)))
    }

    /// Folded names and keys, in the order of names.
    pub fn of(&self, account: Account) -> impl Iterator<Item = (&str, &EntityKey)> {
        self.names
            .range((account, String::new())..)
            .take_while(move |((of, _), _)| *of == account)
            .map(|((_, name), key)| (name.as_str(), key))
    }

    pub fn count(&self, account: Account) -> u64 {
        self.count.get(&account)
    }
}

/// AWS: names are ASCII.
pub fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}
