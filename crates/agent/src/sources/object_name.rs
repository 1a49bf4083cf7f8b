//! An S3 object's ARN, as task definitions name files.

use std::fmt;

/// `arn:aws:s3:::bucket/key`: neither region nor account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectName {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

/// A text that names no object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the ARN of an S3 object, such as arn:aws:s3:::bucket/key")]
pub(crate) struct NotAnObject(String);

impl std::str::FromStr for ObjectName {
    type Err = NotAnObject;

    fn from_str(arn: &str) -> Result<Self, NotAnObject> {
        let parts = || {
            let (partition, object) = arn.strip_prefix("arn:")?.split_once(":s3:::")?;
            let (bucket, key) = object.split_once('/')?;
            let is_whole = !partition.is_empty() && !bucket.is_empty() && !key.is_empty();
            is_whole.then(|| Self { bucket: bucket.to_owned(), key: key.to_owned() })
        };
        parts().ok_or_else(|| NotAnObject(arn.to_owned()))
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.bucket, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_hold_slashes_and_more() {
        let name: ObjectName = "arn:aws-cn:s3:::b-1/dir/a:b.env".parse().unwrap();
        assert_eq!((name.bucket.as_str(), name.key.as_str()), ("b-1", "dir/a:b.env"));
    }

    #[test]
    fn what_names_no_object_is_told() {
        for text in
            ["", "b/k", "arn:aws:s3:::b", "arn:aws:s3:::b/", "arn:aws:s3:::/k", "arn:aws:ec2:::b/k"]
        {
            let error = text.parse::<ObjectName>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")), "{error}");
        }
    }
}
