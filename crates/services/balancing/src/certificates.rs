//! ACM: certificates that listeners show, imported or issued at once by the control plane's own authority.
//!
//! A private key is sealed in its row and leaves it for proxies only ([`KeptCertificates`]). What a certificate says is
//! read from it when somebody asks (`details.rs`), and kept nowhere else.
//!
//! DEVIATES: nobody is asked whether a domain is the caller's: a certificate is issued at once, and is trusted by whoever
//! trusts the server's authority. Validation records and addresses are shown as AWS shows them, and are not looked at.

pub mod access;
pub mod details;
pub mod find;
mod issuer;
mod kept;
pub mod names;
pub mod rates;
pub mod registration;
pub mod render;
pub mod tagging;
mod validation;

pub use issuer::{Issuer, RENEWED_BEFORE};
pub use kept::KeptCertificates;
