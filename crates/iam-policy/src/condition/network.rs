//! Blocks of addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    V4 { network: u32, mask: u32 },
    V6 { network: u128, mask: u128 },
}

impl Network {
    /// `address/length`; without a length, the one address.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            None => (text, None),
            Some((address, length)) => {
                let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
                (address, Some(digits.then(|| length.parse::<u32>().ok()).flatten()?))
            }
        };
        match address.parse().ok()? {
            IpAddr::V4(address) => {
                let zeros = 32_u32.checked_sub(length.unwrap_or(32))?;
                let mask = u32::MAX.checked_shl(zeros).unwrap_or(0);
                Some(Network::V4 { network: Ipv4Addr::to_bits(address) & mask, mask })
            }
            IpAddr::V6(address) => {
                let zeros = 128_u32.checked_sub(length.unwrap_or(128))?;
                let mask = u128::MAX.checked_shl(zeros).unwrap_or(0);
                Some(Network::V6 { network: Ipv6Addr::to_bits(address) & mask, mask })
            }
        }
    }

    /// An IPv4 address that came through an IPv6 socket (`::ffff:…`) is what it was.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        match (self, address.to_canonical()) {
            (Network::V4 { network, mask }, IpAddr::V4(address)) => {
                address.to_bits() & mask == *network
            }
            (Network::V6 { network, mask }, IpAddr::V6(address)) => {
                address.to_bits() & mask == *network
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn a_block_has_the_addresses_that_begin_like_it() {
        let table = [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.77/24", "203.0.113.1", true),
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("0.0.0.0/0", "203.0.113.7", true),
            ("0.0.0.0/0", "::1", false),
            ("203.0.113.0/24", "::ffff:203.0.113.9", true),
            ("2001:DB8:1234:5678::/64", "2001:db8:1234:5678::9", true),
            ("2001:DB8:1234:5678::/64", "2001:db8:1234:5679::9", false),
            ("::/0", "::1", true),
            ("::1", "::1", true),
        ];
        for (block, address, expected) in table {
            let contains = Network::parse(block).unwrap().contains(address.parse().unwrap());
            assert_eq!(contains, expected, "{block} {address}");
        }
    }

    #[test]
    fn what_is_no_block_is_none() {
        for text in ["", "203.0.113", "203.0.113.0/33", "::/129", "203.0.113.0/", "1.2.3.4/+1", "*"]
        {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
