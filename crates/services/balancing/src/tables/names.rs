//! An index of what has a name that is unique in its region.

use berth_control::tables::Index;
use berth_model::Scope;

use super::ElbId;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names(Index<(Scope, String), ElbId>);

impl Names {
    pub fn insert(&mut self, scope: &Scope, name: &str, id: ElbId) {
        self.0.insert((scope.clone(), name.to_owned()), id);
    }

    pub fn remove(&mut self, scope: &Scope, name: &str, id: ElbId) {
        self.0.remove(&(scope.clone(), name.to_owned()), &id);
    }

    pub fn find(&self, scope: &Scope, name: &str) -> Option<ElbId> {
        self.0.first(&(scope.clone(), name.to_owned())).copied()
    }

    /// All of a region, by name.
    pub fn within(&self, scope: &Scope) -> impl Iterator<Item = ElbId> + use<'_> {
        let (first, scope) = ((scope.clone(), String::new()), scope.clone());
        let of_scope = move |((of, _), _): &(&(Scope, String), &ElbId)| *of == scope;
        self.0.range(first..).take_while(of_scope).map(|(_, id)| *id)
    }
}
