//! Who a request comes from.

use std::fmt;
use std::sync::Arc;

/// Who sent a request, and by which access key that was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    pub kind: PrincipalKind,
    /// `None` only for requests without any signature.
    pub access_key_id: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalKind {
    /// The holder of the account's own key.
    Administrator,
    /// An agent, by the credentials that were issued to its host.
    Agent { host: Arc<str> },
    /// Nobody proved anything: `--auth open`, or an operation that AWS serves unsigned.
    Anonymous,
}

impl Principal {
    /// Nobody in particular.
    pub const ANONYMOUS: Principal =
        Principal { kind: PrincipalKind::Anonymous, access_key_id: None };

    pub fn is_agent(&self) -> bool {
        matches!(self.kind, PrincipalKind::Agent { .. })
    }
}

/// For logs: the kind and, if there is one, the access key's id, which is no secret.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            PrincipalKind::Administrator => f.write_str("administrator")?,
            PrincipalKind::Agent { host } => write!(f, "agent:{host}")?,
            PrincipalKind::Anonymous => f.write_str("anonymous")?,
        }
        match &self.access_key_id {
            Some(id) => write!(f, "/{id}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_told_with_its_key() {
        let agent = Principal {
            kind: PrincipalKind::Agent { host: "host-1".into() },
            access_key_id: Some("AKIDAGENT".into()),
        };
        assert_eq!(agent.to_string(), "agent:host-1/AKIDAGENT");
        assert!(agent.is_agent());
        assert_eq!(Principal::ANONYMOUS.to_string(), "anonymous");
    }
}
