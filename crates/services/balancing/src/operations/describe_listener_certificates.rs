//! DescribeListenerCertificates: the default one first.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_aws_protocol::page::InvalidToken;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::paging::paging;
use crate::service::Balancing;

pub async fn describe_listener_certificates(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeListenerCertificatesInput,
) -> Result<api::DescribeListenerCertificatesOutput, Failure<api::Error>> {
    let arn = input.listener_arn.unwrap_or_default();
    let paging = paging("DescribeListenerCertificates", &arn, input.page_size, input.marker)?;
    let view = balancing.cell.snapshot();
    let listener = find::listener(&view, &call.scope, &arn)?;
    let count = listener.certificates.len();
    let page = paging.cut_numbered(count, |number| api::Certificate {
        certificate_arn: listener.certificates.get(number).cloned(),
        is_default: Some(number == 0),
    });
    let page =
        page.map_err(|InvalidToken| api::Error::validation("The specified marker is invalid"))?;
    Ok(api::DescribeListenerCertificatesOutput {
        certificates: Some(page.items),
        next_marker: page.next,
    })
}
