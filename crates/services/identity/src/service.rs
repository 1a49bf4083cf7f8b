//! The service: what its operations share.

use std::sync::Arc;

use berth_aws_api::iam::ops;
use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::pipeline::{Service, ServiceBuilder};

use crate::operations::iam::*;

pub struct Identity {
    pub cell: Cell,
    pub env: Env,
}

impl Identity {
    pub fn new(cell: Cell, env: Env) -> Arc<Self> {
        Arc::new(Self { cell, env })
    }

    /// IAM's operations.
    pub fn iam(self: &Arc<Self>) -> Service {
        ServiceBuilder::new(self.clone())
            .operation::<ops::CreateUser, _, _>(users::create_user::create_user)
            .operation::<ops::DeleteUser, _, _>(users::delete_user::delete_user)
            .operation::<ops::GetUser, _, _>(users::get_user::get_user)
            .operation::<ops::ListUsers, _, _>(users::list_users::list_users)
            .into()
    }
}
