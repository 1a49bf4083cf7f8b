//! aws-sigv4, AWS's own signer, is the oracle: what it signs we accept, and we sign as it does.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use proptest::prelude::*;

use super::*;
use crate::Protocol;
use crate::sigv4::{CredentialScope, Credentials, Signer, SigningKey};

const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "a/session+token==";
const NOW: Timestamp = Timestamp::from_millis(1_795_252_450_000);

/// Knows one key with and without a session token.
fn keyring(
    id: &str,
    token: Option<&str>,
    scope: &CredentialScope,
) -> Result<SigningKey, KeyRefusal> {
    match (id, token) {
        (KEY, None | Some(TOKEN)) => Ok(SigningKey::derive(SECRET, scope)),
        (KEY, Some("old")) => Err(KeyRefusal::Expired),
        _ => Err(KeyRefusal::Unknown),
    }
}

fn check(request: &http::Request<Bytes>, now: Timestamp) -> Result<Verified, SignatureError> {
    verify(request, now, &keyring)
}

fn credentials(token: Option<&str>) -> Credentials {
    Credentials { session_token: token.map(str::to_owned), ..Credentials::new(KEY, SECRET) }
}

fn by_us(request: http::Request<Bytes>, token: Option<&str>) -> http::Request<Bytes> {
    by_us_for("ecs", request, token)
}

fn by_us_for(
    service: &str,
    mut request: http::Request<Bytes>,
    token: Option<&str>,
) -> http::Request<Bytes> {
    Signer::new(&credentials(token), "eu-west-1", service).sign(&mut request, NOW).unwrap();
    request
}

fn by_oracle(
    request: http::Request<Bytes>,
    token: Option<&str>,
    body: SignableBody<'_>,
    adjust: impl FnOnce(&mut SigningSettings),
) -> http::Request<Bytes> {
    by_oracle_for("ecs", request, token, body, adjust)
}

fn by_oracle_for(
    service: &str,
    mut request: http::Request<Bytes>,
    token: Option<&str>,
    body: SignableBody<'_>,
    adjust: impl FnOnce(&mut SigningSettings),
) -> http::Request<Bytes> {
    let mut settings = SigningSettings::default();
    adjust(&mut settings);
    let identity =
        aws_credential_types::Credentials::new(KEY, SECRET, token.map(str::to_owned), None, "test")
            .into();
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(NOW.as_millis().unsigned_abs());
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name(service)
        .time(at)
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let copy = request.clone();
    let headers =
        copy.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let signable =
        SignableRequest::new(copy.method().as_str(), copy.uri().to_string(), headers, body)
            .unwrap();
    let (instructions, _) = sign(signable, &params).unwrap().into_parts();
    instructions.apply_to_request_http1x(&mut request);
    request
}

fn example() -> http::Request<Bytes> {
    http::Request::post("http://localhost:4566/")
        .header("host", "localhost:4566")
        .header("x-amz-target", "AmazonEC2ContainerServiceV20141113.ListClusters")
        .header("content-type", "application/x-amz-json-1.1")
        .body(Bytes::from_static(b"{}"))
        .unwrap()
}

fn presigned(expires_in: u64) -> http::Request<Bytes> {
    let uri = "http://localhost:4566/?Action=GetCallerIdentity&Version=2011-06-15".parse().unwrap();
    let credentials = credentials(None);
    let uri = Signer::new(&credentials, "eu-west-1", "sts")
        .presign(&uri, Duration::from_secs(expires_in), NOW)
        .unwrap();
    http::Request::get(uri).header("host", "localhost:4566").body(Bytes::new()).unwrap()
}

/// AWS: as its own S3 client signs.
fn of_s3(settings: &mut SigningSettings) {
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
}

#[test]
fn an_object_is_asked_for_as_s3_wants_it() {
    for key in ["a.env", "a%20b/c%2B.env", "dir//x/../y", "%C3%A9"] {
        let bare = || {
            let uri = format!("http://localhost:9000/bucket/{key}");
            let request = http::Request::get(uri).header("host", "localhost:9000");
            request.body(Bytes::new()).unwrap()
        };
        let ours = by_us_for("s3", bare(), None);
        assert_eq!(ours.headers()["x-amz-content-sha256"], canonical::sha256_hex(b""), "{key}");
        assert_eq!(check(&ours, NOW).unwrap().service, "s3", "{key}");
        let theirs = by_oracle_for("s3", bare(), None, SignableBody::Bytes(b""), of_s3);
        assert_eq!(check(&theirs, NOW).unwrap().service, "s3", "{key}");
        assert_eq!(ours.headers()["authorization"], theirs.headers()["authorization"], "{key}");
    }
}

