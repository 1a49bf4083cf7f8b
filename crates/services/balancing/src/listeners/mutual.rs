//! What is made of clients' certificates.

use berth_aws_api::elbv2 as api;
use berth_control::tables::View;
use berth_model::Scope;

use crate::find;
use crate::tables::{MutualAuthentication, Protocol, TrustStore};

pub fn accept(
    view: &impl View,
    scope: &Scope,
    protocol: Protocol,
    given: api::MutualAuthenticationAttributes,
) -> Result<MutualAuthentication, api::Error> {
    let invalid = |message: &str| Err(api::Error::validation(message));
    if protocol != Protocol::Https {
        return invalid("Mutual authentication is supported only on HTTPS listeners");
    }
    if given.advertise_trust_store_ca_names == Some(api::AdvertiseTrustStoreCaNamesEnum::On) {
        return invalid("AdvertiseTrustStoreCaNames is not supported");
    }
    let mode = given.mode.as_deref().unwrap_or("off");
    if mode != "verify" {
        if given.trust_store_arn.as_ref().is_some_and(|arn| !arn.is_empty()) {
            return invalid(
                "A trust store can be specified only with mutual authentication mode 'verify'",
            );
        }
        if given.ignore_client_certificate_expiry == Some(true) {
            return invalid(
                "IgnoreClientCertificateExpiry can be set only with mutual authentication mode 'verify'",
            );
        }
    }
    match mode {
        "off" => Ok(MutualAuthentication::Off),
        "passthrough" => Ok(MutualAuthentication::Passthrough),
        "verify" => {
            let Some(arn) = &given.trust_store_arn else {
                return invalid(
                    "A trust store must be specified with mutual authentication mode 'verify'",
                );
            };
            Ok(MutualAuthentication::Verify {
                trust_store: find::trust_store(view, scope, arn)?.id,
                ignore_expiry: given.ignore_client_certificate_expiry.unwrap_or(false),
            })
        }
        other => Err(api::Error::validation(format!(
            "Mutual authentication mode '{other}' must be one of 'off, passthrough, verify'"
        ))),
    }
}

pub fn render(
    view: &impl View,
    mutual: &MutualAuthentication,
) -> api::MutualAuthenticationAttributes {
    let (mode, store, expiry, advertise) = match mutual {
        MutualAuthentication::Off => ("off", None, None, None),
        MutualAuthentication::Passthrough => ("passthrough", None, None, None),
        MutualAuthentication::Verify { trust_store, ignore_expiry } => {
            let advertise = Some(api::AdvertiseTrustStoreCaNamesEnum::Off);
            ("verify", view.get::<TrustStore>(trust_store), Some(*ignore_expiry), advertise)
        }
    };
    api::MutualAuthenticationAttributes {
        mode: Some(mode.to_owned()),
        trust_store_arn: store.map(TrustStore::arn),
        ignore_client_certificate_expiry: expiry,
        trust_store_association_status: store.map(|_| api::TrustStoreAssociationStatusEnum::Active),
        advertise_trust_store_ca_names: advertise,
    }
}
