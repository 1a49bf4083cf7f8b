//! DeleteRule.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::find::{self, Found};
use crate::service::Balancing;
use crate::tables::Rule;

pub async fn delete_rule(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DeleteRuleInput,
) -> Result<api::DeleteRuleOutput, Failure<api::Error>> {
    let arn = input.rule_arn.unwrap_or_default();
    let delete = move |tx: &mut Transaction| {
        let id = match find::rule(tx, &call.scope, &arn)? {
            Found::Rule(rule) => rule.id,
            Found::Default(_) => {
                return Err(api::Error::operation_not_permitted(format!(
                    "Default rule '{arn}' cannot be deleted"
                )));
            }
        };
        tx.delete::<Rule>(&id);
        Ok(())
    };
    balancing.cell.write(delete).await?;
    Ok(api::DeleteRuleOutput::default())
}
