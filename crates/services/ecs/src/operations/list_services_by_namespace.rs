//! ListServicesByNamespace: the services of a Cloud Map namespace.
//!
//! There are no namespaces yet, since `serviceConnectConfiguration` is refused: so none is ever found.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::Paging;
use crate::service::Ecs;

const UNLESS_SAID: i32 = 10;
const MOST: i32 = 100;

pub async fn list_services_by_namespace(
    _ecs: Arc<Ecs>,
    call: Call,
    input: api::ListServicesByNamespaceRequest,
) -> Result<api::ListServicesByNamespaceResponse, Failure<api::Error>> {
    let namespace = input.namespace.unwrap_or_default();
    // A page is asked for properly even where there is none.
    Paging::<String>::of_sizes(
        UNLESS_SAID,
        MOST,
        "ListServicesByNamespace",
        &(&call.scope, &namespace),
        input.max_results,
        input.next_token,
    )?;
    let message = format!("The namespace `{namespace}` was not found.");
    Err(api::Error::namespace_not_found(message).into())
}
