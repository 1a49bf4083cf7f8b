//! How far a request is from what every server reads alike, in ELB's words.
//!
//! DEVIATES: a request that ELB calls severe is refused in every mode, the one that only watches included: nobody can say where it ends.

use berth_proxy_protocol::DesyncMitigation;
use http::StatusCode;

/// What access logs keep of a request that is refused before it is read.
const LINE_BYTES: usize = 1024;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::front) enum Class {
    #[default]
    Compliant,
    /// Not as it should be, and no risk.
    Acceptable,
    /// Some may read it in another way.
    Ambiguous,
    Severe,
}

/// ELB's reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::front) enum Reason {
    AmbiguousUri,
    BadContentLength,
    BadHeader,
    BadMethod,
    BadTransferEncoding,
    BadUri,
    BadVersion,
    BothTeClPresent,
    DuplicateContentLength,
    EmptyHeader,
    GetHeadZeroContentLength,
    MultipleContentLength,
    MultipleTransferEncodingChunked,
    NonCompliantHeader,
    NonCompliantVersion,
    SpaceInUri,
    SuspiciousHeader,
    SuspiciousTeClPresent,
    UndefinedContentLengthSemantics,
    UndefinedTransferEncodingSemantics,
}

/// What became of a request's head.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::front) struct Verdict {
    pub(in crate::front) class: Class,
    pub(in crate::front) reason: Option<Reason>,
    /// What is answered, if it is refused.
    pub(in crate::front) refusal: Option<StatusCode>,
    /// The first line of one that is refused.
    pub(in crate::front) line: Option<Box<str>>,
    /// Whether headers were left out whose names are no names.
    pub(in crate::front) dropped_headers: bool,
    /// Whether connections that it came by and went by are closed after it.
    pub(in crate::front) closes: bool,
    pub(in crate::front) head_bytes: usize,
}

impl Reason {
    pub(in crate::front) fn class(self) -> Class {
        match self {
            Reason::GetHeadZeroContentLength
            | Reason::NonCompliantHeader
            | Reason::NonCompliantVersion
            | Reason::SpaceInUri => Class::Acceptable,
            Reason::AmbiguousUri
            | Reason::BothTeClPresent
            | Reason::DuplicateContentLength
            | Reason::EmptyHeader
            | Reason::SuspiciousHeader
            | Reason::UndefinedContentLengthSemantics
            | Reason::UndefinedTransferEncodingSemantics => Class::Ambiguous,
            Reason::BadContentLength
            | Reason::BadHeader
            | Reason::BadMethod
            | Reason::BadTransferEncoding
            | Reason::BadUri
            | Reason::BadVersion
            | Reason::MultipleContentLength
            | Reason::MultipleTransferEncodingChunked
            | Reason::SuspiciousTeClPresent => Class::Severe,
        }
    }
}

impl Class {
    /// As access logs say it.
    pub(in crate::front) fn as_str(self) -> &'static str {
        match self {
            Class::Compliant => "-",
            Class::Acceptable => "Acceptable",
            Class::Ambiguous => "Ambiguous",
            Class::Severe => "Severe",
        }
    }
}

impl Verdict {
    /// The worst reason counts, and of several the first.
    pub(super) fn note(&mut self, reason: Reason) {
        if reason.class() > self.class {
            self.class = reason.class();
            self.reason = Some(reason);
        }
    }

    /// What a mode makes of it.
    pub(super) fn judge(&mut self, mitigation: DesyncMitigation) {
        let is_refused = match mitigation {
            DesyncMitigation::Monitor | DesyncMitigation::Defensive => self.class == Class::Severe,
            DesyncMitigation::Strictest => self.class != Class::Compliant,
        };
        if is_refused && self.refusal.is_none() {
            self.refusal = Some(StatusCode::BAD_REQUEST);
        }
        self.closes = self.class == Class::Ambiguous && mitigation == DesyncMitigation::Defensive;
    }

    pub(super) fn refused(status: StatusCode, raw: &[u8]) -> Verdict {
        let mut verdict = Verdict { refusal: Some(status), ..Verdict::default() };
        verdict.keep_line(raw);
        verdict
    }

    pub(super) fn keep_line(&mut self, raw: &[u8]) {
        self.head_bytes = raw.len();
        let line = raw.split(|byte| matches!(byte, b'\r' | b'\n')).find(|line| !line.is_empty());
        let line = line.unwrap_or_default();
        let line = &line[..line.len().min(LINE_BYTES)];
        self.line = Some(String::from_utf8_lossy(line).into());
    }
}
