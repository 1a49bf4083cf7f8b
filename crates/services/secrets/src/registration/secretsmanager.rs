//! Secrets Manager's operations.

use std::sync::Arc;

use berth_aws_api::secretsmanager::ops;
use berth_control::pipeline::{Service, ServiceBuilder};

use crate::access::secretsmanager as access;
use crate::operations::secretsmanager::*;
use crate::rates;
use crate::service::Secrets;

pub fn service(secrets: &Arc<Secrets>) -> Service {
    let builder =
        ServiceBuilder::new(secrets.clone(), access::table()).rates(rates::SECRETS_MANAGER);
    policies(rotation(versions(lifecycle(builder)))).into()
}

type Builder = ServiceBuilder<Secrets>;

fn lifecycle(builder: Builder) -> Builder {
    builder
        .operation::<ops::CreateSecret, _, _>(create_secret::create_secret)
        .operation::<ops::DeleteSecret, _, _>(delete_secret::delete_secret)
        .operation::<ops::DescribeSecret, _, _>(describe_secret::describe_secret)
        .operation::<ops::ListSecrets, _, _>(list_secrets::list_secrets)
        .operation::<ops::RestoreSecret, _, _>(restore_secret::restore_secret)
        .operation::<ops::TagResource, _, _>(tag_resource::tag_resource)
        .operation::<ops::UntagResource, _, _>(untag_resource::untag_resource)
        .operation::<ops::UpdateSecret, _, _>(update_secret::update_secret)
}

fn versions(builder: Builder) -> Builder {
    builder
        .operation::<ops::BatchGetSecretValue, _, _>(batch_get_secret_value::batch_get_secret_value)
        .operation::<ops::GetRandomPassword, _, _>(get_random_password::get_random_password)
        .operation::<ops::GetSecretValue, _, _>(get_secret_value::get_secret_value)
        .operation::<ops::ListSecretVersionIds, _, _>(
            list_secret_version_ids::list_secret_version_ids,
        )
        .operation::<ops::PutSecretValue, _, _>(put_secret_value::put_secret_value)
        .operation::<ops::UpdateSecretVersionStage, _, _>(
            update_secret_version_stage::update_secret_version_stage,
        )
}

fn rotation(builder: Builder) -> Builder {
    builder
        .operation::<ops::CancelRotateSecret, _, _>(cancel_rotate_secret::cancel_rotate_secret)
        .operation::<ops::RotateSecret, _, _>(rotate_secret::rotate_secret)
}

fn policies(builder: Builder) -> Builder {
    builder
        .operation::<ops::DeleteResourcePolicy, _, _>(
            delete_resource_policy::delete_resource_policy,
        )
        .operation::<ops::GetResourcePolicy, _, _>(get_resource_policy::get_resource_policy)
        .operation::<ops::ListResourcePolicies, _, _>(
            list_resource_policies::list_resource_policies,
        )
        .operation::<ops::PutResourcePolicy, _, _>(put_resource_policy::put_resource_policy)
        .operation::<ops::ValidateResourcePolicy, _, _>(
            validate_resource_policy::validate_resource_policy,
        )
}
