//! What a signature is good for: one day, one region, one service.

use std::fmt;

use super::TERMINATOR;

/// An access key and the scope it signed for: `AKID/20261121/eu-west-1/ecs/aws4_request`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    pub access_key_id: String,
    pub scope: CredentialScope,
}

/// Day, region and service of a signing key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialScope {
    /// `YYYYMMDD`, in UTC.
    pub date: String,
    pub region: String,
    pub service: String,
}

/// Why a text is not a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CredentialError {
    /// Not five parts, or an empty one.
    Parts,
    /// Ends in something else than `aws4_request`.
    Terminator(String),
}

impl Credential {
    pub(super) fn parse(text: &str) -> Result<Self, CredentialError> {
        let parts: Vec<&str> = text.split('/').collect();
        let [access_key_id, date, region, service, terminator] = parts[..] else {
            return Err(CredentialError::Parts);
        };
        if parts.iter().any(|part| part.is_empty()) {
            return Err(CredentialError::Parts);
        }
        if terminator != TERMINATOR {
            return Err(CredentialError::Terminator(terminator.to_owned()));
        }
        Ok(Credential {
            access_key_id: access_key_id.to_owned(),
            scope: CredentialScope {
                date: date.to_owned(),
                region: region.to_owned(),
                service: service.to_owned(),
            },
        })
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.access_key_id, self.scope)
    }
}

impl fmt::Display for CredentialScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{TERMINATOR}", self.date, self.region, self.service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_renders_as_it_was_parsed() {
        let text = "AKIDEXAMPLE/20261121/eu-west-1/ecs/aws4_request";
        let credential = Credential::parse(text).unwrap();
        assert_eq!(credential.access_key_id, "AKIDEXAMPLE");
        assert_eq!(credential.scope.service, "ecs");
        assert_eq!(credential.to_string(), text);
    }

    #[test]
    fn what_is_not_a_credential_is_told_apart() {
        for text in [
            "",
            "AKID",
            "AKID/20261121/eu-west-1/ecs",
            "A/B/C/D/E/aws4_request",
            "//eu/ecs/aws4_request",
        ] {
            assert_eq!(Credential::parse(text), Err(CredentialError::Parts), "{text}");
        }
        assert_eq!(
            Credential::parse("AKID/20261121/eu-west-1/ecs/aws5_request"),
            Err(CredentialError::Terminator("aws5_request".to_owned()))
        );
    }
}
