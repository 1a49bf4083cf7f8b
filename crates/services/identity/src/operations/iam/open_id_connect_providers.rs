//! Providers of OpenID Connect tokens.

pub mod add_client_id_to_open_id_connect_provider;
pub mod create_open_id_connect_provider;
pub mod delete_open_id_connect_provider;
pub mod get_open_id_connect_provider;
pub mod list_open_id_connect_provider_tags;
pub mod list_open_id_connect_providers;
pub mod remove_client_id_from_open_id_connect_provider;
pub mod tag_open_id_connect_provider;
pub mod untag_open_id_connect_provider;
pub mod update_open_id_connect_provider_thumbprint;
