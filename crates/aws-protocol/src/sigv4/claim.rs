//! What a request says about its own signature, in the `Authorization` header or in the query. Nothing is proved yet.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{AUTHORIZATION, DATE, HOST};

use super::canonical::{self, SIGNATURE_PARAMETER};
use super::scope::CredentialError;
use super::{ALGORITHM, Credential, CredentialScope, SignatureError, TERMINATOR, instant};
use berth_model::Timestamp;

/// AWS: a presigned request without `X-Amz-Expires` is good for as long as a signed one.
const DEFAULT_EXPIRY: Duration = Duration::from_secs(15 * 60);
const LONGEST_EXPIRY: u64 = 7 * 24 * 60 * 60;

/// A signature with all that is needed to check it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub credential: Credential,
    pub session_token: Option<String>,
    pub signed_at: Timestamp,
    /// For presigned requests, how long they are good for.
    pub expires_in: Option<Duration>,
    /// Lower case, in order.
    pub(super) signed_headers: Vec<String>,
    pub(super) signature: String,
    /// The value of `X-Amz-Content-Sha256`, wherever it was.
    pub(super) content_sha256: Option<String>,
}

impl Claim {
    /// Reads a request's claim. [`SignatureError::Missing`] when it makes none.
    pub fn of(request: &http::Request<Bytes>) -> Result<Self, SignatureError> {
        let query = request.uri().query().unwrap_or_default();
        let presigned = canonical::pairs(query).any(|(name, _)| name == "X-Amz-Algorithm");
        match (one_header(request.headers(), AUTHORIZATION.as_str())?, presigned) {
            (Some(_), true) => Err(SignatureError::incomplete(
                "A request is signed by its Authorization header or by X-Amz-Algorithm in its query, not by both.",
            )),
            (Some(authorization), false) => Self::in_header(authorization, request.headers()),
            (None, true) => Self::in_query(query, request.headers()),
            (None, false) => Err(SignatureError::Missing),
        }
    }

    /// Region and service that a request was signed for, proved or not: what `--auth open` and
    /// request identification go by.
    pub fn scope_of(request: &http::Request<Bytes>) -> Option<CredentialScope> {
        Self::of(request).ok().map(|claim| claim.credential.scope)
    }

    fn in_header(authorization: &str, headers: &HeaderMap) -> Result<Self, SignatureError> {
        let (algorithm, rest) = authorization.split_once(' ').unwrap_or((authorization, ""));
        known_algorithm(algorithm)?;
        let mut parts =
            Parts { names: ["Credential", "SignedHeaders", "Signature"], values: [None; 3] };
        for pair in rest.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                SignatureError::Incomplete(format!(
                    "'{pair}' not a valid key=value pair (missing equal-sign) in Authorization header: '{authorization}'."
                ))
            })?;
            parts.set(name, value)?;
        }
        let date = date_header(headers)?;
        let mut missing = parts.missing("Authorization header requires '{}' parameter.");
        if date.is_none() {
            missing.push(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
                    .to_owned(),
            );
        }
        let ([Some(credential), Some(signed_headers), Some(signature)], Some(date)) =
            (parts.values, date)
        else {
            return Err(SignatureError::Incomplete(format!(
                "{} Authorization={algorithm}",
                missing.join(" ")
            )));
        };
        let signed_at = instant::parse_date_header(date).ok_or_else(|| not_a_date(date))?;
        Ok(Claim {
            credential: credential_in_scope(credential, signed_at)?,
            session_token: one_header(headers, "x-amz-security-token")?.map(str::to_owned),
            signed_at,
            expires_in: None,
            signed_headers: signed_header_names(signed_headers, headers)?,
            signature: signature.to_owned(),
            content_sha256: one_header(headers, "x-amz-content-sha256")?.map(str::to_owned),
        })
    }

    fn in_query(query: &str, headers: &HeaderMap) -> Result<Self, SignatureError> {
        let pairs: Vec<_> = canonical::pairs(query).collect();
        let mut parts = Parts {
            names: [
                "X-Amz-Algorithm",
                "X-Amz-Credential",
                "X-Amz-Date",
                "X-Amz-SignedHeaders",
                SIGNATURE_PARAMETER,
                "X-Amz-Expires",
                "X-Amz-Security-Token",
                "X-Amz-Content-Sha256",
            ],
            values: [None; 8],
        };
        for (name, value) in &pairs {
            parts.set(name, value)?;
        }
        let [algorithm, credential, date, signed_headers, signature, expires, token, sha256] =
            parts.values;
        known_algorithm(algorithm.unwrap_or_default())?;
        let (Some(credential), Some(date), Some(signed_headers), Some(signature)) =
            (credential, date, signed_headers, signature)
        else {
            let mut missing = parts.missing("AWS query-string parameters must include '{}'.");
            missing.retain(|text| {
                !["Expires", "Token", "Sha256"].iter().any(|optional| text.contains(optional))
            });
            return Err(SignatureError::Incomplete(missing.join(" ")));
        };
        let signed_at = instant::parse_basic(date).ok_or_else(|| not_a_date(date))?;
        let in_header = one_header(headers, "x-amz-content-sha256")?;
        Ok(Claim {
            credential: credential_in_scope(credential, signed_at)?,
            session_token: token.map(str::to_owned),
            signed_at,
            expires_in: Some(expires.map_or(Ok(DEFAULT_EXPIRY), expiry)?),
            signed_headers: signed_header_names(signed_headers, headers)?,
            signature: signature.to_owned(),
            content_sha256: sha256.or(in_header).map(str::to_owned),
        })
    }
}

