//! Addresses that are ours before anybody is served at them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

/// Bound addresses: clients may connect, and wait until a server takes these over.
///
/// Binding apart from serving lets a program know its port before it builds what tells others of it. Clones are of the same
/// addresses, so that one server can take over from another while nobody is turned away.
#[derive(Clone)]
pub struct Listeners {
    pub(super) listeners: Vec<Arc<TcpListener>>,
    addresses: Vec<SocketAddr>,
}

impl Listeners {
    /// Binds every address, port 0 to any free one. None is bound if one cannot be.
    pub async fn bind(addresses: &[SocketAddr]) -> io::Result<Listeners> {
        let mut listeners = Vec::with_capacity(addresses.len());
        for address in addresses {
            let named =
                |error: io::Error| io::Error::new(error.kind(), format!("{address}: {error}"));
            listeners.push(Arc::new(TcpListener::bind(address).await.map_err(named)?));
        }
        let addresses =
            listeners.iter().map(|listener| listener.local_addr()).collect::<io::Result<_>>()?;
        Ok(Listeners { listeners, addresses })
    }

    /// In the order in which they were asked for, with the ports that were taken.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}
