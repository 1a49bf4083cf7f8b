//! How the health of targets is checked: what is asked for, over what there is.
//!
//! AWS: ELBv2's API reference, CreateTargetGroup. What a group has at first depends on what it speaks.

use berth_aws_api::elbv2 as api;

use super::matcher;
use crate::tables::{HealthCheck, Protocol, ProtocolVersion, TargetType};

/// What a request says; all of it may be left out.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub enabled: Option<bool>,
    pub protocol: Option<api::ProtocolEnum>,
    pub port: Option<String>,
    pub path: Option<String>,
    pub interval: Option<i32>,
    pub timeout: Option<i32>,
    pub healthy: Option<i32>,
    pub unhealthy: Option<i32>,
    pub matcher: Option<api::Matcher>,
}

/// The group that is checked.
#[derive(Clone, Copy, Debug)]
pub struct Of {
    pub protocol: Protocol,
    pub version: Option<ProtocolVersion>,
    pub target_type: TargetType,
}

impl Of {
    fn first(self) -> HealthCheck {
        let by_http = self.protocol.is_http() || self.target_type == TargetType::Alb;
        HealthCheck {
            protocol: if by_http { Protocol::Http } else { Protocol::Tcp },
            port: None,
            path: None,
            interval: 30,
            timeout: if self.protocol.is_http() { 5 } else { 10 },
            healthy: 5,
            unhealthy: 2,
            matcher: None,
        }
    }

    fn is_grpc(self) -> bool {
        self.version == Some(ProtocolVersion::Grpc)
    }

    fn first_path(self) -> &'static str {
        if self.is_grpc() { "/AWS.ALB/healthcheck" } else { "/" }
    }

    fn first_matcher(self) -> &'static str {
        match (self.is_grpc(), self.protocol.is_http()) {
            (true, _) => "12",
            (_, true) => "200",
            (_, false) => "200-399",
        }
    }
}

/// A new group's.
pub fn of_new(of: Of, asked: Asked) -> Result<HealthCheck, api::Error> {
    let mut check = of.first();
    // AWS: with HTTP's checks a network balancer waits less.
    if asked.protocol == Some(api::ProtocolEnum::Http) && !of.protocol.is_http() {
        check.timeout = 6;
    }
    changed(of, &check, asked)
}

pub fn changed(of: Of, before: &HealthCheck, asked: Asked) -> Result<HealthCheck, api::Error> {
    let invalid = |message: String| Err(api::Error::validation(message));
    if asked.enabled == Some(false) {
        return invalid(format!(
            "Health checks cannot be disabled for target groups with target type '{}'",
            of.target_type.as_str()
        ));
    }
    let mut check = before.clone();
    if let Some(given) = &asked.protocol {
        check.protocol = protocol(of, given)?;
    }
    if let Some(port) = asked.port {
        check.port = match port.as_str() {
            "traffic-port" => None,
            number => Some(number.parse().ok().filter(|port| *port != 0).ok_or_else(|| {
                api::Error::validation(format!(
                    "Health check port '{number}' must be a number between 1 and 65535, or 'traffic-port'"
                ))
            })?),
        };
    }
    let number = |asked: Option<i32>, now: u32| asked.map_or(now, i32::unsigned_abs);
    check.interval = number(asked.interval, check.interval);
    check.timeout = number(asked.timeout, check.timeout);
    check.healthy = number(asked.healthy, check.healthy);
    check.unhealthy = number(asked.unhealthy, check.unhealthy);
    if check.timeout >= check.interval && of.protocol.is_http() {
        return invalid(format!(
            "Health check timeout '{}' must be smaller than the interval '{}'",
            check.timeout, check.interval
        ));
    }
    if check.timeout > check.interval {
        return invalid(format!(
            "Health check timeout '{}' must be smaller than or equal to the interval '{}'",
            check.timeout, check.interval
        ));
    }
    if !check.protocol.is_http() {
        if asked.path.is_some() {
            return invalid(
                "Health check path is not supported with health check protocol 'TCP'".to_owned(),
            );
        }
        if asked.matcher.is_some() {
            return invalid("Matcher is not supported with health check protocol 'TCP'".to_owned());
        }
        (check.path, check.matcher) = (None, None);
        return Ok(check);
    }
    let path = asked.path.or(check.path);
    let path = path.unwrap_or_else(|| of.first_path().to_owned());
    if !path.starts_with('/') || path.chars().any(|c| c.is_control() || c == ' ') {
        return invalid(format!("Health check path '{path}' must begin with a '/' character"));
    }
    check.path = Some(path);
    check.matcher = Some(match asked.matcher {
        Some(asked) => matcher_of(of, asked)?,
        None => check.matcher.unwrap_or_else(|| of.first_matcher().to_owned()),
    });
    Ok(check)
}

/// AWS: application balancers check by HTTP and HTTPS, network balancers also by TCP, whatever they carry.
fn protocol(of: Of, given: &api::ProtocolEnum) -> Result<Protocol, api::Error> {
    let allowed: &[Protocol] = match (of.protocol.is_http(), of.target_type) {
        (true, _) | (_, TargetType::Alb) => &[Protocol::Http, Protocol::Https],
        _ => &[Protocol::Http, Protocol::Https, Protocol::Tcp],
    };
    let known = Protocol::try_from(given).ok().filter(|known| allowed.contains(known));
    known.ok_or_else(|| {
        let allowed: Vec<_> = allowed.iter().map(|protocol| protocol.as_str()).collect();
        api::Error::validation(format!(
            "Health check protocol '{given}' must be one of '{}'",
            allowed.join(", ")
        ))
    })
}

fn matcher_of(of: Of, asked: api::Matcher) -> Result<String, api::Error> {
    let (text, codes, what) = match (of.is_grpc(), asked.http_code, asked.grpc_code) {
        (true, None, Some(code)) => (code, 0..=99, "gRPC"),
        (false, Some(code), None) => {
            (code, 200..=if of.protocol.is_http() { 499 } else { 599 }, "HTTP")
        }
        (true, ..) => {
            return Err(api::Error::validation(
                "A gRPC code must be specified for target groups with protocol version 'GRPC'",
            ));
        }
        (false, ..) => {
            return Err(api::Error::validation(
                "An HTTP code must be specified, and no gRPC code, unless the protocol version is 'GRPC'",
            ));
        }
    };
    match matcher::parse(&text, codes.clone()) {
        Some(_) => Ok(text),
        None => Err(api::Error::validation(format!(
            "Health check matcher {what} code '{text}' must be within '{}-{}' inclusive",
            codes.start(),
            codes.end()
        ))),
    }
}
