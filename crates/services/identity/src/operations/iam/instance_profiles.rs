//! Instance profiles.

pub mod add_role_to_instance_profile;
pub mod create_instance_profile;
pub mod delete_instance_profile;
pub mod get_instance_profile;
pub mod list_instance_profile_tags;
pub mod list_instance_profiles;
pub mod list_instance_profiles_for_role;
pub mod remove_role_from_instance_profile;
pub mod tag_instance_profile;
pub mod untag_instance_profile;
