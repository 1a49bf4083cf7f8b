//! Forms of Query and EC2 Query, what they name, and XML answers and errors.
#![no_main]

use berth_aws_api::fixture::{EverythingRequest, EverythingResponse, ops};
use berth_aws_api::{Operation, sts};
use berth_aws_protocol::{Directory, Protocol};
use bytes::Bytes;
use http::{Request, Response};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let body = Bytes::copy_from_slice(body);
    let request = Request::new(body.clone());
    let directory = Directory::new([&ops::SERVICE, &sts::ops::SERVICE]);
    let _ = directory.identify(&request, Some("sts"));
    for wire in [Protocol::Query, Protocol::Ec2Query] {
        let mut input = EverythingRequest::default();
        let _ = wire.decode_request(ops::Everything::schema(), &request, &mut input);
        let response = Response::new(body.clone());
        let mut output = EverythingResponse::default();
        let _ = wire.decode_response(ops::Everything::schema(), &response, &mut output);
        let _ = wire.decode_error(&response);
    }
});