fn any_request() -> impl Strategy<Value = http::Request<Bytes>> {
    let segment = prop_oneof![
        "[a-zA-Z0-9._~!$&'()*+,;=:@-]{0,6}",
        Just("%20%2F%c3%a9".to_owned()),
        Just(".".to_owned()),
        Just("..".to_owned())
    ];
    let path =
        proptest::collection::vec(segment, 0..5).prop_map(|parts| format!("/{}", parts.join("/")));
    let pair =
        ("[a-zA-Z0-9._~-]{1,4}", "([a-zA-Z0-9 ._~-]|é|/|=|%|&){0,6}").prop_map(|(name, value)| {
            format!("{name}={}", percent_encoding::utf8_percent_encode(&value, canonical::RESERVED))
        });
    let query = proptest::collection::vec(pair, 0..4).prop_map(|pairs| pairs.join("&"));
    let header = ("x-[a-z]{1,6}", "[a-zA-Z0-9]([a-zA-Z0-9 ,;=\"]{0,10}[a-z])?");
    let headers = proptest::collection::vec(header, 0..4);
    let body = proptest::collection::vec(any::<u8>(), 0..64);
    let method = prop_oneof![Just("GET"), Just("POST"), Just("PUT"), Just("DELETE")];
    (method, path, query, headers, body).prop_map(|(method, path, query, headers, body)| {
        let query = if query.is_empty() { query } else { format!("?{query}") };
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("http://localhost:4566{path}{query}"))
            .header("host", "localhost:4566");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.body(Bytes::from(body)).unwrap()
    })
}

fn any_token() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![Just(None), Just(Some(TOKEN))]
}

proptest! {
    #[test]
    fn what_aws_signs_we_accept(request in any_request(), token in any_token(), with_hash: bool) {
        let body = request.body().clone();
        let signed = by_oracle(request, token, SignableBody::Bytes(&body), |settings| {
            if with_hash {
                settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            }
        });
        let verified = check(&signed, NOW);
        prop_assert!(verified.is_ok(), "{:?}", verified);
        let verified = verified.unwrap();
        prop_assert_eq!(&verified.access_key_id, KEY);
        prop_assert_eq!(verified.session_token.as_deref(), token);
        prop_assert_eq!((&*verified.region, &*verified.service), ("eu-west-1", "ecs"));
        prop_assert_eq!(verified.body, body);
    }

    #[test]
    fn what_aws_presigns_we_accept(request in any_request(), token in any_token()) {
        let body = request.body().clone();
        let signed = by_oracle(request, token, SignableBody::Bytes(&body), |settings| {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(Duration::from_secs(60));
        });
        let verified = check(&signed, NOW);
        prop_assert!(verified.is_ok(), "{:?}", verified);
        prop_assert_eq!(verified.unwrap().session_token, token.map(str::to_owned));
    }

    #[test]
    fn we_sign_as_aws_does(request in any_request(), token in any_token()) {
        let body = request.body().clone();
        let theirs = by_oracle(request.clone(), token, SignableBody::Bytes(&body), |_| {});
        let ours = by_us(request, token);
        let signature = |request: &http::Request<Bytes>| {
            let text = request.headers()["authorization"].to_str().unwrap().to_owned();
            text.split("Signature=").nth(1).unwrap().to_owned()
        };
        prop_assert_eq!(signature(&ours), signature(&theirs));
        prop_assert!(check(&ours, NOW).is_ok());
    }

    #[test]
    fn a_change_anywhere_is_refused(request in any_request(), part in 0usize..7) {
        let mut request = by_us(request, Some(TOKEN));
        match part {
            0 => *request.method_mut() = http::Method::PATCH,
            1 => {
                let uri = request.uri().to_string();
                let (before, query) = uri.split_once('?').map_or((uri.as_str(), ""), |(path, query)| (path, query));
                *request.uri_mut() = format!("{before}x?{query}").parse().unwrap();
            }
            2 => {
                let uri = request.uri().to_string();
                let separator = if uri.contains('?') { '&' } else { '?' };
                *request.uri_mut() = format!("{uri}{separator}added=1").parse().unwrap();
            }
            3 => drop(request.headers_mut().insert("host", "elsewhere:4566".parse().unwrap())),
            4 => {
                let mut body = request.body().to_vec();
                body.push(b' ');
                *request.body_mut() = body.into();
            }
            5 => drop(request.headers_mut().insert("x-amz-date", "20261121T091411Z".parse().unwrap())),
            _ => {
                let value = request.headers()["authorization"].to_str().unwrap().replace("/ecs/", "/ec2/");
                request.headers_mut().insert("authorization", value.parse().unwrap());
            }
        }
        let refused = check(&request, NOW);
        prop_assert!(matches!(refused, Err(SignatureError::Mismatch { .. })), "{:?}", refused);
    }

    #[test]
    fn no_header_panics(authorization in ".*", date in ".*", query in "[ -~&&[^#\"<>{}|\\\\^`]]*") {
        let mut request = example();
        if let Ok(value) = authorization.parse() {
            request.headers_mut().insert("authorization", value);
        }
        if let Ok(value) = date.parse() {
            request.headers_mut().insert("x-amz-date", value);
        }
        if let Ok(uri) = format!("/?{query}").parse() {
            *request.uri_mut() = uri;
        }
        prop_assert!(check(&request, NOW).is_err());
    }
}

