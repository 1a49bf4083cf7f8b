//! Connections to targets that come from their clients' own addresses.
//!
//! The kernel allows it to who may configure the network (`CAP_NET_ADMIN`). What a target answers then goes to the client's address: it comes
//! back here only if this host is the target's way there, and hands what is marked for such sockets to itself (`-m socket --transparent` and a
//! routing table that has everything as local). Neither is a proxy's to see to.

use std::io;
use std::net::{IpAddr, SocketAddr};

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

/// Why this process cannot do it, if so.
pub(super) fn problem() -> Option<String> {
    let attempt = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))
        .and_then(|socket| socket.set_ip_transparent_v4(true));
    let error = attempt.err()?;
    Some(format!("this process may not send from other addresses than its host's own: {error}"))
}

/// Whether a target can be shown that client's address at all.
///
/// AWS: not if one has an IPv4 address and the other one an IPv6 address.
pub(super) fn suits(client: SocketAddr, target: SocketAddr) -> bool {
    client.ip().to_canonical().is_ipv4() == target.is_ipv4()
}

/// A socket that is bound to the client's address and, unless it is taken, port. It does not block.
pub(super) fn socket(client: SocketAddr, is_datagram: bool) -> io::Result<Socket> {
    let client = SocketAddr::new(client.ip().to_canonical(), client.port());
    let (kind, protocol) =
        if is_datagram { (Type::DGRAM, Protocol::UDP) } else { (Type::STREAM, Protocol::TCP) };
    let socket = Socket::new(Domain::for_address(client), kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    match client.ip() {
        IpAddr::V4(_) => socket.set_ip_transparent_v4(true)?,
        IpAddr::V6(_) => socket.set_ip_transparent_v6(true)?,
    }
    socket.set_reuse_address(true)?;
    match socket.bind(&SockAddr::from(client)) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            socket.bind(&SockAddr::from(SocketAddr::new(client.ip(), 0)))?;
        }
        other => other?,
    }
    Ok(socket)
}
