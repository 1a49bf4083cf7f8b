//! Bodies of CBOR requests, and what was read must be read again from what it is written as.
#![no_main]

use berth_aws_api::Operation;
use berth_aws_api::fixture::{EverythingRequest, ops::Everything};
use berth_aws_protocol::Protocol;
use bytes::Bytes;
use http::{Request, Uri};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let wire = Protocol::RpcV2Cbor;
    let mut input = EverythingRequest::default();
    let request = Request::new(Bytes::copy_from_slice(body));
    if wire.decode_request(Everything::schema(), &request, &mut input).is_err() {
        return;
    }
    let endpoint = Uri::from_static("http://localhost");
    let written = wire
        .encode_request(Everything::schema(), &input, &endpoint)
        .expect("CBOR carries everything");
    let mut again = EverythingRequest::default();
    wire.decode_request(Everything::schema(), &written, &mut again).expect("our own CBOR");
    let rewritten = wire
        .encode_request(Everything::schema(), &again, &endpoint)
        .expect("CBOR carries everything");
    assert_eq!(written.body(), rewritten.body());
});
