//! The instances of a cluster at one moment.

use std::sync::Arc;

use berth_model::ContainerInstanceId;

use crate::instance::Instance;

/// Instances in the order of their ids. A clone shares them, so a fleet may be kept and changed
/// beside the tables while a placement looks at an earlier one.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    instances: Vec<Arc<Instance>>,
}

impl Fleet {
    pub fn new() -> Self {
        Fleet::default()
    }

    pub fn len(&self) -> usize {
        self.instances.len()
    }

    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    pub fn get(&self, id: ContainerInstanceId) -> Option<&Instance> {
        self.instances
            .binary_search_by_key(&id, |instance| instance.id)
            .ok()
            .map(|index| &*self.instances[index])
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Instance> {
        self.instances.iter().map(|instance| &**instance)
    }

    /// Adds an instance, or takes the place of the one with its id.
    pub fn put(&mut self, instance: Instance) {
        match self.instances.binary_search_by_key(&instance.id, |instance| instance.id) {
            Ok(index) => self.instances[index] = Arc::new(instance),
            Err(index) => self.instances.insert(index, Arc::new(instance)),
        }
    }

    pub fn remove(&mut self, id: ContainerInstanceId) {
        if let Ok(index) = self.instances.binary_search_by_key(&id, |instance| instance.id) {
            self.instances.remove(index);
        }
    }
}

/// Of several instances with one id, the last counts.
impl FromIterator<Instance> for Fleet {
    fn from_iter<I: IntoIterator<Item = Instance>>(instances: I) -> Self {
        let mut instances: Vec<Arc<Instance>> = instances.into_iter().map(Arc::new).collect();
        instances.reverse();
        instances.sort_by_key(|instance| instance.id);
        instances.dedup_by_key(|instance| instance.id);
        Fleet { instances }
    }
}
