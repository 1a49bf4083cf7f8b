//! Pairs of data keys are real ones, in the forms that others read.

use berth_aws_api::kms as api;
use berth_aws_api::kms::ops;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1,
    ECDSA_P384_SHA384_ASN1_SIGNING, ED25519, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
    UnparsedPublicKey, VerificationAlgorithm,
};

use super::world::World;

const TEXT: &[u8] = b"signed";

async fn pair(world: &World, spec: api::DataKeyPairSpec) -> (Vec<u8>, Vec<u8>) {
    let key_id = world.key().await.key_id;
    let input = api::GenerateDataKeyPairRequest {
        key_id: key_id.clone(),
        key_pair_spec: Some(spec),
        ..Default::default()
    };
    let made = world.ask::<ops::GenerateDataKeyPair>(input).await;
    let private = made.private_key_plaintext.expect("it is told");
    let ciphertext_blob = made.private_key_ciphertext_blob;
    let input = api::DecryptRequest { ciphertext_blob, key_id, ..Default::default() };
    assert_eq!(world.ask::<ops::Decrypt>(input).await.plaintext.as_ref(), Some(&private));
    (private.to_vec(), made.public_key.expect("it is shown").to_vec())
}

fn verifies(
    algorithm: &'static dyn VerificationAlgorithm,
    public: &[u8],
    signature: &[u8],
) -> bool {
    UnparsedPublicKey::new(algorithm, public).verify(TEXT, signature).is_ok()
}

#[tokio::test(start_paused = true)]
async fn pairs_on_curves_sign() {
    let world = World::new().await;
    let random = SystemRandom::new();
    let of_curves: [(_, &EcdsaSigningAlgorithm, &'static dyn VerificationAlgorithm, _); 2] = [
        (
            api::DataKeyPairSpec::EccNistP256,
            &ECDSA_P256_SHA256_ASN1_SIGNING,
            &ECDSA_P256_SHA256_ASN1,
            65,
        ),
        (
            api::DataKeyPairSpec::EccNistP384,
            &ECDSA_P384_SHA384_ASN1_SIGNING,
            &ECDSA_P384_SHA384_ASN1,
            97,
        ),
    ];
    for (spec, signing, verifying, point) in of_curves {
        let (private, public) = pair(&world, spec).await;
        let signature = EcdsaKeyPair::from_pkcs8(signing, &private, &random)
            .and_then(|pair| pair.sign(&random, TEXT).map_err(|_| unreachable!("it signs")))
            .expect("a private key");
        // DER: what is left after the head, whose second byte counts the rest.
        assert_eq!(usize::from(public[1]) + 2, public.len());
        assert!(verifies(verifying, &public[public.len() - point..], signature.as_ref()));
    }
    let (private, public) = pair(&world, api::DataKeyPairSpec::EccNistEdwards25519).await;
    let signature = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&private).unwrap().sign(TEXT);
    assert_eq!((private.len(), public.len()), (48, 44));
    assert!(verifies(&ED25519, &public[12..], signature.as_ref()));
}

#[tokio::test(start_paused = true)]
async fn other_pairs_are_refused_by_name() {
    let world = World::new().await;
    let input = api::GenerateDataKeyPairWithoutPlaintextRequest {
        key_id: world.key().await.key_id,
        key_pair_spec: Some(api::DataKeyPairSpec::Rsa2048),
        ..Default::default()
    };
    let refusal = world.refused::<ops::GenerateDataKeyPairWithoutPlaintext>(input).await;
    assert_eq!(refusal.code, "UnsupportedOperationException");
    assert!(refusal.message.starts_with("KeyPairSpec RSA_2048"), "{refusal:?}");
}
