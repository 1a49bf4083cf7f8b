//! Another data key, before its time: `POST /_berth/kms/data-key`.
//!
//! A data key seals the material of KMS's keys, and no call of AWS's is about it. The answer says which one is replaced.

use std::sync::Arc;

use berth_control::cell::{Transaction, WriteError};
use berth_control::pipeline::{Call, CommonError};
use berth_control::sealing::ask_for_another;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};

use crate::service::Secrets;

pub const PATH: &str = "/_berth/kms/data-key";

/// What policies and the audit call it.
pub const ACTION: &str = "RotateDataKey";

pub async fn rotate(
    secrets: Arc<Secrets>,
    _: Call,
    _: Request<Bytes>,
) -> Result<Response<Bytes>, CommonError> {
    let none = || CommonError::Internal("There is no data key.".to_owned());
    let ask = move |tx: &mut Transaction| ask_for_another(tx).ok_or_else(none);
    let replaced = secrets.cell.write(ask).await.map_err(|error| match error {
        WriteError::Aborted(error) => error,
        error => {
            tracing::error!(%error, "a new data key could not be asked for");
            CommonError::Unavailable(
                "Nothing can be written now. Try again in a moment.".to_owned(),
            )
        }
    })?;
    let body = serde_json::json!({ "Replaced": replaced }).to_string();
    let mut response = Response::new(Bytes::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
