//! IAM's simulation: the same decisions as those about real calls, with keys that the caller makes up.

mod source;

use berth_aws_api::iam as api;
use berth_aws_protocol::page::InvalidToken;
use berth_control::pipeline::Failure;
use berth_iam_policy::{
    Attached, Decision, Document, Keys, Kind, Matched, Policies, Principal, Request, ResourceSide,
    Simulation, Value, Values, simulate,
};
use berth_model::AccountId;

pub use source::Source;

use crate::documents::malformed;
use crate::paging::{invalid, paging};
use crate::tables::Account;

/// A policy, and what kind of thing it came with.
pub struct Named {
    pub id: String,
    pub kind: api::PolicySourceType,
    pub document: Document,
}

/// What is asked, whoever's policies decide.
pub struct Asked {
    pub actions: Vec<String>,
    /// `*` if none is named.
    pub resources: Vec<String>,
    pub context: Vec<api::ContextEntry>,
    pub resource_policy: Option<String>,
    pub resource_owner: Option<String>,
    pub handling: Option<String>,
    pub max_items: Option<i32>,
    pub marker: Option<String>,
}

/// What all policies of a request may have together: each result costs a pass over them.
///
/// DEVIATES: AWS's IAM tells no limit for a simulation's policies; here `PolicyInputList` has as many characters as its
/// model allows one policy.
const LONGEST: usize = 128 * 1024;

/// The policies that are given as texts.
pub fn given(texts: Option<Vec<String>>, kind: Kind, name: &str) -> Result<Vec<Named>, api::Error> {
    let texts = texts.unwrap_or_default();
    if texts.iter().map(String::len).sum::<usize>() > LONGEST {
        return Err(api::Error::invalid_input(format!(
            "{name} has more than {LONGEST} characters in all."
        )));
    }
    texts
        .into_iter()
        .enumerate()
        .map(|(number, text)| {
            let document =
                Document::parse(&text, kind).map_err(|bad| malformed(bad.to_string()))?;
            let id = format!("{name}.{}", number + 1);
            Ok(Named { id, kind: api::PolicySourceType::None, document })
        })
        .collect()
}

