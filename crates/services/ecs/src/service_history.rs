//! What a service leaves behind when it is forgotten.

use berth_control::cell::Transaction;
use berth_control::tables::Record;
use berth_model::ServiceId;

use crate::tables::{
    ResolvedImages, Service, ServiceDeployment, ServiceEvent, ServiceRevision, TaskSet,
};

/// Takes away a service with everything that is its alone. Its tasks are remembered for their own time.
pub fn forget(tx: &mut Transaction, service: ServiceId) {
    delete_within::<ServiceRevision, _>(tx, service);
    delete_within::<ResolvedImages, _>(tx, service);
    delete_within::<ServiceDeployment, _>(tx, service);
    delete_within::<TaskSet, _>(tx, service);
    delete_within::<ServiceEvent, _>(tx, service);
    tx.delete::<Service>(&service);
}

fn delete_within<R, B>(tx: &mut Transaction, service: ServiceId)
where
    R: Record<Key = (ServiceId, B)>,
    (ServiceId, B): berth_control::tables::TableKey,
    B: Ord,
{
    let keys: Vec<R::Key> = tx.table::<R>().within(&service).map(Record::key).collect();
    for key in keys {
        tx.delete::<R>(&key);
    }
}
