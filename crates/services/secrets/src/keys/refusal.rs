//! Why a key does not do what is asked of it, whoever asks. Each service has its own errors for it.

use berth_aws_api::kms as api;
use berth_control::pipeline::Failure;
use berth_control::sealing::Unsealing;

/// The texts are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    #[error("{0}")]
    NotFound(String),
    #[error("{0}")]
    InvalidArn(String),
    #[error("{0} is disabled.")]
    Disabled(String),
    #[error("{0} is pending deletion.")]
    PendingDeletion(String),
    /// It was changed, is of another world, or was about something else.
    #[error(
        "The ciphertext cannot be opened: it is damaged, or its encryption context is another."
    )]
    InvalidCiphertext,
    #[error("The key ID in the request does not identify a CMK that can perform this operation.")]
    IncorrectKey,
    /// Ours: the material cannot be had.
    #[error("The key's material cannot be read.")]
    Damaged(Unsealing),
}

/// As KMS itself tells it.
impl From<KeyRefusal> for Failure<api::Error> {
    fn from(refusal: KeyRefusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            KeyRefusal::NotFound(_) => api::Error::not_found(message).into(),
            KeyRefusal::InvalidArn(_) => api::Error::invalid_arn(message).into(),
            KeyRefusal::Disabled(_) => api::Error::disabled(message).into(),
            KeyRefusal::PendingDeletion(_) => api::Error::kms_invalid_state(message).into(),
            KeyRefusal::InvalidCiphertext => api::Error::invalid_ciphertext(message).into(),
            KeyRefusal::IncorrectKey => api::Error::incorrect_key(message).into(),
            KeyRefusal::Damaged(cause) => {
                Failure::from(api::Error::kms_internal(message)).because(cause)
            }
        }
    }
}
