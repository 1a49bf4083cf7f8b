//! Which function serves which operation of KMS.

use std::sync::Arc;

use berth_aws_api::kms::ops;
use berth_control::pipeline::{Service, ServiceBuilder};

use crate::access;
use crate::operations::kms::*;
use crate::service::Secrets;

pub fn service(secrets: &Arc<Secrets>) -> Service {
    ServiceBuilder::new(secrets.clone(), access::kms())
        .operation::<ops::CreateKey, _, _>(create_key::create_key)
        .operation::<ops::DescribeKey, _, _>(describe_key::describe_key)
        .into()
}
