//! Services' own roles.

pub mod create_service_linked_role;
pub mod delete_service_linked_role;
pub mod get_service_linked_role_deletion_status;
