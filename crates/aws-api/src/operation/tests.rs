use std::collections::BTreeSet;

use crate::fixture::{EverythingRequest, ops};
use crate::schema::{Kind, Shape};
use crate::{Operation, ProtocolName, ServiceSchema, Structure, Unit};

#[test]
fn a_marker_leads_to_its_schema_and_service() {
    let schema = ops::Everything::schema();
    assert_eq!(schema.name, ops::Everything::NAME);
    assert_eq!(schema.input.map(|shape| shape.name), Some("EverythingRequest"));
    assert_eq!(schema.result_wrapper, Some("EverythingResult"));
    assert_eq!(schema.input_xml_name, Some("EverythingRequest"));
    assert_eq!(schema.errors.len(), 4);
    assert!(schema.idempotent && !schema.read_only && !schema.unsigned);
    assert_eq!(schema.service.target_prefix, Some("Fixture_20260131"));
    assert_eq!(schema.service.protocols[..2], [ProtocolName::RpcV2Cbor, ProtocolName::AwsJson10]);
    assert!(schema.service.query_compatible);
}

#[test]
fn an_operation_may_have_neither_input_nor_output() {
    let schema = ops::Nothing::schema();
    assert!(schema.input.is_none() && schema.output.is_none());
    assert!(schema.read_only && schema.unsigned);
    assert_eq!(<ops::Nothing as Operation>::Input::default(), Unit {});
}

#[test]
fn http_traits_are_kept() {
    let http = &ops::PutThing::schema().http;
    assert_eq!(
        (http.method, http.uri, http.status),
        ("PUT", "/things/{Name}/at/{Path+}?kind=thing", 201)
    );
}

#[test]
fn operations_are_found_by_name() {
    let service = ops::Everything::schema().service;
    assert_eq!(service.operation("PutThing"), Some(ops::PutThing::schema()));
    assert_eq!(service.operation("putThing"), None);
}

#[test]
fn a_generated_request_is_validated() {
    let valid = EverythingRequest { color: Some("deep-blue".into()), ..Default::default() };
    assert_eq!(valid.validate(), Ok(()));
    let request = EverythingRequest { color: Some("mauve".into()), ..Default::default() };
    assert_eq!(
        request.validate().expect_err("there is no mauve").to_string(),
        "1 validation error detected: Value 'mauve' at 'color' failed to satisfy constraint: \
         Member must satisfy enum value set: [RED, GREEN, deep-blue, UNKNOWN]"
    );
}

/// Calls `visit` for each shape that the service's operations and errors reach, once.
fn each_shape(service: &'static ServiceSchema, mut visit: impl FnMut(&'static Shape)) {
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<&'static Shape> = Vec::new();
    for operation in service.operations {
        waiting.extend(operation.input.iter().chain(&operation.output));
        waiting.extend(operation.errors.iter().map(|error| error.shape));
    }
    while let Some(shape) = waiting.pop() {
        if !seen.insert(std::ptr::from_ref(shape)) {
            continue;
        }
        visit(shape);
        match &shape.kind {
            Kind::List(list) => waiting.push(list.member),
            Kind::Map(map) => waiting.extend([map.key, map.value]),
            _ => waiting.extend(shape.members().iter().map(|member| member.shape)),
        }
    }
}

fn is_sound(service: &'static ServiceSchema) {
    let names: Vec<_> = service.operations.iter().map(|operation| operation.name).collect();
    assert!(names.is_sorted(), "lookups need {} in order", service.name);
    let mut shapes = 0;
    each_shape(service, |shape| {
        shapes += 1;
        if let Some(pattern) = shape.pattern {
            // Compiles the pattern; whether an empty text matches is the model's business.
            let _: bool = pattern.matches("");
        }
        let names: BTreeSet<_> = shape.members().iter().map(|member| member.wire_name()).collect();
        assert_eq!(names.len(), shape.members().len(), "{} says a name twice", shape.name);
        assert!(shape.min <= shape.max || shape.max.is_none(), "{} admits nothing", shape.name);
    });
    assert!(shapes > 10, "{} reaches only {shapes} shapes", service.name);
}

#[test]
fn the_fixture_is_sound() {
    is_sound(&ops::SERVICE);
}

#[cfg(feature = "ecs")]
#[test]
fn ecs_is_complete_and_sound() {
    is_sound(&crate::ecs::ops::SERVICE);
    assert_eq!(crate::ecs::ops::SERVICE.operations.len(), 88);
}

#[cfg(feature = "cloudwatch")]
#[test]
fn cloudwatch_is_sound() {
    is_sound(&crate::cloudwatch::ops::SERVICE);
}

#[cfg(feature = "ec2")]
#[test]
fn ec2_is_sound() {
    is_sound(&crate::ec2::ops::SERVICE);
}

#[cfg(feature = "scheduler")]
#[test]
fn scheduler_is_sound() {
    is_sound(&crate::scheduler::ops::SERVICE);
}

#[cfg(feature = "servicediscovery")]
#[test]
fn servicediscovery_is_sound() {
    is_sound(&crate::servicediscovery::ops::SERVICE);
}

#[cfg(feature = "sts")]
#[test]
fn sts_is_sound() {
    is_sound(&crate::sts::ops::SERVICE);
}
