//! TLS of listeners, kept for as long as what it is made from is the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use berth_proxy_protocol::{
    Certificate, ClientAuthentication, Configuration, Listener, SecurityPolicy, TrustStore,
};

use super::Tls;

/// By the listener's ARN.
#[derive(Default)]
pub(crate) struct Kept(Mutex<BTreeMap<String, (Inputs, Arc<Tls>)>>);

/// All that matters.
#[derive(PartialEq)]
struct Inputs {
    certificates: Vec<Option<Certificate>>,
    policy: Option<SecurityPolicy>,
    client_authentication: ClientAuthentication,
    trust_store: Option<TrustStore>,
    protocols: Vec<Vec<u8>>,
}

impl Inputs {
    fn of(listener: &Listener, protocols: &[&[u8]], configuration: &Configuration) -> Inputs {
        let certificate =
            |arn: &String| configuration.certificates.iter().find(|it| it.arn == *arn).cloned();
        let trust_store = match &listener.client_authentication {
            ClientAuthentication::Verify { trust_store, .. } => {
                configuration.trust_stores.iter().find(|it| it.arn == *trust_store).cloned()
            }
            _ => None,
        };
        Inputs {
            certificates: listener.certificates.iter().map(certificate).collect(),
            policy: listener.security_policy.clone(),
            client_authentication: listener.client_authentication.clone(),
            trust_store,
            protocols: protocols.iter().map(|protocol| protocol.to_vec()).collect(),
        }
    }
}

impl Kept {
    /// What this listener had, or what it needs now.
    pub(crate) fn tls(
        &self,
        listener: &Listener,
        protocols: &[&[u8]],
        configuration: &Configuration,
    ) -> Result<Arc<Tls>, String> {
        let inputs = Inputs::of(listener, protocols, configuration);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((before, tls)) = kept.get(&listener.arn)
            && *before == inputs
        {
            return Ok(Arc::clone(tls));
        }
        let tls = Arc::new(Tls::new(listener, protocols, configuration)?);
        kept.insert(listener.arn.clone(), (inputs, Arc::clone(&tls)));
        Ok(tls)
    }

    /// Forgets listeners that are no more.
    pub(crate) fn retain(&self, is_listener: impl Fn(&str) -> bool) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|arn, _| is_listener(arn));
    }
}
