//! The service behind its endpoint, with signatures checked: a clock that waits to be moved, ids from a seed.

mod access;
mod access_keys;
mod account;
mod data_keys;
mod goldens;
mod groups;
mod held_open;
mod histories;
mod holders;
mod instance_profiles;
mod issuer;
mod managed_policies;
mod named_principals;
mod open_id_connect;
mod policies_of;
mod realms;
mod role_sessions;
mod roles;
mod service_linked_roles;
mod sessions;
mod simulation;
mod tags;
mod transport;
mod users;
mod web_identity;
mod world;