#[test]
fn headers_that_are_sent_twice_are_one_value() {
    let mut request = example();
    for value in ["first", "  second   value  "] {
        request.headers_mut().append("x-many", value.parse().unwrap());
    }
    let body = request.body().clone();
    let signed = by_oracle(request, None, SignableBody::Bytes(&body), |_| {});
    assert!(check(&signed, NOW).is_ok());
}

#[test]
fn a_host_in_the_target_is_as_good_as_one_in_a_header() {
    let mut signed = by_us(example(), None);
    signed.headers_mut().remove("host");
    assert_eq!(check(&signed, NOW).unwrap().service, "ecs");
}

#[test]
fn an_unsigned_payload_leaves_the_body_free() {
    let mut request = example();
    request.headers_mut().insert("x-amz-content-sha256", "UNSIGNED-PAYLOAD".parse().unwrap());
    let mut signed = by_oracle(request, None, SignableBody::UnsignedPayload, |_| {});
    *signed.body_mut() = Bytes::from_static(b"anything");
    assert_eq!(check(&signed, NOW).unwrap().body, "anything");
}

#[test]
fn a_hash_in_a_header_is_not_believed() {
    let mut request = example();
    let hash = canonical::sha256_hex(b"{}");
    request.headers_mut().insert("x-amz-content-sha256", hash.parse().unwrap());
    let mut signed = by_oracle(request, None, SignableBody::Bytes(b"{}"), |_| {});
    assert!(check(&signed, NOW).is_ok());
    *signed.body_mut() = Bytes::from_static(b"{ }");
    assert!(matches!(check(&signed, NOW), Err(SignatureError::Mismatch { .. })));
}

