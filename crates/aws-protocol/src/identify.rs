//! Finds out what a request is: its protocol, its service and its operation.
//!
//! Goes by what each protocol puts where (a path, `X-Amz-Target`, `Action`, a route), and by the service
//! that the request was signed for where that alone does not say it. Whether the signature is good is
//! not known here, nor is anything decoded. Start with [`Directory::identify`].

use std::collections::BTreeMap;

use berth_aws_api::{OperationSchema, ProtocolName, ServiceSchema};
use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;

use crate::query::form::parameter;
use crate::rest_json::route::Route;
use crate::sigv4::canonical::pairs;
use crate::{CommonError, Protocol};

#[cfg(test)]
mod tests;

/// What a request is.
#[derive(Clone, Copy, Debug)]
pub struct Identified {
    pub protocol: Protocol,
    pub operation: &'static OperationSchema,
}

/// Why a request is nothing that we know, with what is needed to answer it in its own protocol.
#[derive(Clone, Debug)]
pub struct Unidentified {
    pub protocol: Protocol,
    pub service: Option<&'static ServiceSchema>,
    pub error: CommonError,
}

/// All services that are served, ready for look-up.
#[derive(Debug)]
pub struct Directory {
    services: Vec<&'static ServiceSchema>,
    by_target: BTreeMap<&'static str, &'static ServiceSchema>,
    /// The most literal routes first.
    routes: Vec<(Route, &'static OperationSchema)>,
}

impl Identified {
    pub fn service(&self) -> &'static ServiceSchema {
        self.operation.service
    }
}

impl Directory {
    pub fn new(services: impl IntoIterator<Item = &'static ServiceSchema>) -> Self {
        let services: Vec<_> = services.into_iter().collect();
        let targets =
            services.iter().filter_map(|service| Some((service.target_prefix?, *service)));
        let by_target = targets.collect();
        let rest = services.iter().filter(|service| speaks(service, &[ProtocolName::RestJson1]));
        let mut routes: Vec<_> = rest
            .flat_map(|service| service.operations)
            .map(|operation| (Route::parse(operation.http.uri), *operation))
            .collect();
        routes.sort_by_key(|(route, _)| std::cmp::Reverse(route.rank()));
        Directory { services, by_target, routes }
    }

    /// `signed_for` is the service in the credential scope, if the request has one.
    pub fn identify(
        &self,
        request: &Request<Bytes>,
        signed_for: Option<&str>,
    ) -> Result<Identified, Unidentified> {
        let path = request.uri().path();
        if let Some(named) =
            path.strip_prefix("/service/").and_then(|rest| rest.split_once("/operation/"))
            && (header(request, "smithy-protocol").is_some()
                || content_type(request) == "application/cbor")
        {
            return self.by_path(named);
        }
        if let Some(target) = header(request, "x-amz-target") {
            return self.by_header(target, json_version(content_type(request)));
        }
        if let Some(protocol) = json_version(content_type(request)) {
            return Err(Unidentified {
                protocol,
                service: self.signed_for(signed_for).next(),
                error: missing("the header X-Amz-Target"),
            });
        }
        if let Some(action) = parameter(request, "Action") {
            return self.by_action(&action, parameter(request, "Version").as_deref(), signed_for);
        }
        self.by_route(request, signed_for)
    }

    fn by_path(&self, (service, operation): (&str, &str)) -> Result<Identified, Unidentified> {
        let protocol = Protocol::RpcV2Cbor;
        let mut named = self.services.iter().filter(|known| {
            speaks(known, &[ProtocolName::RpcV2Cbor])
                && (known.target_prefix == Some(service) || known.id == service)
        });
        let found = named.next().copied();
        let found_operation = found.and_then(|found| found.operation(operation));
        found_operation.map(|operation| Identified { protocol, operation }).ok_or_else(|| {
            Unidentified { protocol, service: found, error: unknown(operation, service) }
        })
    }

    fn by_header(
        &self,
        target: &str,
        version: Option<Protocol>,
    ) -> Result<Identified, Unidentified> {
        let (prefix, name) = target.rsplit_once('.').unwrap_or(("", target));
        let service = self.by_target.get(prefix).copied();
        let declared = service.and_then(|service| {
            service
                .protocols
                .iter()
                .copied()
                .map(Protocol::from)
                .find(|protocol| matches!(protocol, Protocol::AwsJson10 | Protocol::AwsJson11))
        });
        let protocol = version.or(declared).unwrap_or(Protocol::AwsJson11);
        let operation = service.and_then(|service| service.operation(name));
        operation.map(|operation| Identified { protocol, operation }).ok_or_else(|| Unidentified {
            protocol,
            service,
            error: unknown(name, prefix),
        })
    }

