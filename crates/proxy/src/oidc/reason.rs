//! Why a user could not be authenticated: ELB's words for access logs, what the client is answered, and what it counts as.

use http::StatusCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    InvalidCookie,
    /// The code, or the refresh token, is not taken (any more).
    InvalidGrant,
    InvalidIdToken,
    InvalidNonce,
    InvalidState,
    InvalidTokenResponse,
    InvalidUserInfo,
    MissingCode,
    MissingHost,
    MissingNonce,
    MissingState,
    /// The issuer let the user go no further, by this word of OAuth's or another one.
    Denied,
    Refused,
    TokenRefused,
    TokenUnreachable,
    UserInfoRefused,
    UserInfoUnreachable,
    TooLarge,
    /// It is our own fault.
    Unhandled,
}

/// The metric that it counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Failure,
    Error,
    TooLarge,
}

impl Reason {
    /// As access logs have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Reason::InvalidCookie => "AuthInvalidCookie",
            Reason::InvalidGrant => "AuthInvalidGrantError",
            Reason::InvalidIdToken => "AuthInvalidIdToken",
            Reason::InvalidNonce => "AuthInvalidAWSALBAuthNonce",
            Reason::InvalidState => "AuthInvalidStateParam",
            Reason::InvalidTokenResponse => "AuthInvalidTokenResponse",
            Reason::InvalidUserInfo => "AuthInvalidUserinfoResponse",
            Reason::MissingCode | Reason::Denied | Reason::Refused => "AuthMissingCodeParam",
            Reason::MissingHost => "AuthMissingHostHeader",
            Reason::MissingNonce => "AuthMissingAWSALBAuthNonce",
            Reason::MissingState => "AuthMissingStateParam",
            Reason::TokenRefused => "AuthTokenEpRequestFailed",
            Reason::TokenUnreachable => "AuthTokenEpRequestTimeout",
            Reason::UserInfoRefused => "AuthUserinfoEpRequestFailed",
            Reason::UserInfoUnreachable => "AuthUserinfoEpRequestTimeout",
            Reason::TooLarge => "AuthUserinfoResponseSizeExceeded",
            Reason::Unhandled => "AuthUnhandledException",
        }
    }

    /// AWS: 561 is what the issuer answered with an error, 500 what never was answered or is too much, 401 all that is
    /// wrong about what came.
    pub(crate) fn status(self) -> StatusCode {
        const ISSUER_REFUSED: u16 = 561;
        match self {
            Reason::InvalidGrant
            | Reason::Refused
            | Reason::TokenRefused
            | Reason::UserInfoRefused => {
                StatusCode::from_u16(ISSUER_REFUSED).expect("it has three digits")
            }
            Reason::TokenUnreachable
            | Reason::UserInfoUnreachable
            | Reason::TooLarge
            | Reason::Unhandled => StatusCode::INTERNAL_SERVER_ERROR,
            Reason::InvalidCookie
            | Reason::InvalidIdToken
            | Reason::InvalidNonce
            | Reason::InvalidState
            | Reason::InvalidTokenResponse
            | Reason::InvalidUserInfo
            | Reason::MissingCode
            | Reason::MissingHost
            | Reason::MissingNonce
            | Reason::MissingState
            | Reason::Denied => StatusCode::UNAUTHORIZED,
        }
    }

    pub(crate) fn family(self) -> Family {
        match self {
            Reason::InvalidCookie
            | Reason::InvalidGrant
            | Reason::InvalidIdToken
            | Reason::InvalidNonce
            | Reason::InvalidState
            | Reason::InvalidTokenResponse
            | Reason::InvalidUserInfo
            | Reason::MissingCode
            | Reason::MissingNonce
            | Reason::MissingState
            | Reason::Denied
            | Reason::Refused => Family::Failure,
            Reason::MissingHost
            | Reason::TokenRefused
            | Reason::TokenUnreachable
            | Reason::UserInfoRefused
            | Reason::UserInfoUnreachable
            | Reason::Unhandled => Family::Error,
            Reason::TooLarge => Family::TooLarge,
        }
    }
}
