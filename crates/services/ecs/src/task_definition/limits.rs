//! How large a task definition may be as a whole.

use berth_aws_api::ecs as api;

use super::{Verdict, refuse_unless};
use crate::limits::Limits;
use berth_aws_protocol::stored;

/// What counts is the content as it is kept: whitespace of the request does not.
pub fn check_size(definition: &api::TaskDefinition, limits: &Limits) -> Verdict {
    let (length, most) = (stored::to_vec(definition).len(), limits.task_definition_bytes);
    refuse_unless(length <= most, || {
        format!("Actual length: '{length}'. Max allowed length is '{most}' bytes.")
    })
}
