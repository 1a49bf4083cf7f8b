//! One condition, compiled.

use std::net::IpAddr;

use berth_proxy_protocol as protocol;
use berth_proxy_protocol::Pattern;
use http::{HeaderName, Method};

use super::Question;
use super::value::Value;
use super::wildcard::Wildcard;

#[derive(Debug)]
pub(super) enum Condition {
    Host(Vec<Value>),
    Path(Vec<Value>),
    Header { name: HeaderName, values: Vec<Value> },
    Method(Vec<Method>),
    Query(Vec<Parameter>),
    Source(Vec<Network>),
}

#[derive(Debug)]
pub(super) struct Parameter {
    key: Option<Wildcard>,
    value: Wildcard,
}

/// Addresses that begin alike.
#[derive(Debug)]
pub(super) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Condition {
    pub(super) fn compile(condition: &protocol::Condition) -> Result<Condition, String> {
        let values = |values: &[Pattern], ignores_case: bool| -> Result<Vec<Value>, String> {
            values.iter().map(|value| Value::compile(value, ignores_case)).collect()
        };
        Ok(match condition {
            protocol::Condition::HostHeader { values: hosts } => {
                Condition::Host(values(hosts, true)?)
            }
            protocol::Condition::PathPattern { values: paths } => {
                Condition::Path(values(paths, false)?)
            }
            protocol::Condition::HttpHeader { name, values: compared } => Condition::Header {
                name: HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| format!("`{name}` is no header's name"))?,
                // AWS: values are compared without regard to case; expressions say themselves what they want.
                values: compared
                    .iter()
                    .map(|value| Value::compile(value, matches!(value, Pattern::Wildcard(_))))
                    .collect::<Result<_, _>>()?,
            },
            protocol::Condition::HttpRequestMethod { values } => Condition::Method(
                values
                    .iter()
                    .map(|method| {
                        Method::from_bytes(method.as_bytes())
                            .map_err(|_| format!("`{method}` is no method"))
                    })
                    .collect::<Result<_, _>>()?,
            ),
            protocol::Condition::QueryString { values } => {
                Condition::Query(values.iter().map(Parameter::compile).collect())
            }
            protocol::Condition::SourceIp { values } => Condition::Source(
                values.iter().map(|network| Network::parse(network)).collect::<Result<_, _>>()?,
            ),
        })
    }

    pub(super) fn holds(&self, question: &Question<'_>) -> bool {
        let any = |values: &[Value], text: &[u8]| values.iter().any(|value| value.matches(text));
        match self {
            Condition::Host(values) => question.host().is_some_and(|host| any(values, host)),
            Condition::Path(values) => any(values, question.path()),
            Condition::Header { name, values } => {
                question.headers.get_all(name).iter().any(|value| any(values, value.as_bytes()))
            }
            Condition::Method(methods) => methods.contains(question.method),
            Condition::Query(parameters) => {
                parameters.iter().any(|parameter| parameter.is_in(question.query()))
            }
            Condition::Source(networks) => {
                networks.iter().any(|network| network.contains(question.client))
            }
        }
    }
}

impl Parameter {
    fn compile(pattern: &protocol::QueryPattern) -> Parameter {
        Parameter {
            key: pattern.key.as_deref().map(|key| Wildcard::compile(key, true)),
            value: Wildcard::compile(&pattern.value, true),
        }
    }

    fn is_in(&self, query: &[u8]) -> bool {
        query.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()).any(|pair| {
            let (key, value) = match pair.iter().position(|&byte| byte == b'=') {
                Some(end) => (&pair[..end], &pair[end + 1..]),
                None => (pair, &[][..]),
            };
            self.key.as_ref().is_none_or(|wanted| wanted.matches(key)) && self.value.matches(value)
        })
    }
}

impl Network {
    fn parse(text: &str) -> Result<Network, String> {
        let wrong = || format!("`{text}` is no network in CIDR notation");
        let (address, bits) = text.split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits: u32 = bits.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        if bits > most {
            return Err(wrong());
        }
        Ok(Network { address, bits })
    }

    fn contains(&self, client: IpAddr) -> bool {
        match (self.address, client.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let differing = ours.to_bits() ^ theirs.to_bits();
                differing.leading_zeros() >= self.bits
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let differing = ours.to_bits() ^ theirs.to_bits();
                differing.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}
