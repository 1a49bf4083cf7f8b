//! ELB's words, as far as Berth does what they mean. The numbers are on disk.

use berth_aws_api::elbv2 as api;
use minicbor::{Decode, Encode};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident is $api:ident { $($variant:ident $number:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
        #[cbor(index_only)]
        pub enum $name {
            $(#[n($number)] $variant,)+
        }

        impl From<$name> for api::$api {
            fn from(word: $name) -> Self {
                match word {
                    $($name::$variant => api::$api::$variant,)+
                }
            }
        }

        /// What Berth does not do has no word here.
        impl TryFrom<&api::$api> for $name {
            type Error = ();

            fn try_from(word: &api::$api) -> Result<Self, ()> {
                match word {
                    $(api::$api::$variant => Ok($name::$variant),)+
                    #[allow(unreachable_patterns, reason = "some lists are whole")]
                    _ => Err(()),
                }
            }
        }
    };
}

words! { BalancerKind is LoadBalancerTypeEnum { Application 0, Network 1 } }
words! { Protocol is ProtocolEnum { Http 0, Https 1, Tcp 2, Tls 3, Udp 4, TcpUdp 5 } }
words! { TargetType is TargetTypeEnum { Instance 0, Ip 1, Alb 2 } }
words! {
    /// Of balancers.
    IpAddressType is IpAddressType { Ipv4 0, Dualstack 1, DualstackWithoutPublicIpv4 2 }
}

/// What is spoken with targets of groups that speak HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ProtocolVersion {
    #[n(0)]
    Http1,
    #[n(1)]
    Http2,
    #[n(2)]
    Grpc,
}

impl ProtocolVersion {
    pub const fn as_str(self) -> &'static str {
        match self {
            ProtocolVersion::Http1 => "HTTP1",
            ProtocolVersion::Http2 => "HTTP2",
            ProtocolVersion::Grpc => "GRPC",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Http1, Self::Http2, Self::Grpc].into_iter().find(|version| version.as_str() == text)
    }
}

impl BalancerKind {
    /// As ARNs say it.
    pub const fn short(self) -> &'static str {
        match self {
            BalancerKind::Application => "app",
            BalancerKind::Network => "net",
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            BalancerKind::Application => "application",
            BalancerKind::Network => "network",
        }
    }
}

impl Protocol {
    pub const fn as_str(self) -> &'static str {
        match self {
            Protocol::Http => "HTTP",
            Protocol::Https => "HTTPS",
            Protocol::Tcp => "TCP",
            Protocol::Tls => "TLS",
            Protocol::Udp => "UDP",
            Protocol::TcpUdp => "TCP_UDP",
        }
    }

    /// What an application balancer speaks; the others are a network balancer's.
    pub const fn is_http(self) -> bool {
        matches!(self, Protocol::Http | Protocol::Https)
    }

    /// Whether it is about certificates.
    pub const fn is_secure(self) -> bool {
        matches!(self, Protocol::Https | Protocol::Tls)
    }

    pub const fn kind(self) -> BalancerKind {
        if self.is_http() { BalancerKind::Application } else { BalancerKind::Network }
    }

    /// Which of a port's two sides it takes.
    pub const fn takes(self) -> (bool, bool) {
        match self {
            Protocol::Http | Protocol::Https | Protocol::Tcp | Protocol::Tls => (true, false),
            Protocol::Udp => (false, true),
            Protocol::TcpUdp => (true, true),
        }
    }

    /// Whether two listeners of these protocols cannot have the same port.
    pub const fn collides(self, other: Protocol) -> bool {
        let ((tcp, udp), (other_tcp, other_udp)) = (self.takes(), other.takes());
        (tcp && other_tcp) || (udp && other_udp)
    }
}

impl TargetType {
    pub const fn as_str(self) -> &'static str {
        match self {
            TargetType::Instance => "instance",
            TargetType::Ip => "ip",
            TargetType::Alb => "alb",
        }
    }
}
