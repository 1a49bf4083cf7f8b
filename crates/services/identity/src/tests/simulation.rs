//! What would be decided, without anybody doing anything.

use berth_aws_api::iam::{self, ops};

use super::world::{World, allowing, some};

const BUCKETS: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"ecs:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/Team":"blue"}}},
    {"Effect":"Deny","Action":"ecs:DeleteCluster","Resource":"*"}]}"#;

fn decisions(answer: iam::SimulatePolicyResponse) -> Vec<String> {
    let results = answer.evaluation_results.expect("there are some").into_iter();
    results
        .map(|result| {
            let decision = result.eval_decision.expect("a decision");
            let missing = result.missing_context_values.unwrap_or_default().join(" ");
            let matched = result.matched_statements.unwrap_or_default();
            let matched: Vec<_> =
                matched.into_iter().filter_map(|statement| statement.source_policy_id).collect();
            let text = format!(
                "{} {} [{}] {missing}",
                result.eval_action_name.expect("an action"),
                decision.as_str(),
                matched.join(" ")
            );
            text.trim_end().to_owned()
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_user_is_judged_by_all_that_it_holds_and_by_what_is_made_up() {
    let world = World::new().await;
    world.user("ann").await;
    let put = iam::PutUserPolicyRequest {
        user_name: some("ann"),
        policy_name: some("own"),
        policy_document: some(BUCKETS),
    };
    world.ask::<ops::PutUserPolicy>(put).await;
    let actions = ["ecs:RunTask", "ecs:DeleteCluster", "iam:ListUsers"];
    let asking = |context| iam::SimulatePrincipalPolicyRequest {
        policy_source_arn: some("arn:aws:iam::123456789012:user/ann"),
        action_names: Some(actions.map(str::to_owned).to_vec()),
        context_entries: context,
        ..Default::default()
    };
    let answer = world.ask::<ops::SimulatePrincipalPolicy>(asking(None)).await;
    let expected = [
        "ecs:RunTask implicitDeny [] aws:PrincipalTag/Team",
        "ecs:DeleteCluster explicitDeny [own] aws:PrincipalTag/Team",
        "iam:ListUsers implicitDeny []",
    ];
    assert_eq!(decisions(answer), expected);
    let team = iam::ContextEntry {
        context_key_name: some("aws:PrincipalTag/Team"),
        context_key_values: Some(vec!["blue".to_owned()]),
        context_key_type: Some(iam::ContextKeyTypeEnum::String),
    };
    let answer = world.ask::<ops::SimulatePrincipalPolicy>(asking(Some(vec![team]))).await;
    assert_eq!(decisions(answer)[0], "ecs:RunTask allowed [own]");

    let keys = iam::GetContextKeysForPrincipalPolicyRequest {
        policy_source_arn: some("arn:aws:iam::123456789012:user/ann"),
        ..Default::default()
    };
    let keys = world.ask::<ops::GetContextKeysForPrincipalPolicy>(keys).await;
    assert_eq!(keys.context_key_names.unwrap(), ["aws:PrincipalTag/Team"]);
    let nobody = iam::SimulatePrincipalPolicyRequest {
        policy_source_arn: some("arn:aws:iam::123456789012:user/nobody"),
        ..asking(None)
    };
    assert_eq!(world.refused::<ops::SimulatePrincipalPolicy>(nobody).await.code, "NoSuchEntity");
}

#[tokio::test(start_paused = true)]
async fn policies_that_nobody_holds_are_judged_page_by_page() {
    let world = World::new().await;
    let asking = |marker| iam::SimulateCustomPolicyRequest {
        policy_input_list: allowing("ecs:List*").map(|policy| vec![policy]),
        action_names: Some(vec!["ecs:ListTasks".to_owned(), "ecs:RunTask".to_owned()]),
        max_items: Some(1),
        marker,
        ..Default::default()
    };
    let first = world.ask::<ops::SimulateCustomPolicy>(asking(None)).await;
    assert_eq!(first.is_truncated, Some(true));
    let marker = first.marker.clone();
    assert_eq!(decisions(first), ["ecs:ListTasks allowed [PolicyInputList.1]"]);
    let second = world.ask::<ops::SimulateCustomPolicy>(asking(marker)).await;
    assert_eq!((second.is_truncated, second.marker.clone()), (Some(false), None));
    assert_eq!(decisions(second), ["ecs:RunTask implicitDeny []"]);
}

#[tokio::test(start_paused = true)]
async fn only_so_much_of_policies_is_simulated_at_once() {
    let world = World::new().await;
    let policy = allowing("ecs:List*").map(|policy| policy + &" ".repeat(70 * 1024));
    let asking = |policies| iam::SimulateCustomPolicyRequest {
        policy_input_list: Some(vec![policy.clone().expect("a policy"); policies]),
        action_names: Some(vec!["ecs:ListTasks".to_owned()]),
        ..Default::default()
    };
    world.ask::<ops::SimulateCustomPolicy>(asking(1)).await;
    let refusal = world.refused::<ops::SimulateCustomPolicy>(asking(2)).await;
    assert_eq!(
        refusal,
        ("InvalidInput", "PolicyInputList has more than 131072 characters in all.")
    );
}
