//! Users.

pub mod attach_user_policy;
pub mod create_user;
pub mod delete_user;
pub mod delete_user_permissions_boundary;
pub mod delete_user_policy;
pub mod detach_user_policy;
pub mod get_user;
pub mod get_user_policy;
pub mod list_attached_user_policies;
pub mod list_user_policies;
pub mod list_user_tags;
pub mod list_users;
pub mod put_user_permissions_boundary;
pub mod put_user_policy;
pub mod tag_user;
pub mod untag_user;
pub mod update_user;
