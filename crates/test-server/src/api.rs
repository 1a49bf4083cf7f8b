//! ECS over its JSON protocol, signed: what a test asks of a server without a client of AWS's. Other services in
//! a word each.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime};
use std::{fmt, io};

use berth_aws_protocol::sigv4::{Credentials, Signer};
use berth_model::Timestamp;
use berth_test_engine::Network;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use crate::wire;

const SERVICE: &str = "ecs";
const TARGET_PREFIX: &str = "AmazonEC2ContainerServiceV20141113";

/// A client of one server, with one key, for one region.
#[derive(Clone)]
pub struct Api {
    pub server: SocketAddr,
    pub region: String,
    pub credentials: Credentials,
    /// Where the server is, if not in this machine's network.
    pub network: Option<Network>,
    /// A server that is silent for this long gives no answer.
    pub patience: Duration,
}

/// An error that the server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
}

#[derive(Debug)]
pub enum CallError {
    Refused(Refusal),
    /// Whether the server did what it was asked to is unknown.
    Unanswered(io::Error),
}

impl Api {
    pub fn try_call(&self, operation: &str, input: &Value) -> Result<Value, CallError> {
        let request = self.request(operation, input.to_string().into());
        let answer = self.send(request).map_err(CallError::Unanswered)?;
        let body: Value = serde_json::from_slice(answer.body()).map_err(|error| {
            CallError::Unanswered(io::Error::new(io::ErrorKind::InvalidData, error))
        })?;
        match Refusal::of(&answer, &body) {
            Some(refusal) => Err(CallError::Refused(refusal)),
            None => Ok(body),
        }
    }

    /// The answer of a call that must work.
    #[track_caller]
    pub fn call(&self, operation: &str, input: Value) -> Value {
        match self.try_call(operation, &input) {
            Ok(answer) => answer,
            Err(error) => panic!("{operation} {input}: {error}"),
        }
    }

    /// The error of a call that must not work.
    #[track_caller]
    pub fn refused(&self, operation: &str, input: Value) -> Refusal {
        match self.try_call(operation, &input) {
            Err(CallError::Refused(refusal)) => refusal,
            other => panic!("{operation} {input} is refused, expected; but: {other:?}"),
        }
    }

    /// The answer of another service that speaks JSON, which must work.
    #[track_caller]
    pub fn json(&self, service: &str, target: &str, input: &Value) -> Value {
        let mut request = Request::post(format!("http://{}/", self.server))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .body(input.to_string().into())
            .expect("an address and two plain headers are a request");
        self.sign_for(service, &mut request, SystemTime::now());
        let answer = self.send(request).expect("the server answers");
        assert!(answer.status().is_success(), "{target}: {:?}", answer.body());
        serde_json::from_slice(answer.body()).expect("the answer is JSON")
    }

    /// A call of a service that speaks the Query protocol, which must work; the XML that it is answered with.
    #[track_caller]
    pub fn query(
        &self,
        service: &str,
        version: &str,
        action: &str,
        input: &[(&str, &str)],
    ) -> String {
        let encode = |text: &str| -> String {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric();
            let encoded = |byte: u8| {
                if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            };
            text.bytes().map(encoded).collect()
        };
        let members = input.iter().map(|(name, value)| format!("&{name}={}", encode(value)));
        let body = format!("Action={action}&Version={version}{}", members.collect::<String>());
        let mut request = Request::post(format!("http://{}/", self.server))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.into())
            .expect("an address and a plain header are a request");
        self.sign_for(service, &mut request, SystemTime::now());
        let answer = self.send(request).expect("the server answers");
        assert!(answer.status().is_success(), "{action}: {:?}", answer.body());
        String::from_utf8_lossy(answer.body()).into_owned()
    }

    /// A signed request, for a test to spoil.
    pub fn request(&self, operation: &str, body: Bytes) -> Request<Bytes> {
        let mut request = Request::post(format!("http://{}/", self.server))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("{TARGET_PREFIX}.{operation}"))
            .body(body)
            .expect("an address and two plain headers are a request");
        self.sign(&mut request);
        request
    }

    pub fn sign(&self, request: &mut Request<Bytes>) {
        self.sign_at(request, SystemTime::now());
    }

    pub fn sign_at(&self, request: &mut Request<Bytes>, time: SystemTime) {
        self.sign_for(SERVICE, request, time);
    }

    fn sign_for(&self, service: &str, request: &mut Request<Bytes>, time: SystemTime) {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970");
        let now =
            Timestamp::from_millis(i64::try_from(since.as_millis()).expect("it is not far after"));
        Signer::new(&self.credentials, &self.region, service)
            .sign(request, now)
            .expect("the request names its host, and the key is plain text");
    }

    /// Sends a request as it is; nothing is added but what HTTP needs.
    pub fn send(&self, request: Request<Bytes>) -> io::Result<Response<Bytes>> {
        let (head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut bytes = format!("{} {path} HTTP/1.1\r\n", head.method).into_bytes();
        for (name, value) in &head.headers {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        let rest = format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len());
        bytes.extend_from_slice(rest.as_bytes());
        bytes.extend_from_slice(&body);
        let connection = match &self.network {
            None => TcpStream::connect(self.server),
            Some(network) => network.connect(self.server),
        };
        wire::converse(connection?, &bytes, self.patience)
    }
}

impl Refusal {
    /// The error in an answer, if it is one.
    pub fn of(answer: &Response<Bytes>, body: &Value) -> Option<Refusal> {
        if answer.status().is_success() {
            return None;
        }
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let kind = text("__type");
        let code = kind.rsplit('#').next().unwrap_or_default().to_owned();
        Some(Refusal { status: answer.status().as_u16(), code, message: text("message") })
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Refused(Refusal { status, code, message }) => {
                write!(f, "{status} {code}: {message}")
            }
            CallError::Unanswered(error) => write!(f, "no answer: {error}"),
        }
    }
}

/// What members of this name say in an answer of the Query protocol, in order.
pub fn members(answer: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let said = answer.split(&*open).skip(1);
    said.filter_map(|rest| Some(rest.split_once(&*close)?.0.to_owned())).collect()
}
