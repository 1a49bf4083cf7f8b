//! Whole REST-JSON requests: first line an address, then header lines, an empty line, the body.
#![no_main]

use berth_aws_api::fixture::{PutThingRequest, ops};
use berth_aws_api::{Operation, scheduler};
use berth_aws_protocol::{Directory, Protocol};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut lines = data.splitn(10, |byte| *byte == b'\n');
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = http::Method::PUT;
    let Some(Ok(uri)) = lines.next().map(http::Uri::try_from) else { return };
    *request.uri_mut() = uri;
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = HeaderName::from_bytes(parts.next().unwrap_or_default());
        let value = HeaderValue::from_bytes(parts.next().unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name, value) {
            request.headers_mut().append(name, value);
        }
    }
    *request.body_mut() = Bytes::copy_from_slice(lines.next().unwrap_or_default());
    let directory = Directory::new([&ops::SERVICE, &scheduler::ops::SERVICE]);
    let _ = directory.identify(&request, None);
    let mut input = PutThingRequest::default();
    let _ = Protocol::RestJson1.decode_request(ops::PutThing::schema(), &request, &mut input);
});
