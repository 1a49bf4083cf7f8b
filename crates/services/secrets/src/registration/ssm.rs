//! Which function serves which operation of SSM that is about parameters.

use std::sync::Arc;

use berth_aws_api::ssm::ops;
use berth_control::pipeline::{Service, ServiceBuilder};

use crate::access;
use crate::operations::ssm::*;
use crate::rates;
use crate::service::Secrets;

pub fn service(secrets: &Arc<Secrets>) -> Service {
    ServiceBuilder::new(secrets.clone(), access::ssm::table())
        .rates(rates::PARAMETER_STORE)
        .operation::<ops::AddTagsToResource, _, _>(add_tags_to_resource::add_tags_to_resource)
        .operation::<ops::DeleteParameter, _, _>(delete_parameter::delete_parameter)
        .operation::<ops::DeleteParameters, _, _>(delete_parameters::delete_parameters)
        .operation::<ops::DescribeParameters, _, _>(describe_parameters::describe_parameters)
        .operation::<ops::GetParameter, _, _>(get_parameter::get_parameter)
        .operation::<ops::GetParameterHistory, _, _>(get_parameter_history::get_parameter_history)
        .operation::<ops::GetParameters, _, _>(get_parameters::get_parameters)
        .operation::<ops::GetParametersByPath, _, _>(get_parameters_by_path::get_parameters_by_path)
        .operation::<ops::LabelParameterVersion, _, _>(
            label_parameter_version::label_parameter_version,
        )
        .operation::<ops::ListTagsForResource, _, _>(list_tags_for_resource::list_tags_for_resource)
        .operation::<ops::PutParameter, _, _>(put_parameter::put_parameter)
        .operation::<ops::RemoveTagsFromResource, _, _>(
            remove_tags_from_resource::remove_tags_from_resource,
        )
        .operation::<ops::UnlabelParameterVersion, _, _>(
            unlabel_parameter_version::unlabel_parameter_version,
        )
        .into()
}