    fn by_action(
        &self,
        action: &str,
        version: Option<&str>,
        signed_for: Option<&str>,
    ) -> Result<Identified, Unidentified> {
        let spoken = [ProtocolName::Query, ProtocolName::Ec2Query];
        let of_version = |service: &&&'static ServiceSchema| {
            version.is_none_or(|version| service.api_version == version)
        };
        let candidates: Vec<_> = match signed_for {
            Some(_) => {
                self.signed_for(signed_for).filter(|service| speaks(service, &spoken)).collect()
            }
            // An unsigned request (AssumeRoleWithWebIdentity) is known by its version and action alone.
            None => {
                self.services.iter().copied().filter(|service| speaks(service, &spoken)).collect()
            }
        };
        let mut fitting = candidates.iter().filter(of_version).chain(&candidates);
        let found = fitting.find_map(|service| service.operation(action));
        if let Some(operation) = found {
            return Ok(Identified { protocol: form_protocol(operation.service), operation });
        }
        let service = candidates.iter().find(of_version).or(candidates.first()).copied();
        let version = version.unwrap_or("of no name");
        Err(Unidentified {
            protocol: service.map_or(Protocol::Query, form_protocol),
            service,
            error: CommonError::UnknownOperation(format!(
                "Could not find operation {action} for version {version}."
            )),
        })
    }

    fn by_route(
        &self,
        request: &Request<Bytes>,
        signed_for: Option<&str>,
    ) -> Result<Identified, Unidentified> {
        let (path, method) = (request.uri().path(), request.method().as_str());
        let query: Vec<_> = pairs(request.uri().query().unwrap_or_default()).collect();
        let is_meant = |operation: &OperationSchema| {
            signed_for.is_none_or(|name| operation.service.signing_name == name)
        };
        let found = self.routes.iter().find(|(route, operation)| {
            operation.http.method == method
                && is_meant(operation)
                && route.accepts_query(&query)
                && route.labels(path).is_some()
        });
        if let Some((_, operation)) = found {
            return Ok(Identified { protocol: Protocol::RestJson1, operation });
        }
        let service = self.signed_for(signed_for).next();
        let protocol = service
            .and_then(|service| service.protocols.first().copied())
            .map_or(Protocol::RestJson1, Protocol::from);
        let error = match protocol {
            Protocol::Query | Protocol::Ec2Query => missing("the parameter Action"),
            Protocol::AwsJson10 | Protocol::AwsJson11 => missing("the header X-Amz-Target"),
            Protocol::RestJson1 | Protocol::RpcV2Cbor => {
                CommonError::UnknownOperation(format!("No operation is at {method} {path}."))
            }
        };
        Err(Unidentified { protocol, service, error })
    }

    fn signed_for(&self, name: Option<&str>) -> impl Iterator<Item = &'static ServiceSchema> {
        self.services.iter().copied().filter(move |service| Some(service.signing_name) == name)
    }
}

fn speaks(service: &ServiceSchema, any_of: &[ProtocolName]) -> bool {
    service.protocols.iter().any(|protocol| any_of.contains(protocol))
}

fn form_protocol(service: &'static ServiceSchema) -> Protocol {
    if speaks(service, &[ProtocolName::Ec2Query]) { Protocol::Ec2Query } else { Protocol::Query }
}

fn json_version(content_type: &str) -> Option<Protocol> {
    match content_type {
        "application/x-amz-json-1.0" => Some(Protocol::AwsJson10),
        "application/x-amz-json-1.1" => Some(Protocol::AwsJson11),
        _ => None,
    }
}

/// Without its parameters.
fn content_type(request: &Request<Bytes>) -> &str {
    let value = header(request, CONTENT_TYPE.as_str()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

fn unknown(operation: &str, service: &str) -> CommonError {
    CommonError::UnknownOperation(format!("The operation {service}.{operation} is not known."))
}

fn missing(what: &str) -> CommonError {
    CommonError::MissingOperation(format!("The request names no operation: {what} is missing."))
}
