//! The objects that requests name: text, of no more than a megabyte or so.

use berth_control::pipeline::Failure;

use crate::service::Balancing;
use berth_aws_api::elbv2 as api;

/// DEVIATES: larger objects than 4 MiB are refused: a trust store's contents are sent to every proxy. AWS takes 1,000
/// certificates of up to 16 KiB each.
const LARGEST: usize = 4 << 20;

pub struct Object {
    pub bucket: Option<String>,
    pub key: Option<String>,
    pub version: Option<String>,
}

/// `None` if there is no such object; an error of the service if it is no text of that size.
pub async fn read(
    balancing: &Balancing,
    object: &Object,
    damaged: fn(String) -> api::Error,
) -> Result<Option<String>, Failure<api::Error>> {
    let bucket = object.bucket.as_deref().unwrap_or_default();
    let key = object.key.as_deref().unwrap_or_default();
    let found = balancing.neighbours.objects.get(bucket, key, object.version.as_deref());
    let Some(bytes) = found.await.map_err(Failure::internal)? else { return Ok(None) };
    if bytes.len() > LARGEST {
        return Err(damaged(format!("The object '{key}' is larger than {LARGEST} bytes")).into());
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(damaged(format!("The object '{key}' is not PEM")).into()),
    }
}

/// What is told of an object that is not there.
pub fn missing(what: &str, object: &Object) -> String {
    let bucket = object.bucket.as_deref().unwrap_or_default();
    let key = object.key.as_deref().unwrap_or_default();
    format!(
        "The specified {what} 's3://{bucket}/{key}' does not exist: objects are read from the folder `buckets` of the server's data directory"
    )
}
