//! ACM: certificates come, are shown, are used, are renewed, and go.

use std::sync::Arc;
use std::time::Duration;

use berth_aws_api::acm::{self, ops};
use berth_aws_api::{Operation, elbv2};
use berth_aws_protocol::Protocol;
use berth_control::ports::Certificates;
use berth_control::reconcile::Reconcilers;
use berth_control::tables::Record;
use berth_control::tls::{Authority, Curve, IssuedCertificate};
use berth_model::{Scope, Timestamp};
use bytes::Bytes;
use http::Uri;

use super::world::{PEER, World, some};
use crate::certificates::details;
use crate::tables::Certificate;
use crate::{Issuer, KeptCertificates};

/// Of an authority that is made for the test; the server is called `api.berth.test`.
pub fn issuer(now: Timestamp) -> Issuer {
    let key = Authority::generate_key().expect("a key");
    let certificate = Authority::certify(&key, now).expect("a certificate");
    let authority = Authority::parse(&key, &certificate).expect("its own");
    Issuer::new(Arc::new(authority), vec!["api.berth.test".to_owned()])
}

async fn try_ask<O: Operation>(world: &World, input: O::Input) -> Result<O::Output, String> {
    let uri = Uri::from_static("http://127.0.0.1:4566/");
    let request = Protocol::AwsJson11.encode_request(O::schema(), &input, &uri);
    let request = world.signed_for("acm", "ADMIN", request.expect("it can be written"));
    let answer = world.endpoint.handle(request, PEER).await;
    if answer.status() != 200 {
        let error = Protocol::AwsJson11.decode_error(&answer);
        return Err(format!("{}: {}", error.code, error.message.unwrap_or_default()));
    }
    let mut output = O::Output::default();
    let decoded = Protocol::AwsJson11.decode_response(O::schema(), &answer, &mut output);
    decoded.expect("an answer of this operation");
    Ok(output)
}

async fn ask<O: Operation>(world: &World, input: O::Input) -> O::Output {
    try_ask::<O>(world, input).await.unwrap_or_else(|refusal| panic!("{}: {refusal}", O::NAME))
}

async fn refused<O: Operation>(world: &World, input: O::Input) -> String {
    try_ask::<O>(world, input).await.err().unwrap_or_else(|| panic!("{} is done", O::NAME))
}

fn request(names: &[&str]) -> acm::RequestCertificateRequest {
    acm::RequestCertificateRequest {
        domain_name: names.first().and_then(|name| some(name)),
        subject_alternative_names: Some(names.iter().map(|name| (*name).to_owned()).collect()),
        validation_method: Some(acm::ValidationMethod::Dns),
        ..Default::default()
    }
}

async fn requested(world: &World, names: &[&str]) -> String {
    let made = ask::<ops::RequestCertificate>(world, request(names)).await;
    made.certificate_arn.expect("it has one")
}

async fn described(world: &World, arn: &str) -> acm::CertificateDetail {
    let input = acm::DescribeCertificateRequest { certificate_arn: some(arn) };
    ask::<ops::DescribeCertificate>(world, input).await.certificate.expect("it is shown")
}

fn scope() -> Scope {
    Scope::new("123456789012".parse().expect("an account"), "us-east-1".parse().expect("a region"))
}

