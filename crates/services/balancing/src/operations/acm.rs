//! ACM's operations, one file each.

pub mod add_tags_to_certificate;
pub mod delete_certificate;
pub mod describe_certificate;
pub mod get_certificate;
pub mod import_certificate;
pub mod list_certificates;
pub mod list_tags_for_certificate;
pub mod list_tags_for_resource;
pub mod remove_tags_from_certificate;
pub mod renew_certificate;
pub mod request_certificate;
pub mod tag_resource;
pub mod untag_resource;
pub mod update_certificate_options;
