//! Records as the API shows them.

use berth_aws_api::iam as api;

use crate::entity::Entity;
use crate::tables::User;
use crate::tagging;

/// AWS: a listing of users leaves out tags and boundary; only GetUser shows them.
pub fn user_briefly(user: &User) -> api::User {
    let about = user.about();
    api::User {
        path: Some(about.path.clone()),
        user_name: Some(about.name.clone()),
        user_id: Some(about.id.to_string()),
        arn: Some(user.arn()),
        create_date: Some(about.created_at),
        ..api::User::default()
    }
}

pub fn user(user: &User) -> api::User {
    api::User { tags: tagging::render(&user.about.tags), ..user_briefly(user) }
}
