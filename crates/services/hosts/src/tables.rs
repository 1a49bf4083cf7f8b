//! What is remembered of hosts: one record type per table. Numbers from 200 are this service's.

mod activation;
mod credential;
mod host;

pub use activation::{Activation, ActivationId};
pub use credential::{CredentialIndexes, HostCredential, Issued};
pub use host::{Host, HostIndexes};

use berth_control::tables::Schema;

/// Registers every table of this service with the cell.
pub fn register(schema: &mut Schema) {
    schema.table::<Activation>();
    schema.table::<Host>();
    schema.table::<HostCredential>();
}