#[tokio::test(start_paused = true)]
async fn what_is_requested_is_issued_at_once() {
    let world = World::new().await;
    let input = acm::RequestCertificateRequest {
        idempotency_token: some("once"),
        tags: Some(vec![acm::Tag { key: some("team"), value: some("shop") }]),
        ..request(&["Example.com", "*.example.com"])
    };
    let arn = ask::<ops::RequestCertificate>(&world, input.clone()).await.certificate_arn;
    let again = ask::<ops::RequestCertificate>(&world, input).await.certificate_arn;
    assert_eq!(arn, again, "a token is good for one certificate");
    let arn = arn.expect("it has one");
    let shown = described(&world, &arn).await;
    assert_eq!(shown.status, Some(acm::CertificateStatus::Issued));
    assert_eq!(shown.r#type, Some(acm::CertificateType::AmazonIssued));
    assert_eq!(shown.domain_name, some("example.com"));
    assert_eq!(shown.subject, some("CN=example.com"));
    assert_eq!(shown.key_algorithm, Some(acm::KeyAlgorithm::EcPrime256v1));
    assert_eq!(shown.signature_algorithm, some("SHA256WITHECDSA"));
    let names = Some(vec!["example.com".to_owned(), "*.example.com".to_owned()]);
    assert_eq!(shown.subject_alternative_names, names);
    let domains = shown.domain_validation_options.expect("there is one for each name");
    assert_eq!(domains.len(), 2);
    assert!(domains[0].resource_record.is_some());
    assert_eq!(domains[0].resource_record, domains[1].resource_record, "one record for both");
    let input = acm::ListTagsForCertificateRequest { certificate_arn: some(&arn) };
    let tags = ask::<ops::ListTagsForCertificate>(&world, input).await.tags;
    assert_eq!(tags, Some(vec![acm::Tag { key: some("team"), value: some("shop") }]));
    let listed = ask::<ops::ListCertificates>(&world, Default::default()).await;
    let listed = listed.certificate_summary_list.expect("a list");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].certificate_arn, some(&arn));
}

