//! What this crate uses of KMS itself: keys that are found, made, and encrypt.
//!
//! A [`Vault`] encrypts under a [`Key`](crate::tables::Key) of the tables. A ciphertext names its key and the version
//! of its material, so a rotated key opens what it always did, and nobody has to remember which key it was.
//! `keys/find.rs` knows how a request may name a key, `keys/of_services.rs` has the keys that services get without
//! being told one.

mod ciphertext;
mod context;
mod find;
mod making;
mod of_services;
mod refusal;
mod vault;

pub use context::EncryptionContext;
pub use find::{find, find_alias};
pub use making::{default_policy, new_key, rotate};
pub use of_services::{KeyOfService, key_or_default};
pub use refusal::KeyRefusal;
pub use vault::{Opened, Vault, key_of};
