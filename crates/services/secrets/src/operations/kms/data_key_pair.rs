//! Pairs of data keys: a private key that is kept encrypted, and its public key.
//!
//! DEVIATES: pairs are on NIST's curves P-256 and P-384, or Ed25519; RSA, P-521, secp256k1, SM2 and ML-KEM are refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};
use bytes::Bytes;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
};
use zeroize::Zeroizing;

use super::request;
use crate::keys::Vault;
use crate::service::Secrets;
use crate::tables::Key;

/// In front of the point of a public key, so that it is a SubjectPublicKeyInfo (RFC 5480, RFC 8410).
const P256: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
const P384: &[u8] =
    b"\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x62\x00";
const ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
/// In front of a seed, so that it is a PrivateKeyInfo (RFC 8410).
const ED25519_PRIVATE: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

/// What both operations are asked.
pub struct Wanted {
    pub key_id: Option<String>,
    pub context: Option<BTreeMap<String, String>>,
    pub spec: Option<api::DataKeyPairSpec>,
    pub grant_tokens: Option<Vec<String>>,
    pub dry_run: Option<bool>,
}

pub struct DataKeyPair {
    pub pair: Pair,
    pub private_ciphertext: Bytes,
    pub spec: api::DataKeyPairSpec,
    pub under: Key,
}

/// Both in DER.
pub struct Pair {
    /// PKCS #8.
    pub private: Zeroizing<Vec<u8>>,
    /// SubjectPublicKeyInfo.
    pub public: Vec<u8>,
}

pub async fn generate(
    secrets: &Arc<Secrets>,
    call: &Call,
    wanted: Wanted,
) -> Result<DataKeyPair, Failure<api::Error>> {
    request::no_grants(&wanted.grant_tokens)?;
    let spec = wanted.spec.unwrap_or_default();
    let pair = pair(&secrets.vault, &spec)?;
    let name = wanted.key_id.unwrap_or_default();
    let under = request::find_or_make(secrets, &call.scope, &name).await?;
    let context = wanted.context.into();
    let private_ciphertext = secrets.vault.seal_under(&under, &context, &pair.private)?.into();
    request::dry_run(wanted.dry_run)?;
    Ok(DataKeyPair { pair, private_ciphertext, spec, under })
}

fn pair(vault: &Vault, spec: &api::DataKeyPairSpec) -> Result<Pair, Failure<api::Error>> {
    match spec {
        api::DataKeyPairSpec::EccNistP256 => on_curve(&ECDSA_P256_SHA256_ASN1_SIGNING, P256),
        api::DataKeyPairSpec::EccNistP384 => on_curve(&ECDSA_P384_SHA384_ASN1_SIGNING, P384),
        api::DataKeyPairSpec::EccNistEdwards25519 => {
            let seed = vault.random(32);
            let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(broken)?;
            let private = Zeroizing::new([ED25519_PRIVATE, &seed].concat());
            Ok(Pair { private, public: [ED25519, pair.public_key().as_ref()].concat() })
        }
        other => Err(api::Error::unsupported_operation(format!(
            "KeyPairSpec {} is not supported: ECC_NIST_P256, ECC_NIST_P384 and ECC_NIST_EDWARDS25519 are.",
            other.as_str()
        ))
        .into()),
    }
}

/// The operating system's randomness, whatever the environment says: the library takes no other.
fn on_curve(
    algorithm: &'static EcdsaSigningAlgorithm,
    head: &[u8],
) -> Result<Pair, Failure<api::Error>> {
    let random = SystemRandom::new();
    let private = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(broken)?;
    let private = Zeroizing::new(private.as_ref().to_vec());
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, &private, &random).map_err(broken)?;
    Ok(Pair { private, public: [head, pair.public_key().as_ref()].concat() })
}

fn broken<E: std::fmt::Display>(cause: E) -> Failure<api::Error> {
    Failure::internal(anyhow::anyhow!("a pair of keys cannot be made: {cause}"))
}