#[tokio::test(start_paused = true)]
async fn listeners_get_the_key_and_the_store_does_not() {
    let world = World::new().await;
    let arn = requested(&world, &["example.com"]).await;
    let view = world.balancing.cell.snapshot();
    let kept = KeptCertificates::new(world.balancing.sealer.clone());
    let found = kept.find(&view, &scope(), &arn).expect("it opens");
    assert_eq!(found.names, ["example.com"]);
    let input = acm::GetCertificateRequest { certificate_arn: some(&arn) };
    let shown = ask::<ops::GetCertificate>(&world, input).await;
    let (leaf, chain) = (shown.certificate.expect("PEM"), shown.certificate_chain.expect("PEM"));
    assert!(found.chain.starts_with(leaf.trim_end()) && found.chain.ends_with(&chain));
    details::check(&leaf, &found.private_key, Some(&chain), world.env.now()).expect("they match");
    let row = view.table::<Certificate>().iter().next().expect("it is there");
    let mut stored = Vec::new();
    row.encode(&mut stored);
    assert!(!stored.windows(11).any(|bytes| bytes == b"PRIVATE KEY"));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_issued_is_refused_by_name() {
    let world = World::new().await;
    for (input, refusal) in [
        (request(&["localhost"]), "ValidationException: Value 'localhost' is not a domain name"),
        (request(&["10.0.0.10"]), "ValidationException: Value '10.0.0.10' is not a domain name"),
        (request(&["api.berth.test"]), "InvalidParameterException: api.berth.test is what servers"),
        (request(&["*.berth.test"]), "InvalidParameterException: *.berth.test is what servers"),
        (
            acm::RequestCertificateRequest {
                key_algorithm: Some(acm::KeyAlgorithm::Rsa2048),
                ..request(&["example.com"])
            },
            "InvalidParameterException: Berth does not support KeyAlgorithm",
        ),
        (
            acm::RequestCertificateRequest {
                options: Some(acm::CertificateOptions {
                    export: Some(acm::CertificateExport::Enabled),
                    ..Default::default()
                }),
                ..request(&["example.com"])
            },
            "InvalidParameterException: Berth does not support Options.Export",
        ),
    ] {
        let found = refused::<ops::RequestCertificate>(&world, input).await;
        assert!(found.starts_with(refusal), "{found}");
    }
    let nothing = "arn:aws:acm:us-east-1:123456789012:certificate/none";
    let input = acm::DescribeCertificateRequest { certificate_arn: some(nothing) };
    let found = refused::<ops::DescribeCertificate>(&world, input).await;
    assert!(found.starts_with("ResourceNotFoundException"), "{found}");
}

fn import(issued: &IssuedCertificate) -> acm::ImportCertificateRequest {
    let bytes = |text: &str| Some(Bytes::from(text.to_owned()));
    acm::ImportCertificateRequest {
        certificate: bytes(&issued.certificate),
        private_key: bytes(&issued.private_key),
        certificate_chain: bytes(&issued.chain),
        ..Default::default()
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_imported_has_its_key_and_its_chain() {
    let world = World::new().await;
    let issued = |name: &str| {
        let issued =
            issuer(world.env.now()).issue(&[name.to_owned()], Curve::P384, world.env.now());
        issued.unwrap_or_else(|_| panic!("{name} is not issued"))
    };
    let (one, other) = (issued("one.example.com"), issued("other.example.com"));
    let arn = ask::<ops::ImportCertificate>(&world, import(&one)).await.certificate_arn;
    let shown = described(&world, arn.as_deref().expect("it has one")).await;
    assert_eq!(shown.r#type, Some(acm::CertificateType::Imported));
    assert_eq!(shown.key_algorithm, Some(acm::KeyAlgorithm::EcSecp384r1));
    assert_eq!(shown.domain_validation_options, None);
    let again = acm::ImportCertificateRequest { certificate_arn: arn.clone(), ..import(&other) };
    ask::<ops::ImportCertificate>(&world, again.clone()).await;
    let shown = described(&world, arn.as_deref().expect("it has one")).await;
    assert_eq!(shown.domain_name, some("other.example.com"));
    let tags = Some(vec![acm::Tag { key: some("team"), value: None }]);
    for (input, refusal) in [
        (acm::ImportCertificateRequest { tags, ..again }, "Tagging is not permitted"),
        (
            acm::ImportCertificateRequest {
                private_key: import(&other).private_key,
                ..import(&one)
            },
            "The private key does not match",
        ),
        (
            acm::ImportCertificateRequest { certificate_chain: None, ..import(&one) },
            "Provided certificate is not a valid self signed",
        ),
        (
            acm::ImportCertificateRequest {
                certificate_chain: import(&other).certificate_chain,
                ..import(&one)
            },
            "Could not validate the certificate with the certificate chain",
        ),
    ] {
        let found = refused::<ops::ImportCertificate>(&world, input).await;
        assert!(found.starts_with(&format!("ValidationException: {refusal}")), "{found}");
    }
    let input = acm::RenewCertificateRequest { certificate_arn: arn };
    let found = refused::<ops::RenewCertificate>(&world, input).await;
    assert!(found.contains("was imported"), "{found}");
}

/// One that shows this certificate.
fn listener(balancer: &str, port: i32, certificate: &str) -> elbv2::CreateListenerInput {
    let fixed = elbv2::FixedResponseActionConfig { status_code: some("200"), ..Default::default() };
    elbv2::CreateListenerInput {
        load_balancer_arn: some(balancer),
        protocol: Some(elbv2::ProtocolEnum::Https),
        port: Some(port),
        certificates: Some(vec![shown(certificate)]),
        default_actions: Some(vec![elbv2::Action {
            r#type: Some(elbv2::ActionTypeEnum::FixedResponse),
            fixed_response_config: Some(fixed),
            ..Default::default()
        }]),
        ..Default::default()
    }
}

fn shown(certificate: &str) -> elbv2::Certificate {
    elbv2::Certificate { certificate_arn: some(certificate), is_default: None }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_good_yet_is_not_imported() {
    let world = World::new().await;
    let later = world.env.now() + Duration::from_secs(30 * 24 * 60 * 60);
    let issued = issuer(later).issue(&["example.com".to_owned()], Curve::P256, later);
    let issued = issued.unwrap_or_else(|_| panic!("it is issued"));
    let found = refused::<ops::ImportCertificate>(&world, import(&issued)).await;
    assert!(found.contains("not yet valid"), "{found}");
}

#[tokio::test(start_paused = true)]
async fn what_has_expired_is_for_no_listener_and_one_that_has_it_keeps_it() {
    let world = World::new().await;
    let issued =
        issuer(world.env.now()).issue(&["example.com".to_owned()], Curve::P256, world.env.now());
    let issued = issued.unwrap_or_else(|_| panic!("it is issued"));
    let arn = ask::<ops::ImportCertificate>(&world, import(&issued)).await.certificate_arn;
    let arn = arn.expect("it has one");
    let balancer = world.balancer("web").await;
    let made = world.ask::<elbv2::ops::CreateListener>(listener(&balancer, 443, &arn)).await;
    let made = made.listeners.and_then(|mut made| made.pop()).expect("it is shown");
    tokio::time::advance(Duration::from_secs(400 * 24 * 60 * 60)).await;
    assert_eq!(described(&world, &arn).await.status, Some(acm::CertificateStatus::Expired));

    let other = requested(&world, &["example.org"]).await;
    let add = |certificate: &str| elbv2::AddListenerCertificatesInput {
        listener_arn: made.listener_arn.clone(),
        certificates: Some(vec![shown(certificate)]),
    };
    let modify = |certificate: Option<&str>| elbv2::ModifyListenerInput {
        listener_arn: made.listener_arn.clone(),
        port: Some(8443),
        certificates: certificate.map(|arn| vec![shown(arn)]),
        ..Default::default()
    };
    for refusal in [
        world.refused::<elbv2::ops::CreateListener>(listener(&balancer, 444, &arn)).await,
        world.refused::<elbv2::ops::ModifyListener>(modify(Some(&arn))).await,
        world.refused::<elbv2::ops::AddListenerCertificates>(add(&arn)).await,
    ] {
        let expected = format!("UnsupportedCertificate: The certificate '{arn}' must have");
        assert!(refusal.starts_with(&expected), "{refusal}");
    }
    world.ask::<elbv2::ops::ModifyListener>(modify(None)).await;
    world.ask::<elbv2::ops::AddListenerCertificates>(add(&other)).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_listener_shows_stays() {
    let world = World::new().await;
    let (arn, balancer) = (requested(&world, &["example.com"]).await, world.balancer("web").await);
    let input = listener(&balancer, 443, &arn);
    let made = world.ask::<elbv2::ops::CreateListener>(input).await.listeners;
    assert_eq!(described(&world, &arn).await.in_use_by, Some(vec![balancer]));
    let delete = || acm::DeleteCertificateRequest { certificate_arn: some(&arn) };
    let found = refused::<ops::DeleteCertificate>(&world, delete()).await;
    assert!(found.starts_with("ResourceInUseException"), "{found}");
    let listener = made.and_then(|mut made| made.pop()).expect("it is shown").listener_arn;
    let input = elbv2::DeleteListenerInput { listener_arn: listener };
    world.ask::<elbv2::ops::DeleteListener>(input).await;
    ask::<ops::DeleteCertificate>(&world, delete()).await;
    let found = refused::<ops::DeleteCertificate>(&world, delete()).await;
    assert!(found.starts_with("ResourceNotFoundException"), "{found}");
}

#[tokio::test(start_paused = true)]
async fn certificates_are_renewed_before_they_end() {
    let world = World::new().await;
    let mut reconcilers = Reconcilers::new(world.balancing.cell.clone(), world.env.clone());
    world.balancing.start(&mut reconcilers);
    let arn = requested(&world, &["example.com", "www.example.com"]).await;
    let first = described(&world, &arn).await;
    reconcilers.settled().await;
    assert_eq!(described(&world, &arn).await.serial, first.serial);
    tokio::time::advance(Duration::from_secs(336 * 24 * 60 * 60)).await;
    // The driver's timer first, then what it has woken.
    tokio::task::yield_now().await;
    reconcilers.settled().await;
    let second = described(&world, &arn).await;
    assert_ne!(second.serial, first.serial);
    assert_eq!(second.subject_alternative_names, first.subject_alternative_names);
    let renewal = second.renewal_summary.expect("it was renewed");
    assert_eq!(renewal.renewal_status, Some(acm::RenewalStatus::Success));
}
