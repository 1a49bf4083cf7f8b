//! Writes `ops.rs`: the service's description and one marker type per operation.

use std::fmt::Write;

use anyhow::{Context, Result, bail};

use super::members::in_namespace;
use super::plan::Plan;
use crate::codegen::model::{Operation, ShapeRef};
use crate::codegen::names;

pub fn write(plan: &Plan<'_>) -> Result<String> {
    let mut out = String::from(
        "use super::*;\nuse crate::operation::{Http, OperationSchema, ProtocolName, ServiceSchema};\n\
         use crate::{Unit, operation};\n",
    );
    let mut operations: Vec<_> = plan.model.operations.0.iter().collect();
    operations.sort_by(|(left, _), (right, _)| left.cmp(right));
    service(&mut out, plan, operations.iter().map(|(name, _)| name.as_str()))?;
    for (name, operation) in operations {
        one(&mut out, plan, name, operation).with_context(|| name.clone())?;
    }
    Ok(out)
}

fn service<'a>(
    out: &mut String,
    plan: &Plan<'_>,
    operations: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let metadata = &plan.model.metadata;
    let mut protocols = Vec::new();
    for protocol in &metadata.protocols {
        protocols.push(match (protocol.as_str(), metadata.json_version.as_deref()) {
            ("json", Some("1.0")) => "ProtocolName::AwsJson10",
            ("json", _) => "ProtocolName::AwsJson11",
            ("query", _) => "ProtocolName::Query",
            ("ec2", _) => "ProtocolName::Ec2Query",
            ("rest-json", _) => "ProtocolName::RestJson1",
            ("smithy-rpc-v2-cbor", _) => "ProtocolName::RpcV2Cbor",
            (other, _) => bail!("a protocol that is not supported: {other}"),
        });
    }
    let signing_name = metadata.signing_name.as_ref().unwrap_or(&metadata.endpoint_prefix);
    let tables: Vec<_> =
        operations.map(|name| format!("&{}_OPERATION", names::constant(name))).collect();
    writeln!(
        out,
        "\n/// The service as its model describes it.\n\
         pub static SERVICE: ServiceSchema = ServiceSchema {{ \
         name: {:?}, id: {:?}, signing_name: {signing_name:?}, endpoint_prefix: {:?}, api_version: {:?}, \
         target_prefix: {:?}, xml_namespace: {:?}, protocols: &[{}], query_compatible: {}, \
         operations: &[{}] }};",
        plan.service,
        metadata.service_id,
        metadata.endpoint_prefix,
        metadata.api_version,
        metadata.target_prefix,
        metadata.xml_namespace,
        protocols.join(", "),
        metadata.aws_query_compatible.is_some(),
        tables.join(", "),
    )?;
    Ok(())
}

fn one(out: &mut String, plan: &Plan<'_>, name: &str, operation: &Operation) -> Result<()> {
    let table = format!("{}_OPERATION", names::constant(name));
    let marker = names::type_name(name);
    let (input_type, input) = side(plan, operation.input.as_ref())?;
    let (output_type, output) = side(plan, operation.output.as_ref())?;
    let mut errors = Vec::new();
    for error in &operation.errors {
        errors.push(format!("&{}_ERROR", plan.table(&error.shape)?));
    }
    let mut traits = String::new();
    let http = &operation.http;
    let status = http.response_code.unwrap_or(200);
    if (http.method.as_str(), http.request_uri.as_str(), status) != ("POST", "/", 200) {
        write!(
            traits,
            ".http(Http {{ method: {:?}, uri: {:?}, status: {status} }})",
            http.method, http.request_uri
        )?;
    }
    if let Some(wrapper) =
        operation.output.as_ref().and_then(|output| output.result_wrapper.as_ref())
    {
        write!(traits, ".wrapped_in({wrapper:?})")?;
    }
    if let Some(input) = &operation.input {
        if let Some(root) = &input.location_name {
            write!(traits, ".xml_named({root:?})")?;
        }
        if let Some(namespace) = &input.xml_namespace {
            traits.push_str(&in_namespace(namespace)?);
        }
    }
    for (present, call) in [
        (operation.idempotent, ".idempotent()"),
        (operation.readonly, ".read_only()"),
        (operation.authtype.as_deref() == Some("none"), ".unsigned()"),
    ] {
        if present {
            traits.push_str(call);
        }
    }
    writeln!(
        out,
        "\npub struct {marker};\n\
         static {table}: OperationSchema = OperationSchema::new({name:?}, &SERVICE, {input}, {output}, \
         &[{}]){traits};\n\
         operation!({marker} {name:?}: {input_type} => {output_type}, {table});",
        errors.join(", ")
    )?;
    Ok(())
}

/// The Rust type and the table of an input or output.
fn side(plan: &Plan<'_>, shape: Option<&ShapeRef>) -> Result<(String, String)> {
    Ok(match shape {
        None => ("Unit".to_owned(), "None".to_owned()),
        Some(shape) => {
            (plan.rust(&shape.shape)?.to_owned(), format!("Some(&{})", plan.table(&shape.shape)?))
        }
    })
}
