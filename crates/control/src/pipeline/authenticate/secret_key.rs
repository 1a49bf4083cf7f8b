//! A secret access key, with what was derived from it lately.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use berth_aws_protocol::sigv4::{CredentialScope, SigningKey};
use zeroize::Zeroizing;

/// Of signing keys: one for each service and region of a day.
const KEPT: usize = 4;

/// Clones share the signing keys that were derived, so a source that gives the same one again saves their deriving. They
/// are gone with the last clone: whoever takes a key away has nothing else to forget.
#[derive(Clone)]
pub struct SecretKey(Arc<Inner>);

struct Inner {
    text: Zeroizing<String>,
    /// The latest first.
    derived: Mutex<[Option<(CredentialScope, SigningKey)>; KEPT]>,
}

impl SecretKey {
    /// The key that signs in this scope.
    pub fn signing_key(&self, scope: &CredentialScope) -> SigningKey {
        let derived = || self.0.derived.lock().unwrap_or_else(PoisonError::into_inner);
        let known =
            derived().iter().flatten().find(|(of, _)| of == scope).map(|(_, key)| key.clone());
        known.unwrap_or_else(|| {
            let key = SigningKey::derive(&self.0.text, scope);
            let mut derived = derived();
            derived.rotate_right(1);
            derived[0] = Some((scope.clone(), key.clone()));
            key
        })
    }
}

impl From<&str> for SecretKey {
    fn from(text: &str) -> Self {
        let text = Zeroizing::new(text.to_owned());
        SecretKey(Arc::new(Inner { text, derived: Mutex::default() }))
    }
}

impl PartialEq for SecretKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for SecretKey {}

/// Never shows the key.
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(<hidden>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(region: usize) -> CredentialScope {
        CredentialScope {
            date: "20261121".to_owned(),
            region: format!("region-{region}"),
            service: "ecs".to_owned(),
        }
    }

    #[test]
    fn each_scope_has_its_own_signing_key_remembered_or_not() {
        let key = SecretKey::from("secret");
        for region in [0, 1, 0, 2, 3, 4, 5, 0, 5] {
            let derived = SigningKey::derive("secret", &scope(region));
            assert_eq!(key.clone().signing_key(&scope(region)), derived);
            let latest = key.0.derived.lock().unwrap();
            assert!(latest.iter().flatten().any(|(of, _)| *of == scope(region)));
            assert!(latest.iter().flatten().count() <= KEPT);
        }
    }

    #[test]
    fn nothing_shows_the_key() {
        assert_eq!(format!("{:?}", SecretKey::from("secret")), "SecretKey(<hidden>)");
    }
}
