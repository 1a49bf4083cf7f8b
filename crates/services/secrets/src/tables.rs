//! What is remembered: one record type per table. KMS has the numbers from 230, Secrets Manager those from 240,
//! Parameter Store those from 250 to 259.

mod alias;
mod key;
mod key_id;
mod parameter;
mod parameter_version;
mod policy_text;
mod rotation;
mod rotation_run;
mod secret;
mod secret_version;
mod stages;

pub use alias::Alias;
pub use key::{Key, KeyState, Made, Manager, Material, Rotation};
pub use key_id::KeyId;
pub use parameter::{Parameter, ParameterKind};
pub use parameter_version::{ParameterValue, ParameterVersion, Tier};
pub use policy_text::PolicyText;
pub use rotation::{RotationRules, RotationSchedule, Rotator, SecretRotation};
pub use rotation_run::{RotationRun, RotationStep};
pub use secret::{Secret, SecretIndexes, SecretKey};
pub use secret_version::{Form, SecretVersion, Under};
pub use stages::{CURRENT, MOST_LABELS, PENDING, PREVIOUS, Stages};

use berth_control::sealing::Rotation as DataKeys;
use berth_control::tables::Schema;

/// Registers every table of this service with the cell.
pub fn register(schema: &mut Schema) {
    schema.table::<Key>();
    schema.table::<Alias>();
    schema.table::<Secret>();
    schema.table::<SecretVersion>();
    schema.table::<RotationRun>();
    schema.table::<Parameter>();
    schema.table::<ParameterVersion>();
}

/// Tells the rotation of data keys of every table that has something sealed.
pub fn register_sealed(rotation: DataKeys) -> DataKeys {
    rotation.of::<Key>()
}
