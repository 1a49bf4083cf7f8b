//! The account as a whole.

pub mod create_account_alias;
pub mod delete_account_alias;
pub mod get_account_authorization_details;
pub mod get_account_summary;
pub mod list_account_aliases;
