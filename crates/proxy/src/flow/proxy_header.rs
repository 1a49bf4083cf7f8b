//! The PROXY protocol's header, version 2: who a connection is from, told to its target before anything else.
//!
//! AWS: it is followed by the VPC endpoint that a client came through. Here there are none, and that is left out.

use std::net::{IpAddr, SocketAddr};

use smallvec::SmallVec;

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
const LOCAL: u8 = 0x20;
const PROXY: u8 = 0x21;
const STREAM: u8 = 1;
const DATAGRAM: u8 = 2;

pub(crate) type Header = SmallVec<[u8; 64]>;

/// For a connection, or one datagram, from `client` that came to `local`.
pub(crate) fn of(client: SocketAddr, local: SocketAddr, is_datagram: bool) -> Header {
    let mut header = Header::from_slice(SIGNATURE);
    header.push(PROXY);
    let transport = if is_datagram { DATAGRAM } else { STREAM };
    match (client.ip().to_canonical(), local.ip().to_canonical()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            header.extend_from_slice(&[0x10 | transport, 0, 12]);
            header.extend_from_slice(&from.octets());
            header.extend_from_slice(&to.octets());
        }
        (from, to) => {
            header.extend_from_slice(&[0x20 | transport, 0, 36]);
            header.extend_from_slice(&six(from));
            header.extend_from_slice(&six(to));
        }
    }
    header.extend_from_slice(&client.port().to_be_bytes());
    header.extend_from_slice(&local.port().to_be_bytes());
    header
}

/// For a connection of the balancer's own: a health check.
pub(crate) fn own() -> Header {
    let mut header = Header::from_slice(SIGNATURE);
    header.extend_from_slice(&[LOCAL, 0, 0, 0]);
    header
}

fn six(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(header: &[u8]) -> String {
        assert_eq!(&header[..12], SIGNATURE);
        header[12..].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn told(client: &str, local: &str, is_datagram: bool) -> String {
        let address = |text: &str| text.parse().expect("it is an address");
        hex(&of(address(client), address(local), is_datagram))
    }

    #[test]
    fn headers_are_those_of_the_specification() {
        let four = "2111000c".to_owned() + "0a000001" + "c0a80002" + "1f90" + "0050";
        assert_eq!(told("10.0.0.1:8080", "192.168.0.2:80", false), four);
        assert_eq!(told("[::ffff:10.0.0.1]:8080", "192.168.0.2:80", false), four);
        let six = "21220024".to_owned()
            + "20010db8000000000000000000000001"
            + "00000000000000000000ffff0a000001"
            + "0001"
            + "0002";
        assert_eq!(told("[2001:db8::1]:1", "10.0.0.1:2", true), six);
        assert_eq!(hex(&own()), "20000000");
    }
}
