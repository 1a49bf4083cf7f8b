//! What is remembered: one record type per table. KMS has the numbers from 230, Secrets Manager those from 240,
//! Parameter Store those from 250 to 259.

mod alias;
mod key;
mod key_id;
mod policy_text;

pub use alias::Alias;
pub use key::{Key, KeyState, Made, Manager, Material, Rotation};
pub use key_id::KeyId;
pub use policy_text::PolicyText;

use berth_control::tables::Schema;

/// Registers every table of this service with the cell.
pub fn register(schema: &mut Schema) {
    schema.table::<Key>();
    schema.table::<Alias>();
}