fn chunked(body: &'static str, headers: &[(&'static str, &'static str)]) -> http::Request<Bytes> {
    let mut request = example();
    let streaming = ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    for (name, value) in [streaming].iter().chain(headers) {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    *request.body_mut() = Bytes::from_static(body.as_bytes());
    by_oracle(request, None, SignableBody::StreamingUnsignedPayloadTrailer, |_| {})
}

#[test]
fn chunks_are_put_together_and_checked() {
    let body = "4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
    let announced =
        [("x-amz-trailer", "x-amz-checksum-crc32"), ("x-amz-decoded-content-length", "9")];
    assert_eq!(check(&chunked(body, &announced), NOW).unwrap().body, "123456789");
    assert_eq!(check(&chunked("0\r\n\r\n", &[]), NOW).unwrap().body, "");
}

#[test]
fn every_kind_of_checksum_is_known() {
    for body in [
        "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32c:4waSgw==\r\n\r\n",
        "9\r\n123456789\r\n0\r\nx-amz-checksum-crc64nvme:rosUhgp5mIg=\r\n\r\n",
        "9\r\n123456789\r\n0\r\nx-amz-checksum-sha256:FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=\r\n\r\n",
        "9\r\n123456789\r\n0\r\nx-amz-checksum-sha1:98O8HYCOBHMq32eZZczDTKeuNEE=\r\n\r\n",
    ] {
        assert_eq!(check(&chunked(body, &[]), NOW).unwrap().body, "123456789", "{body}");
    }
}

#[test]
fn broken_chunks_are_refused() {
    let announced = [("x-amz-trailer", "x-amz-checksum-crc32")];
    for (body, headers, code) in [
        ("4\r\n1234\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", &announced[..], "BadDigest"),
        ("4\r\n1234\r\n0\r\n\r\n", &announced[..], "IncompleteBody"),
        ("4\r\n1234\r\n0\r\n\r\n", &[("x-amz-decoded-content-length", "5")][..], "BadDigest"),
        ("4\r\n12", &[], "IncompleteBody"),
        ("4\r\n12345\r\n0\r\n\r\n", &[], "IncompleteBody"),
        ("zz\r\n", &[], "IncompleteBody"),
        ("ffffffffffffffff\r\n1", &[], "IncompleteBody"),
        ("0\r\n\r\nmore", &[], "IncompleteBody"),
        ("0\r\nx-amz-checksum-md5:AA==\r\n\r\n", &[], "InvalidRequest"),
        ("", &[], "IncompleteBody"),
    ] {
        let error = check(&chunked(body, headers), NOW).unwrap_err();
        assert_eq!(error.head(Protocol::RestJson1).code, code, "{body:?}: {error}");
    }
    let mut request = example();
    let kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    request.headers_mut().insert("x-amz-content-sha256", kind.parse().unwrap());
    let error = check(&by_us(request, None), NOW).unwrap_err();
    assert!(error.to_string().contains(kind), "{error}");
}

#[test]
fn clocks_may_be_off_by_a_quarter_of_an_hour() {
    let signed = by_us(example(), None);
    let quarter = Duration::from_secs(900);
    let second = Duration::from_secs(1);
    assert!(check(&signed, NOW + quarter).is_ok());
    assert!(check(&signed, NOW - quarter).is_ok());
    let late = check(&signed, NOW + quarter + second).unwrap_err();
    assert_eq!(
        late.to_string(),
        "Signature expired: 20261121T091410Z is now earlier than 20261121T091411Z (20261121T092911Z - 15 min.)"
    );
    let early = check(&signed, NOW - quarter - second).unwrap_err();
    assert_eq!(
        early.to_string(),
        "Signature not yet current: 20261121T091410Z is still later than 20261121T091409Z (20261121T085909Z + 15 min.)"
    );
    assert_eq!(late.head(Protocol::AwsJson11).code, "InvalidSignatureException");
    assert_eq!(late.head(Protocol::Query).code, "SignatureDoesNotMatch");
    assert_eq!(late.head(Protocol::Ec2Query).code, "RequestExpired");
}

#[test]
fn a_presigned_request_is_good_for_as_long_as_it_says() {
    let request = presigned(3600);
    let verified = check(&request, NOW + Duration::from_secs(3600)).unwrap();
    assert_eq!(verified.service, "sts");
    let late = check(&request, NOW + Duration::from_secs(3601)).unwrap_err();
    assert!(late.to_string().starts_with("Signature expired: "), "{late}");
    assert!(check(&request, NOW - Duration::from_secs(300)).is_ok());
    let early = check(&request, NOW - Duration::from_secs(301)).unwrap_err();
    assert!(early.to_string().ends_with("+ 5 min.)"), "{early}");
}

#[test]
fn an_expiry_is_between_a_second_and_a_week() {
    assert!(check(&presigned(604_800), NOW).is_ok());
    for seconds in [0, 604_801] {
        let error = check(&presigned(seconds), NOW).unwrap_err();
        assert!(error.to_string().contains(&format!("got '{seconds}'")), "{error}");
    }
}

/// The example with one header changed, or left out when the value is empty.
fn with_header(name: &'static str, change: impl Fn(&str) -> String) -> http::Request<Bytes> {
    let mut request = by_us(example(), None);
    let value = change(request.headers()[name].to_str().unwrap());
    request.headers_mut().remove(name);
    if !value.is_empty() {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

#[test]
fn each_defect_is_named() {
    let auth = "authorization";
    let cases: [(http::Request<Bytes>, &str, &str); 12] = [
        (
            with_header(auth, |_| String::new()),
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
        (with_header(auth, |_| "Basic YTpi".into()), "IncompleteSignatureException", "'Basic'"),
        (
            with_header(auth, |_| "AWS4-HMAC-SHA256 Credential=a".into()),
            "IncompleteSignatureException",
            "requires 'Signature' parameter",
        ),
        (
            with_header(auth, |text| text.replace("Signature=", "Signature")),
            "IncompleteSignatureException",
            "missing equal-sign",
        ),
        (
            with_header(auth, |text| format!("{text}, Signature=00")),
            "IncompleteSignatureException",
            "'Signature' is given more than once",
        ),
        (
            with_header(auth, |text| text.replace("/ecs/", "/")),
            "IncompleteSignatureException",
            "exactly 5 slash-delimited elements",
        ),
        (
            with_header("x-amz-date", |_| String::new()),
            "IncompleteSignatureException",
            "'X-Amz-Date' or a 'Date' header",
        ),
        (
            with_header("x-amz-date", |_| "yesterday".into()),
            "IncompleteSignatureException",
            "Got 'yesterday'",
        ),
        (
            with_header(auth, |text| text.replace("aws4_request", "aws5_request")),
            "InvalidSignatureException",
            "not 'aws5_request'",
        ),
        (
            with_header(auth, |text| text.replace("20261121", "20261122")),
            "InvalidSignatureException",
            "'20261122' != '20261121', from '20261121T091410Z'",
        ),
        (
            with_header(auth, |text| text.replace("host;", "")),
            "InvalidSignatureException",
            "'Host' or ':authority'",
        ),
        (
            with_header(auth, |text| text.replace(KEY, "AKIDOTHER")),
            "UnrecognizedClientException",
            "security token included in the request is invalid",
        ),
    ];
    for (request, code, text) in cases {
        let error = check(&request, NOW).unwrap_err();
        let head = error.head(Protocol::AwsJson11);
        assert_eq!((&*head.code, head.status), (code, 400), "{error}");
        assert!(head.message.contains(text), "{error}");
    }
}

#[test]
fn the_operation_must_be_signed() {
    let request = with_header("authorization", |text| text.replace(";x-amz-target", ""));
    let error = check(&request, NOW).unwrap_err();
    assert!(error.to_string().contains("'X-Amz-Target' must be a 'SignedHeader'"), "{error}");
}

#[test]
fn a_header_may_not_come_twice_where_it_decides() {
    for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
        let mut request = by_us(example(), Some(TOKEN));
        let value = request.headers()[name].clone();
        request.headers_mut().append(name, value);
        let error = check(&request, NOW).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn a_request_is_signed_in_one_place() {
    let mut request = presigned(60);
    let header = by_us(example(), None).headers()["authorization"].clone();
    request.headers_mut().insert("authorization", header);
    assert!(matches!(check(&request, NOW), Err(SignatureError::Incomplete(_))));
}

#[test]
fn a_parameter_of_the_signature_may_not_come_twice_or_be_missing() {
    let text = presigned(60).uri().to_string();
    let mut request = presigned(60);
    *request.uri_mut() = format!("{text}&X-Amz-Expires=61").parse().unwrap();
    let error = check(&request, NOW).unwrap_err();
    assert!(error.to_string().contains("'X-Amz-Expires' is given more than once"), "{error}");
    *request.uri_mut() = text.replace("X-Amz-Date=", "Y=").parse().unwrap();
    let error = check(&request, NOW).unwrap_err();
    assert_eq!(error.to_string(), "AWS query-string parameters must include 'X-Amz-Date'.");
}

#[test]
fn a_mismatch_shows_what_should_have_been_signed() {
    let request = with_header("authorization", |text| text.replace("Signature=", "Signature=0"));
    let error = check(&request, NOW).unwrap_err();
    let message = error.to_string();
    let lines = [
        "The request signature we calculated does not match the signature you provided.",
        "\n\nThe Canonical String for this request should have been\n'POST\n/\n\ncontent-type:application/x-amz-json-1.1\n",
        "\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20261121T091410Z\n20261121/eu-west-1/ecs/aws4_request\n",
    ];
    for text in lines {
        assert!(message.contains(text), "{message}");
    }
    assert!(!message.contains(SECRET));
}

#[test]
fn codes_and_statuses_differ_by_wire() {
    let codes = |error: SignatureError| {
        [Protocol::AwsJson11, Protocol::Query, Protocol::Ec2Query, Protocol::RestJson1].map(
            |protocol| {
                let head = error.head(protocol);
                (head.code.into_owned(), head.status)
            },
        )
    };
    let expected = |codes: [(&str, u16); 4]| codes.map(|(code, status)| (code.to_owned(), status));
    assert_eq!(
        codes(SignatureError::UnknownKey),
        expected([
            ("UnrecognizedClientException", 400),
            ("InvalidClientTokenId", 403),
            ("AuthFailure", 401),
            ("UnrecognizedClientException", 403),
        ])
    );
    assert_eq!(
        codes(SignatureError::Missing),
        expected([
            ("MissingAuthenticationTokenException", 400),
            ("MissingAuthenticationToken", 403),
            ("MissingAuthenticationToken", 403),
            ("MissingAuthenticationTokenException", 403),
        ])
    );
}

#[test]
fn session_tokens_are_the_keyrings_to_judge() {
    assert_eq!(check(&by_us(example(), Some("old")), NOW), Err(SignatureError::ExpiredToken));
    assert_eq!(check(&by_us(example(), Some("no")), NOW), Err(SignatureError::UnknownKey));
}

#[test]
fn a_signature_for_another_service_is_worth_nothing() {
    let verified = check(&by_us(example(), None), NOW).unwrap();
    assert_eq!(verified.require_service("ecs"), Ok(()));
    let error = verified.require_service("sts").unwrap_err();
    assert_eq!(error.to_string(), "Credential should be scoped to correct service: 'sts'. ");
}

#[test]
fn a_web_socket_is_signed_over_host_and_date() {
    let uri: http::Uri = "ws://localhost:4566/ws?clusterArn=default&seqNum=1".parse().unwrap();
    let credentials = credentials(None);
    let headers = Signer::new(&credentials, "eu-west-1", "ecs").websocket(&uri, NOW).unwrap();
    assert!(headers["authorization"].to_str().unwrap().contains("SignedHeaders=host;x-amz-date,"));
    // The server sees the address without scheme and host, and more headers than were signed.
    let mut request =
        http::Request::get("/ws?clusterArn=default&seqNum=1").body(Bytes::new()).unwrap();
    *request.headers_mut() = headers;
    request.headers_mut().insert("upgrade", "websocket".parse().unwrap());
    assert!(check(&request, NOW).is_ok());
}

#[test]
fn a_telemetry_frame_begins_with_signed_lines() {
    let uri: http::Uri = "ws://localhost:4566/ws?cluster=default".parse().unwrap();
    let payload = Bytes::from_static(b"{\"type\":\"PublishMetricsRequest\"}");
    let credentials = credentials(Some(TOKEN));
    let head =
        Signer::new(&credentials, "eu-west-1", "ecs").frame_head(&uri, &payload, NOW).unwrap();
    let lines: Vec<(&str, &str)> = head
        .strip_suffix("\r\n\r\n")
        .unwrap()
        .split("\r\n")
        .map(|line| line.split_once(": ").unwrap())
        .collect();
    let names: Vec<&str> = lines.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["Authorization", "Host", "X-Amz-Date", "X-Amz-Security-Token"]);
    let mut request =
        http::Request::get(uri.path_and_query().unwrap().as_str()).body(payload).unwrap();
    for (name, value) in lines {
        let name: http::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    assert!(check(&request, NOW).is_ok());
    *request.body_mut() = Bytes::from_static(b"{}");
    assert!(check(&request, NOW).is_err());
}

#[test]
fn a_length_that_was_signed_is_known_from_the_body() {
    let mut request = example();
    request.headers_mut().insert("content-length", "2".parse().unwrap());
    let mut signed = by_us(request, None);
    signed.headers_mut().remove("content-length");
    assert!(check(&signed, NOW).is_ok());
}
