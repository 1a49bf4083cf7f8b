//! What one server tells another about a request that it passes on: who the client is, and which id the request has.
//!
//! It is believed for its authentication code, under a key that the servers share and nobody else has. The code is
//! over the request, too, so that it is good for no other one, and for a few minutes.

use std::net::IpAddr;

use berth_model::Timestamp;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Request};
use ring::hmac;
use sha2::{Digest, Sha256};

use crate::pipeline::{Peer, RequestId};

pub(super) static HEADER: HeaderName = HeaderName::from_static("x-berth-forwarded");

/// How far the servers' clocks may be apart, as with signatures.
const GOOD_FOR_MS: i64 = 5 * 60 * 1000;

/// What the servers of a cell share, to believe one another.
#[derive(Clone)]
pub struct ForwardingKey(hmac::Key);

impl ForwardingKey {
    pub fn new(secret: &[u8; 32]) -> Self {
        ForwardingKey(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// `v1 ADDRESS tls|plain REQUEST-ID MILLISECONDS CODE`.
    pub(super) fn seal(
        &self,
        request: &Request<Bytes>,
        (peer, request_id): (Peer, RequestId),
        now: Timestamp,
    ) -> HeaderValue {
        let wire = if peer.secure { "tls" } else { "plain" };
        let claim = format!("v1 {} {wire} {request_id} {}", peer.address, now.as_millis());
        let code = hmac::sign(&self.0, &covered(&claim, request));
        let digits: String = code.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        HeaderValue::try_from(format!("{claim} {digits}")).expect("it is all visible ASCII")
    }

    /// `None` for what no server of this cell has written about this request just now.
    pub(super) fn open(
        &self,
        header: &HeaderValue,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> Option<(Peer, RequestId)> {
        let (claim, digits) = header.to_str().ok()?.rsplit_once(' ')?;
        let code = bytes_of(digits)?;
        hmac::verify(&self.0, &covered(claim, request), &code).ok()?;
        let mut words = claim.split(' ').skip(1);
        let address: IpAddr = words.next()?.parse().ok()?;
        let secure = words.next()? == "tls";
        let request_id = RequestId::parse(words.next()?)?;
        let at: i64 = words.next()?.parse().ok()?;
        let is_fresh = now.as_millis().abs_diff(at) <= GOOD_FOR_MS.unsigned_abs();
        is_fresh.then_some((Peer { address, secure }, request_id))
    }
}

/// What the code is over. Neither the claim nor a method or a path has a line break, and digests have one length.
fn covered(claim: &str, request: &Request<Bytes>) -> Vec<u8> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut text = format!("{claim}\n{} {path}\n", request.method()).into_bytes();
    text.extend(Sha256::digest(request.body()));
    for proof in request.headers().get_all(AUTHORIZATION) {
        text.extend(Sha256::digest(proof));
    }
    text
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_252_450_000);

    fn request(body: &'static str) -> Request<Bytes> {
        let request = Request::post("http://host/path?a=b").header(AUTHORIZATION, "AWS4 it's me");
        request.body(Bytes::from_static(body.as_bytes())).unwrap()
    }

    fn client() -> (Peer, RequestId) {
        (Peer::secure("2001:db8::7".parse().unwrap()), RequestId::from_bytes([7; 16]))
    }

    #[test]
    fn a_server_of_the_cell_is_believed() {
        let key = ForwardingKey::new(&[1; 32]);
        for client in [client(), (Peer::plain("10.0.0.9".parse().unwrap()), client().1)] {
            let header = key.seal(&request("x"), client, NOW);
            assert_eq!(key.open(&header, &request("x"), NOW), Some(client));
        }
    }

    #[test]
    fn nobody_else_is_and_nothing_is_good_for_another_request() {
        let key = ForwardingKey::new(&[1; 32]);
        let header = key.seal(&request("x"), client(), NOW);
        assert_eq!(ForwardingKey::new(&[2; 32]).open(&header, &request("x"), NOW), None);
        assert_eq!(key.open(&header, &request("y"), NOW), None);
        let mut other = request("x");
        other.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("AWS4 it's you"));
        assert_eq!(key.open(&header, &other, NOW), None);
        let mut other = request("x");
        *other.uri_mut() = "http://host/path?a=c".parse().unwrap();
        assert_eq!(key.open(&header, &other, NOW), None);
        let later = Timestamp::from_millis(NOW.as_millis() + GOOD_FOR_MS + 1);
        assert_eq!(key.open(&header, &request("x"), later), None);
        let text = header.to_str().unwrap();
        for forged in [
            text.replace("db8::7", "db8::8"),
            text.replace("tls", "plain"),
            "v1".into(),
            String::new(),
        ] {
            let forged = HeaderValue::try_from(forged).unwrap();
            assert_eq!(key.open(&forged, &request("x"), NOW), None);
        }
    }
}
