//! Operations and services, as their models describe them.

use std::fmt::Debug;

use crate::error::{ErrorSchema, ServiceError};
use crate::schema::{Shape, XmlNamespace};
use crate::structure::Structure;

/// One operation of a service. Generated code has one marker type for each, such as `ecs::ops::RunTask`.
pub trait Operation: Send + Sync + 'static {
    const NAME: &'static str;
    type Input: Structure + Default + Clone + Debug + PartialEq;
    type Output: Structure + Default + Clone + Debug + PartialEq;
    type Error: ServiceError;

    fn schema() -> &'static OperationSchema;
}

/// What a model says about an operation.
#[derive(Debug)]
pub struct OperationSchema {
    pub name: &'static str,
    pub service: &'static ServiceSchema,
    pub http: Http,
    /// `None`: the model has no input, which some wires tell apart from an empty one.
    pub input: Option<&'static Shape>,
    pub output: Option<&'static Shape>,
    /// The element around a Query response's members, such as `GetCallerIdentityResult`.
    pub result_wrapper: Option<&'static str>,
    /// Root element of an XML request body, where the model names it.
    pub input_xml_name: Option<&'static str>,
    pub input_xml_namespace: Option<XmlNamespace>,
    pub errors: &'static [&'static ErrorSchema],
    /// Safe to send twice.
    pub idempotent: bool,
    pub read_only: bool,
    /// The operation takes requests without a signature (such as `AssumeRoleWithWebIdentity`).
    pub unsigned: bool,
}

/// The HTTP trait of an operation; only REST protocols read more than the method.
#[derive(Debug)]
pub struct Http {
    pub method: &'static str,
    /// A template such as `/schedules/{Name}`; `{Key+}` takes the rest of the path.
    pub uri: &'static str,
    pub status: u16,
}

/// What a model says about a whole service.
#[derive(Debug)]
pub struct ServiceSchema {
    /// The name of its module here and of its model, such as `ecs`.
    pub name: &'static str,
    /// The model's service id, such as `EventBridge`: the CBOR protocol's path has it.
    pub id: &'static str,
    /// The service in a SigV4 credential scope.
    pub signing_name: &'static str,
    pub endpoint_prefix: &'static str,
    pub api_version: &'static str,
    /// What comes before the dot in `X-Amz-Target`.
    pub target_prefix: Option<&'static str>,
    pub xml_namespace: Option<&'static str>,
    /// The first is what current clients speak.
    pub protocols: &'static [ProtocolName],
    /// Errors carry `x-amzn-query-error`, since clients written for Query expect its codes.
    pub query_compatible: bool,
    /// By name, in alphabetical order.
    pub operations: &'static [&'static OperationSchema],
}

/// A protocol as models name them. How each works is `aws-protocol`'s business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolName {
    AwsJson10,
    AwsJson11,
    Query,
    Ec2Query,
    RestJson1,
    RpcV2Cbor,
}

impl ServiceSchema {
    pub fn operation(&self, name: &str) -> Option<&'static OperationSchema> {
        let at = self.operations.binary_search_by(|operation| operation.name.cmp(name)).ok()?;
        Some(self.operations[at])
    }
}
