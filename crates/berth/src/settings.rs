//! Where options come from: flag, else environment, else file, else default.
//!
//! clap merges the first two. An options struct (`…Options`: everything optional) is what one source
//! says; a settings struct (`…Settings`: nothing optional) is what holds in the end.

mod file;
mod global;
mod host;
mod images;
mod instance_metadata;
mod issuer_keys;
mod join;
mod limits;
mod proxy;
mod server;
mod sources;
mod span;
mod store;
mod text;
mod tls;

pub use file::ConfigFile;
pub use global::{GlobalOptions, GlobalSettings, LogFormat};
pub use host::{EndpointOptions, EndpointSettings, HostOptions, HostSettings, RuntimeChoice};
pub use images::ImageOptions;
pub use instance_metadata::MetadataOptions;
pub use join::JoinOptions;
pub use proxy::{GRACE, HandoverOptions, ProxyOptions, ProxySettings, ZoneOptions};
pub use server::{AuthMode, ServerOptions, ServerSettings};
pub use sources::SourceOptions;
pub use span::Span;
pub use store::{EtcdAddress, EtcdFlags, StoreChoice};
pub use tls::TlsSettings;

#[cfg(test)]
mod tests;
