//! One file per API operation, named after it.

pub mod create_activation;
pub mod delete_activation;
pub mod deregister_managed_instance;
pub mod describe_activations;
pub mod describe_instance_information;
