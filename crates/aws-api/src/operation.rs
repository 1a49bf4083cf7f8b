//! Operations and services, as their models describe them.

use std::fmt::{self, Debug};

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

impl OperationSchema {
    pub const fn new(
        name: &'static str,
        service: &'static ServiceSchema,
        input: Option<&'static Shape>,
        output: Option<&'static Shape>,
        errors: &'static [&'static ErrorSchema],
    ) -> Self {
        Self {
            name,
            service,
            http: Http { method: "POST", uri: "/", status: 200 },
            input,
            output,
            result_wrapper: None,
            input_xml_name: None,
            input_xml_namespace: None,
            errors,
            idempotent: false,
            read_only: false,
            unsigned: false,
        }
    }

    pub const fn http(mut self, http: Http) -> Self {
        self.http = http;
        self
    }

    pub const fn wrapped_in(mut self, wrapper: &'static str) -> Self {
        self.result_wrapper = Some(wrapper);
        self
    }

    pub const fn xml_named(mut self, name: &'static str) -> Self {
        self.input_xml_name = Some(name);
        self
    }

    pub const fn in_namespace(mut self, uri: &'static str, prefix: Option<&'static str>) -> Self {
        self.input_xml_namespace = Some(XmlNamespace { uri, prefix });
        self
    }

    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    pub const fn unsigned(mut self) -> Self {
        self.unsigned = true;
        self
    }
}

/// Two descriptions are the same when they are of the same operation.
impl PartialEq for OperationSchema {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.service.name == other.service.name
    }
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

/// A service and its operations refer to each other, so both print only who they are.
impl fmt::Debug for OperationSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OperationSchema({}.{})", self.service.name, self.name)
    }
}

impl fmt::Debug for ServiceSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceSchema({})", self.name)
    }
}

/// Ties a marker type to its operation: `operation!(RunTask "RunTask": RunTaskRequest => RunTaskResponse, TABLE);`
#[macro_export]
#[doc(hidden)]
macro_rules! operation {
    ($marker:ident $name:literal: $input:ty => $output:ty, $table:ident) => {
        impl $crate::Operation for $marker {
            const NAME: &'static str = $name;
            type Input = $input;
            type Output = $output;
            type Error = Error;

            fn schema() -> &'static $crate::OperationSchema {
                &$table
            }
        }
    };
}

#[cfg(test)]
mod tests;
