//! The words of the rows: from what a caller wrote to the ARNs that policies speak of.

use std::fmt;

use berth_aws_api::{iam as api, sts};
use berth_control::cell::Snapshot;
use berth_control::pipeline::PrincipalKind;
use berth_control::pipeline::access::{Asking, Keys, Resource};
use berth_model::Tags;

use crate::entity::{self, Entity};
use crate::holder::Holder;
use crate::managed::{self, Managed};
use crate::service::Identity;
use crate::service_linked;
use crate::tables::{About, AccessKey, Account, OpenIdConnectProvider, Role, User};

pub type Ask<'a> = Asking<'a, Identity>;

fn view(ask: &Ask<'_>) -> Snapshot {
    ask.service.cell.snapshot()
}

fn account(ask: &Ask<'_>) -> Account {
    Account::of(&ask.call.scope)
}

fn arn(ask: &Ask<'_>, resource: fmt::Arguments<'_>) -> Resource {
    Resource::new(account(ask).arn(&resource.to_string()))
}

/// Whoever has this name, with its path; one that is not there, as if it had none.
fn entity<E: Entity>(ask: &Ask<'_>, name: &str) -> Resource {
    match entity::find::<E>(&view(ask), account(ask), name) {
        Ok(found) => Resource::new(found.arn()).tagged(&found.about().tags),
        Err(_) => arn(ask, format_args!("{}/{name}", E::KIND.in_arn)),
    }
}

pub fn named<E: Entity>(ask: &mut Ask<'_>, name: &Option<String>) {
    let found = entity::<E>(ask, name.as_deref().unwrap_or_default());
    ask.wants.on(found);
}

/// AWS: a call that names no user is about whoever sends it.
pub fn user(ask: &mut Ask<'_>, name: &Option<String>) {
    let user = match (name, &ask.call.principal.kind) {
        (Some(name), _) => entity::<User>(ask, name),
        (None, PrincipalKind::User(caller)) => entity::<User>(ask, &caller.name),
        (None, PrincipalKind::Administrator | PrincipalKind::Anonymous) => Resource::any(),
        (None, _) => Resource::new(ask.call.principal_arn()),
    };
    ask.wants.on(user);
}

/// The owner of an access key. Of one that is not known, anybody might be.
pub fn user_of_key(ask: &mut Ask<'_>, id: &Option<String>) {
    let view = view(ask);
    let key = view.get::<AccessKey>(&id.clone().unwrap_or_default());
    let owner = key.filter(|key| key.account == account(ask));
    let owner = owner.and_then(|key| view.get::<User>(&key.user_key()));
    ask.wants.on(match owner {
        Some(owner) => Resource::new(owner.arn()).tagged(&owner.about.tags),
        None => arn(ask, format_args!("user/*")),
    });
}

/// AWS: renaming somebody, or moving it to another path, is done to both: who it is, and who it will be.
pub fn renamed<E: Entity>(
    ask: &mut Ask<'_>,
    name: &Option<String>,
    new_path: &Option<String>,
    new_name: &Option<String>,
) {
    named::<E>(ask, name);
    let (view, account) = (view(ask), account(ask));
    let Ok(found) = entity::find::<E>(&view, account, name.as_deref().unwrap_or_default()) else {
        return;
    };
    let About { path, name, tags, .. } = found.about();
    let (path, name) = (new_path.as_ref().unwrap_or(path), new_name.as_ref().unwrap_or(name));
    ask.wants.on(Resource::new(E::arn_of(account, path, name)).tagged(tags));
}

/// Something that is to be made.
pub fn new<E: Entity>(ask: &Ask<'_>, path: &Option<String>, name: &Option<String>) -> Resource {
    let path = path.as_deref().unwrap_or("/");
    let name = name.as_deref().unwrap_or_default();
    Resource::new(E::arn_of(account(ask), path, name))
}

/// Something is made with tags. AWS: to tag it is an action of its own, as if it were there already.
pub fn made_with(
    ask: &mut Ask<'_>,
    made: Resource,
    tagging: &'static str,
    given: &Option<Vec<api::Tag>>,
) {
    tags(ask, given);
    let brought = pairs(given);
    if !brought.is_empty() {
        let mut keys = Keys::new();
        keys.request_tags(brought);
        ask.wants.also(tagging, made.clone(), keys);
    }
    ask.wants.on(made);
}

pub fn policy(ask: &mut Ask<'_>, given: &Option<String>) {
    let given = given.as_deref().unwrap_or_default();
    let resource = Resource::new(given);
    ask.wants.on(match managed::find(&view(ask), account(ask), given) {
        Some(Managed::Customer(found)) => resource.tagged(&found.about.tags),
        Some(Managed::Aws(_)) | None => resource,
    });
}

/// Somebody of whom only the ARN is given.
pub fn by_arn(ask: &mut Ask<'_>, given: &Option<String>) {
    ask.wants.on(Resource::new(given.as_deref().unwrap_or_default()));
}

pub fn provider(ask: &mut Ask<'_>, given: &Option<String>) {
    let given = given.as_deref().unwrap_or_default();
    let (view, account) = (view(ask), account(ask));
    let url = given.strip_prefix(&account.arn("oidc-provider/")).unwrap_or_default();
    let resource = Resource::new(given);
    ask.wants.on(match view.get::<OpenIdConnectProvider>(&(account, url.to_owned())) {
        Some(found) => resource.tagged(&found.tags),
        None => resource,
    });
}

