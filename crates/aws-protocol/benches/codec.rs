//! What a request costs on each wire: reading it and writing its answer.

use std::hint::black_box;

use berth_aws_api::Operation;
use berth_aws_api::ecs::{
    Container, ContainerDefinition, KeyValuePair, PortMapping, RegisterTaskDefinitionRequest,
    RegisterTaskDefinitionResponse, RunTaskRequest, RunTaskResponse, Tag, Task, TaskDefinition,
    ops,
};
use berth_aws_protocol::Protocol;
use berth_model::Timestamp;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::Uri;

const REQUEST_ID: &str = "0b8d1a52-6f0e-4a8e-9d75-0f3c3f0f8a11";

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn definitions() -> Vec<ContainerDefinition> {
    let container = |name: &str| ContainerDefinition {
        name: text(name),
        image: text("registry.example/team/service:1.4.2"),
        cpu: Some(256),
        memory: Some(512),
        essential: Some(true),
        command: Some(vec!["serve".into(), "--port".into(), "8080".into()]),
        environment: Some(
            (0..10)
                .map(|number| KeyValuePair {
                    name: Some(format!("SETTING_{number}")),
                    value: text("a value"),
                })
                .collect(),
        ),
        port_mappings: Some(vec![PortMapping { container_port: Some(8080), ..Default::default() }]),
        docker_labels: Some([("team".to_owned(), "blue \"sky\"".to_owned())].into()),
        ..Default::default()
    };
    ["web", "proxy", "logs"].map(container).into()
}

fn run_task() -> (RunTaskRequest, RunTaskResponse) {
    let request = RunTaskRequest {
        cluster: text("default"),
        task_definition: text("web:7"),
        count: Some(10),
        started_by: text("deploy-42"),
        tags: Some(vec![Tag { key: text("team"), value: text("blue") }]),
        ..Default::default()
    };
    let arn = "arn:aws:ecs:eu-west-1:123456789012:task/default/0123456789abcdef0123456789abcdef";
    let task = Task {
        task_arn: text(arn),
        last_status: text("PROVISIONING"),
        desired_status: text("RUNNING"),
        created_at: Some(Timestamp::from_millis(1_795_252_450_123)),
        containers: Some(vec![
            Container {
                container_arn: text(arn),
                name: text("web"),
                ..Default::default()
            };
            3
        ]),
        ..Default::default()
    };
    (request, RunTaskResponse { tasks: Some(vec![task; 10]), failures: Some(vec![]) })
}

fn register() -> (RegisterTaskDefinitionRequest, RegisterTaskDefinitionResponse) {
    let request = RegisterTaskDefinitionRequest {
        family: text("web"),
        container_definitions: Some(definitions()),
        ..Default::default()
    };
    let definition = TaskDefinition {
        family: text("web"),
        revision: Some(7),
        container_definitions: Some(definitions()),
        ..Default::default()
    };
    (request, RegisterTaskDefinitionResponse { task_definition: Some(definition), tags: None })
}

fn measure<O: Operation>(criterion: &mut Criterion, (input, output): (O::Input, O::Output)) {
    let endpoint = Uri::from_static("http://localhost:4566");
    let mut group = criterion.benchmark_group(O::NAME);
    for protocol in [Protocol::AwsJson11, Protocol::RpcV2Cbor, Protocol::Query] {
        let request =
            protocol.encode_request(O::schema(), &input, &endpoint).expect("fits into a header");
        let response = protocol.encode_response(O::schema(), &output, REQUEST_ID);
        group.throughput(Throughput::Bytes(request.body().len() as u64));
        group.bench_function(format!("decode, {protocol}"), |bencher| {
            bencher.iter(|| {
                let mut input = O::Input::default();
                protocol
                    .decode_request(O::schema(), black_box(&request), &mut input)
                    .expect("our own request");
                input
            });
        });
        group.throughput(Throughput::Bytes(response.body().len() as u64));
        group.bench_function(format!("encode, {protocol}"), |bencher| {
            bencher.iter(|| protocol.encode_response(O::schema(), black_box(&output), REQUEST_ID));
        });
    }
    group.finish();
}

fn codecs(criterion: &mut Criterion) {
    measure::<ops::RunTask>(criterion, run_task());
    measure::<ops::RegisterTaskDefinition>(criterion, register());
}

criterion_group!(benches, codecs);
criterion_main!(benches);
