//! Which function serves which operation of ACM.

use std::sync::Arc;

use berth_aws_api::acm::ops;
use berth_control::pipeline::{Service, ServiceBuilder};

use super::{access, rates};
use crate::operations::acm::*;
use crate::service::Balancing;

pub fn service(balancing: &Arc<Balancing>) -> Service {
    ServiceBuilder::new(balancing.clone(), access::table())
        .rates(rates::ACM)
        .operation::<ops::AddTagsToCertificate, _, _>(
            add_tags_to_certificate::add_tags_to_certificate,
        )
        .operation::<ops::DeleteCertificate, _, _>(delete_certificate::delete_certificate)
        .operation::<ops::DescribeCertificate, _, _>(describe_certificate::describe_certificate)
        .operation::<ops::GetCertificate, _, _>(get_certificate::get_certificate)
        .operation::<ops::ImportCertificate, _, _>(import_certificate::import_certificate)
        .operation::<ops::ListCertificates, _, _>(list_certificates::list_certificates)
        .operation::<ops::ListTagsForCertificate, _, _>(
            list_tags_for_certificate::list_tags_for_certificate,
        )
        .operation::<ops::ListTagsForResource, _, _>(list_tags_for_resource::list_tags_for_resource)
        .operation::<ops::RemoveTagsFromCertificate, _, _>(
            remove_tags_from_certificate::remove_tags_from_certificate,
        )
        .operation::<ops::RenewCertificate, _, _>(renew_certificate::renew_certificate)
        .operation::<ops::RequestCertificate, _, _>(request_certificate::request_certificate)
        .operation::<ops::TagResource, _, _>(tag_resource::tag_resource)
        .operation::<ops::UntagResource, _, _>(untag_resource::untag_resource)
        .operation::<ops::UpdateCertificateOptions, _, _>(
            update_certificate_options::update_certificate_options,
        )
        .into()
}
