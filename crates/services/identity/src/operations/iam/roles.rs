//! Roles.

pub mod attach_role_policy;
pub mod create_role;
pub mod delete_role;
pub mod delete_role_permissions_boundary;
pub mod delete_role_policy;
pub mod detach_role_policy;
pub mod get_role;
pub mod get_role_policy;
pub mod list_attached_role_policies;
pub mod list_role_policies;
pub mod list_role_tags;
pub mod list_roles;
pub mod put_role_permissions_boundary;
pub mod put_role_policy;
pub mod tag_role;
pub mod untag_role;
pub mod update_assume_role_policy;
pub mod update_role;
pub mod update_role_description;
