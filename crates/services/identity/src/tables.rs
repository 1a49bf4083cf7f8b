//! What is remembered of who there is: one record type per table. Numbers from 210 to 229 are this service's.

mod about;
mod account;
mod by_name;
mod unique_id;
mod user;

pub use about::{About, EntityKey};
pub use account::Account;
pub use by_name::ByName;
pub use unique_id::UniqueId;
pub use user::{User, UserIndexes};

use berth_control::tables::Schema;

/// Registers every table of this service with the cell.
pub fn register(schema: &mut Schema) {
    schema.table::<User>();
}
