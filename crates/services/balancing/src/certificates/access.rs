//! What each call wants: a certificate by its ARN.
//!
//! AWS: the Service Authorization Reference, "AWS Certificate Manager".

use berth_aws_api::acm as api;
use berth_aws_api::acm::ops;
use berth_control::pipeline::access::{AccessTable, Asking, Resource};
use berth_model::{Scope, Tags};

use super::{find, tagging};
use crate::service::Balancing;

type Ask<'a> = Asking<'a, Balancing>;

pub fn table() -> AccessTable<Balancing> {
    AccessTable::new("acm")
        .operation::<ops::ListCertificates>(|_, _| {})
        .operation::<ops::AddTagsToCertificate>(|ask, input| {
            certificate(ask, &input.certificate_arn);
            ask.wants.request_tags(tags(&input.tags));
        })
        .operation::<ops::DeleteCertificate>(|ask, input| certificate(ask, &input.certificate_arn))
        .operation::<ops::DescribeCertificate>(|ask, input| {
            certificate(ask, &input.certificate_arn);
        })
        .operation::<ops::GetCertificate>(|ask, input| certificate(ask, &input.certificate_arn))
        .operation::<ops::ImportCertificate>(|ask, input| {
            match &input.certificate_arn {
                None => made(ask),
                again => certificate(ask, again),
            }
            ask.wants.request_tags(tags(&input.tags));
        })
        .operation::<ops::ListTagsForCertificate>(|ask, input| {
            certificate(ask, &input.certificate_arn);
        })
        .operation::<ops::ListTagsForResource>(|ask, input| certificate(ask, &input.resource_arn))
        .operation::<ops::RemoveTagsFromCertificate>(|ask, input| {
            certificate(ask, &input.certificate_arn);
            let keys = input.tags.iter().flatten().filter_map(|tag| tag.key.clone());
            ask.wants.untagged(&keys.collect::<Vec<_>>());
        })
        .operation::<ops::RenewCertificate>(|ask, input| certificate(ask, &input.certificate_arn))
        .operation::<ops::RequestCertificate>(|ask, input| {
            made(ask);
            let others = input.subject_alternative_names.iter().flatten();
            let names: Vec<String> = input.domain_name.iter().chain(others).cloned().collect();
            ask.wants.key("acm:DomainNames", names);
            let method = input.validation_method.as_ref().map(|method| method.as_str());
            ask.wants.key_if("acm:ValidationMethod", method);
            let algorithm = input.key_algorithm.as_ref().map(|algorithm| algorithm.as_str());
            ask.wants.key_if("acm:KeyAlgorithm", algorithm);
            ask.wants.request_tags(tags(&input.tags));
        })
        .operation::<ops::TagResource>(|ask, input| {
            certificate(ask, &input.resource_arn);
            ask.wants.request_tags(tags(&input.tags));
        })
        .operation::<ops::UntagResource>(|ask, input| {
            certificate(ask, &input.resource_arn);
            ask.wants.untagged(input.tag_keys.as_deref().unwrap_or_default());
        })
        .operation::<ops::UpdateCertificateOptions>(|ask, input| {
            certificate(ask, &input.certificate_arn);
        })
}

/// The one that has the ARN, with its tags. What is not there is judged by what it was called.
fn certificate(ask: &mut Ask<'_>, arn: &Option<String>) {
    let arn = arn.as_deref().unwrap_or_default();
    let view = ask.call.view(&ask.service.cell).clone();
    let found = find::find(&view, &ask.call.scope, arn);
    let tags = found.map(|found| found.tags.clone()).unwrap_or_default();
    ask.wants.on(Resource::new(arn).tagged(&tags));
}

/// One that the call makes: nobody knows its id yet.
fn made(ask: &mut Ask<'_>) {
    let Scope { partition, account, region } = &ask.call.scope;
    let arn = format!("arn:{partition}:acm:{region}:{account}:certificate/*");
    ask.wants.on(Resource::new(arn));
}

fn tags(given: &Option<Vec<api::Tag>>) -> Tags {
    tagging::pairs(given.clone()).collect()
}
