//! Groups, and who is in them.

pub mod add_user_to_group;
pub mod attach_group_policy;
pub mod create_group;
pub mod delete_group;
pub mod delete_group_policy;
pub mod detach_group_policy;
pub mod get_group;
pub mod get_group_policy;
pub mod list_attached_group_policies;
pub mod list_group_policies;
pub mod list_groups;
pub mod list_groups_for_user;
pub mod put_group_policy;
pub mod remove_user_from_group;
pub mod update_group;