/// Named parameters of which each may come once.
struct Parts<'a, const N: usize> {
    names: [&'static str; N],
    values: [Option<&'a str>; N],
}

impl<'a, const N: usize> Parts<'a, N> {
    fn set(&mut self, name: &str, value: &'a str) -> Result<(), SignatureError> {
        let Some(at) = self.names.iter().position(|known| *known == name) else { return Ok(()) };
        match self.values[at].replace(value) {
            None => Ok(()),
            Some(_) => {
                Err(SignatureError::Incomplete(format!("'{name}' is given more than once.")))
            }
        }
    }

    fn missing(&self, words: &str) -> Vec<String> {
        let absent =
            self.names.iter().zip(self.values).filter(|(_, value)| value.is_none_or(str::is_empty));
        absent.map(|(name, _)| words.replace("{}", name)).collect()
    }
}

fn known_algorithm(algorithm: &str) -> Result<(), SignatureError> {
    if algorithm == ALGORITHM {
        return Ok(());
    }
    Err(SignatureError::Incomplete(format!(
        "Unsupported AWS 'algorithm': '{algorithm}' (only {ALGORITHM} is supported)."
    )))
}

fn expiry(text: &str) -> Result<Duration, SignatureError> {
    match text.parse() {
        Ok(seconds @ 1..=LONGEST_EXPIRY) => Ok(Duration::from_secs(seconds)),
        _ => Err(SignatureError::Incomplete(format!(
            "X-Amz-Expires must be a number of seconds from 1 to {LONGEST_EXPIRY}, got '{text}'."
        ))),
    }
}

fn credential_in_scope(text: &str, signed_at: Timestamp) -> Result<Credential, SignatureError> {
    let credential = Credential::parse(text).map_err(|error| match error {
        CredentialError::Parts => SignatureError::Incomplete(format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{text}'"
        )),
        CredentialError::Terminator(found) => SignatureError::Scope(format!(
            "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{found}'."
        )),
    })?;
    let date = instant::basic(signed_at);
    let (scoped, day) = (&credential.scope.date, instant::day(&date));
    if scoped != day {
        return Err(SignatureError::Scope(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scoped}' != '{day}', from '{date}'."
        )));
    }
    Ok(credential)
}

fn signed_header_names(text: &str, headers: &HeaderMap) -> Result<Vec<String>, SignatureError> {
    let mut names: Vec<String> = text.split(';').map(str::to_ascii_lowercase).collect();
    names.sort_unstable();
    names.dedup();
    let is_signed = |name: &str| names.binary_search_by(|signed| signed.as_str().cmp(name)).is_ok();
    if !is_signed(HOST.as_str()) && !is_signed(":authority") {
        return Err(SignatureError::Scope(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned(),
        ));
    }
    // DEVIATES: the operation's name must be signed, or someone between could turn a read into a deletion.
    if headers.contains_key("x-amz-target") && !is_signed("x-amz-target") {
        return Err(SignatureError::Scope(
            "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.".to_owned(),
        ));
    }
    Ok(names)
}

fn date_header(headers: &HeaderMap) -> Result<Option<&str>, SignatureError> {
    match one_header(headers, "x-amz-date")? {
        Some(date) => Ok(Some(date)),
        None => one_header(headers, DATE.as_str()),
    }
}

fn one_header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, SignatureError> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(SignatureError::Incomplete(format!(
            "The header '{name}' is given more than once."
        )));
    }
    let text = first.to_str().map_err(|_| {
        SignatureError::Incomplete(format!(
            "The header '{name}' holds other characters than printable ASCII."
        ))
    })?;
    Ok(Some(text.trim()))
}

fn not_a_date(text: &str) -> SignatureError {
    SignatureError::Incomplete(format!(
        "Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601"
    ))
}
