//! Users.

pub mod create_user;
pub mod delete_user;
pub mod get_user;
pub mod list_users;