pub fn new_provider(ask: &Ask<'_>, url: &Option<String>) -> Resource {
    let url = url.as_deref().unwrap_or_default();
    let url = url.strip_prefix("https://").unwrap_or(url);
    arn(ask, format_args!("oidc-provider/{url}"))
}

/// The role that the service will have. A service that has none, the operation refuses.
pub fn service_linked_role(ask: &mut Ask<'_>, input: &api::CreateServiceLinkedRoleRequest) {
    let service = input.aws_service_name.as_deref().unwrap_or_default();
    let linked = service_linked::service(service);
    let made = match linked.and_then(|linked| linked.role_name(input.custom_suffix.as_deref())) {
        Ok(name) => Role::arn_of(account(ask), &service_linked::path(service), &name),
        Err(_) => Role::arn_of(account(ask), &service_linked::path(service), "*"),
    };
    ask.wants.key("iam:AWSServiceName", service);
    ask.wants.on(Resource::new(made));
}

/// A deletion's id begins with the role's folder and name: `task/aws-service-role/SERVICE/NAME/…`.
pub fn role_of_deletion(ask: &mut Ask<'_>, id: &Option<String>) {
    let id = id.as_deref().unwrap_or_default();
    let role = id.trim_start_matches("task/").rsplit_once('/').map_or(id, |(role, _)| role);
    let role = arn(ask, format_args!("role/{role}"));
    ask.wants.on(role);
}

/// AWS: what machines act in is passed to EC2.
pub fn passed_to_machines(ask: &mut Ask<'_>, role: &Option<String>) {
    let role = entity::<Role>(ask, role.as_deref().unwrap_or_default());
    ask.wants.pass_role(role.arn(), "ec2.amazonaws.com");
}

pub fn policy_arn_key(ask: &mut Ask<'_>, arn: &Option<String>) {
    ask.wants.key_if("iam:PolicyARN", arn.clone());
}

/// The boundary that somebody is to have.
pub fn boundary_key(ask: &mut Ask<'_>, arn: &Option<String>) {
    ask.wants.key_if("iam:PermissionsBoundary", arn.clone());
}

/// The boundary that somebody has.
pub fn boundary_of<H: Holder>(ask: &mut Ask<'_>, name: &Option<String>) {
    let (view, account) = (view(ask), account(ask));
    let Some(name) = name else { return };
    let Ok(holder) = entity::find::<H>(&view, account, name) else { return };
    let boundary = holder.permissions().boundary.as_ref();
    let boundary = boundary.and_then(|policy| managed::by_ref(&view, account, policy));
    ask.wants.key_if("iam:PermissionsBoundary", boundary.map(|policy| policy.arn(account)));
}

pub fn tags(ask: &mut Ask<'_>, given: &Option<Vec<api::Tag>>) {
    ask.wants.request_tags(pairs(given));
}

fn pairs(given: &Option<Vec<api::Tag>>) -> Tags {
    let pairs = given.iter().flatten();
    pairs
        .map(|tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default()))
        .collect()
}

pub fn untagged(ask: &mut Ask<'_>, keys: &Option<Vec<String>>) {
    ask.wants.untagged(keys.as_deref().unwrap_or_default());
}

/// AWS: tags and a source identity are asked about under the same keys, as actions of their own: those that the request
/// gives, and those that the caller's session hands on.
pub fn assume_role(ask: &mut Ask<'_>, input: &sts::AssumeRoleRequest) {
    let role = Resource::new(input.role_arn.as_deref().unwrap_or_default());
    let tags = sts_tags(&input.tags);
    let caller = match &ask.call.principal.kind {
        PrincipalKind::Session(session) => Some(&**session),
        _ => None,
    };
    let handed_on = caller.and_then(|session| session.source_identity.as_ref());
    let source_identity = input.source_identity.as_ref().or(handed_on);
    let mut keys = Keys::new();
    let given = [
        ("sts:ExternalId", input.external_id.as_ref()),
        ("sts:RoleSessionName", input.role_session_name.as_ref()),
        ("sts:SourceIdentity", source_identity),
    ];
    for (name, value) in given {
        if let Some(value) = value {
            keys.insert(name, value.clone());
        }
    }
    if let Some(transitive) = input.transitive_tag_keys.as_ref().filter(|keys| !keys.is_empty()) {
        keys.insert("sts:TransitiveTagKeys", transitive.clone());
    }
    keys.request_tags(tags.clone());
    let hands_on_tags = caller.is_some_and(|session| !session.transitive_tags.is_empty());
    let has_source_identity = source_identity.is_some();
    if !tags.is_empty() || hands_on_tags {
        ask.wants.also("sts:TagSession", role.clone(), keys.clone());
    }
    if has_source_identity {
        ask.wants.also("sts:SetSourceIdentity", role.clone(), keys.clone());
    }
    ask.wants.on(role);
    ask.wants.keys(keys);
}

pub fn federated_user(ask: &mut Ask<'_>, input: &sts::GetFederationTokenRequest) {
    let name = input.name.as_deref().unwrap_or_default();
    let Account { partition, id } = account(ask);
    let user = Resource::new(format_args!("arn:{partition}:sts::{id}:federated-user/{name}"));
    let tags = sts_tags(&input.tags);
    if !tags.is_empty() {
        let mut keys = Keys::new();
        keys.request_tags(tags.clone());
        ask.wants.also("sts:TagSession", user.clone(), keys);
    }
    ask.wants.request_tags(tags);
    ask.wants.on(user);
}

fn sts_tags(given: &Option<Vec<sts::Tag>>) -> Tags {
    let pairs = given.iter().flatten();
    pairs
        .map(|tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default()))
        .collect()
}