/// One result for each action on each resource.
pub fn run(
    operation: &str,
    account: Account,
    principal: Principal<'_>,
    identity: &[Named],
    boundaries: &[Named],
    asked: Asked,
) -> Result<api::SimulatePolicyResponse, Failure<api::Error>> {
    // AWS: for actions of EC2, which come in scenarios.
    if asked.handling.is_some() {
        return Err(invalid("ResourceHandlingOption is for actions of EC2; leave it out."));
    }
    if boundaries.len() > 1 {
        return Err(invalid("At most one permissions boundary is possible."));
    }
    let side = asked
        .resource_policy
        .as_deref()
        .map(|text| Document::parse(text, Kind::Resource))
        .transpose()
        .map_err(|bad| malformed(bad.to_string()))?;
    let owner = owner(account, asked.resource_owner.as_deref())?;
    let keys = keys(&asked.context);
    let named: Vec<&Named> = identity.iter().chain(boundaries).collect();
    let attached: Vec<Attached<'_>> = identity.iter().map(Named::attached).collect();
    let policies = Policies {
        identity: &attached,
        boundary: boundaries.first().map(Named::attached),
        session: None,
        resource: side.as_ref().map(|document| ResourceSide {
            owner,
            policy: Some(Attached::new("ResourcePolicy", document)),
            must_allow: false,
        }),
    };
    let (actions, resources) = (&asked.actions, &asked.resources);
    let about = (actions, resources);
    let paging = paging(operation, &about, asked.max_items, asked.marker)?;
    let count = actions.len().saturating_mul(resources.len());
    let page = paging.cut_numbered(count, |number| {
        let (action, resource) =
            (&actions[number / resources.len()], &resources[number % resources.len()]);
        let context = &keys;
        let request = Request { principal, action, resource: Some(resource), context };
        let simulation = simulate(&policies, &request);
        result(action, resource, &simulation, &named)
    });
    let page = page.map_err(|InvalidToken| invalid("Invalid Marker."))?;
    Ok(api::SimulatePolicyResponse {
        evaluation_results: Some(page.items),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}

impl Named {
    fn attached(&self) -> Attached<'_> {
        Attached::new(&self.id, &self.document)
    }
}

/// The keys that documents ask for, as they spell them.
pub fn context_keys(policies: &[Named]) -> Vec<String> {
    let mut keys: Vec<String> = policies
        .iter()
        .flat_map(|policy| policy.document.context_keys().map(str::to_owned))
        .collect();
    keys.sort_by_key(|key| key.to_ascii_lowercase());
    keys.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
    keys
}

fn owner(account: Account, given: Option<&str>) -> Result<AccountId, Failure<api::Error>> {
    let Some(arn) = given else { return Ok(account.id) };
    let owner = arn.split(':').nth(4).and_then(|account| account.parse().ok());
    owner.ok_or_else(|| invalid(format!("Invalid ResourceOwner: {arn}")))
}

fn keys(entries: &[api::ContextEntry]) -> Keys {
    let mut keys = Keys::new();
    for entry in entries {
        let name = entry.context_key_name.as_deref().unwrap_or_default();
        let values = entry.context_key_values.iter().flatten();
        let mut values: Vec<Value<'static>> = values.cloned().map(Value::text).collect();
        let one = values.len() == 1 && !is_list(entry);
        keys.insert(
            name,
            match one {
                true => Values::One(values.remove(0)),
                false => Values::Many(values),
            },
        );
    }
    keys
}

fn is_list(entry: &api::ContextEntry) -> bool {
    entry.context_key_type.as_ref().is_some_and(|kind| kind.as_str().ends_with("List"))
}

fn result(
    action: &str,
    resource: &str,
    simulation: &Simulation<'_>,
    named: &[&Named],
) -> api::EvaluationResult {
    let decision = match simulation.decision {
        Decision::Allowed(_) => api::PolicyEvaluationDecisionType::Allowed,
        Decision::ExplicitDeny(_) => api::PolicyEvaluationDecisionType::ExplicitDeny,
        Decision::ImplicitDeny(_) => api::PolicyEvaluationDecisionType::ImplicitDeny,
    };
    let boundary = simulation.allowed_by_boundary;
    let matched = simulation.matched.iter().map(|matched| statement(matched, named)).collect();
    api::EvaluationResult {
        eval_action_name: Some(action.to_owned()),
        eval_resource_name: Some(resource.to_owned()),
        eval_decision: Some(decision),
        matched_statements: Some(matched),
        missing_context_values: Some(
            simulation.missing.iter().map(|key| (*key).to_owned()).collect(),
        ),
        organizations_decision_detail: None,
        permissions_boundary_decision_detail: boundary.map(|allowed| {
            api::PermissionsBoundaryDecisionDetail {
                allowed_by_permissions_boundary: Some(allowed),
            }
        }),
        eval_decision_details: None,
        resource_specific_results: None,
    }
}

fn statement(matched: &Matched<'_>, named: &[&Named]) -> api::Statement {
    let span = matched.statement().span();
    let position = |at: berth_iam_policy::Position| api::Position {
        line: i32::try_from(at.line).ok(),
        column: i32::try_from(at.column).ok(),
    };
    let known = named.iter().find(|policy| policy.id == matched.policy.id);
    let kind = match (matched.source, known) {
        (berth_iam_policy::Source::Resource, _) => api::PolicySourceType::Resource,
        (_, Some(known)) => known.kind.clone(),
        (_, None) => api::PolicySourceType::None,
    };
    api::Statement {
        source_policy_id: Some(matched.policy.id.to_owned()),
        source_policy_type: Some(kind),
        start_position: Some(position(span.start)),
        end_position: Some(position(span.end)),
    }
}
