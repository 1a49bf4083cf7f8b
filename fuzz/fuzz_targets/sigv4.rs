//! Signatures: an address on the first line, then header lines, an empty line, the body.
#![no_main]

use berth_aws_protocol::sigv4::{CredentialScope, KeyRefusal, SigningKey, verify};
use berth_model::Timestamp;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut lines = data.splitn(10, |byte| *byte == b'\n');
    let mut request = Request::new(Bytes::new());
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
    let keyring =
        |_: &str, _: Option<&str>, scope: &CredentialScope| -> Result<SigningKey, KeyRefusal> {
            Ok(SigningKey::derive("secret", scope))
        };
    // 2015-08-30, the day of AWS's own examples.
    let refused = verify(&request, Timestamp::from_millis(1_440_938_160_000), &keyring);
    if let Err(error) = refused {
        assert!(!error.to_string().is_empty());
    }
});
