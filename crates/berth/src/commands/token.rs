//! `berth token`: what lets hosts join. A token is an activation of SSM, its id and its code in one text.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use berth_agent::{HttpControlPlane, JsonService};
use berth_control::tls::AuthorityRoute;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::data_dir::DataDir;
use crate::settings::{EndpointOptions, Span};
use crate::{activation, administrator, instance_role};

#[derive(Debug, Subcommand)]
pub enum TokenAction {
    /// Print a new token, once
    Create {
        /// How many hosts may join by it
        #[arg(long, value_name = "N", default_value_t = 1)]
        uses: u32,

        /// How long it is good, such as 30m or 7d; at most 30d
        #[arg(long, value_name = "TIME", default_value = "1h")]
        expires: Span,

        /// The name of hosts that join by it, instead of their own
        #[arg(long, value_name = "NAME")]
        name: Option<String>,

        /// The role that programs on these hosts may act in [default: ecsInstanceRole, which is made if there is none]
        #[arg(long, value_name = "NAME")]
        role: Option<String>,

        /// Print JSON: the token, its id and when it ends
        #[arg(long)]
        json: bool,
    },
    /// Print what there is: id, uses, end
    List {
        /// Print JSON, as DescribeActivations answers it
        #[arg(long)]
        json: bool,
    },
    /// Let nobody join by this one any more; hosts that have joined stay
    Delete {
        /// The token, or its id
        token: String,
    },
}

pub async fn run(
    data_dir: &Path,
    endpoint: EndpointOptions,
    action: TokenAction,
    out: &mut impl Write,
) -> Result<()> {
    let ssm = administrator::client(endpoint, &DataDir::create(data_dir)?)?;
    match action {
        TokenAction::Create { uses, expires, name, role, json } => {
            create(&ssm, uses, expires, name, role, json, out).await
        }
        TokenAction::List { json } => list(&ssm, json, out).await,
        TokenAction::Delete { token } => delete(&ssm, &token, out).await,
    }
}

async fn create(
    ssm: &HttpControlPlane,
    uses: u32,
    expires: Span,
    name: Option<String>,
    role: Option<String>,
    as_json: bool,
    out: &mut impl Write,
) -> Result<()> {
    let ends = activation::ends_in(expires.0);
    let mut input = json!({ "RegistrationLimit": uses, "ExpirationDate": ends });
    if let Some(name) = name {
        input["DefaultInstanceName"] = name.into();
    }
    let made = instance_role::create_activation(ssm, role.as_deref(), input).await?;
    // Hosts know the server by its authority's fingerprint before they have ever spoken to it.
    let authority = ssm.get(JsonService::SSM, AuthorityRoute::PATH).await;
    let authority = authority.context("the server's certificate authority cannot be asked for")?;
    let pin = authority["fingerprint"].as_str().and_then(|digits| digits.parse().ok());
    let pin = pin.with_context(|| format!("no fingerprint in {authority}"))?;
    let token = activation::grant(&made)?.with_authority(pin).token();
    if as_json {
        let id = &made["ActivationId"];
        writeln!(out, "{}", json!({ "token": token, "id": id, "uses": uses, "expires": ends }))?;
    } else {
        writeln!(out, "{token}")?;
    }
    Ok(())
}

async fn list(ssm: &HttpControlPlane, as_json: bool, out: &mut impl Write) -> Result<()> {
    let mut all = Vec::new();
    let mut input = json!({});
    loop {
        let mut page = call(ssm, "DescribeActivations", input.clone()).await?;
        if let Value::Array(activations) = page["ActivationList"].take() {
            all.extend(activations);
        }
        match page["NextToken"].take() {
            Value::Null => break,
            token => input["NextToken"] = token,
        }
    }
    if as_json {
        writeln!(out, "{}", json!({ "ActivationList": all }))?;
        return Ok(());
    }
    for activation in all {
        let number = |name: &str| activation[name].as_i64().unwrap_or_default();
        let end = if activation["Expired"] == true { "expired" } else { "good" };
        let id = activation["ActivationId"].as_str().unwrap_or_default();
        let (used, limit) = (number("RegistrationsCount"), number("RegistrationLimit"));
        writeln!(out, "{id}  used {used} of {limit}  {end}")?;
    }
    Ok(())
}

async fn delete(ssm: &HttpControlPlane, token: &str, out: &mut impl Write) -> Result<()> {
    let id = token.split_once('.').map_or(token, |(id, _)| id);
    call(ssm, "DeleteActivation", json!({ "ActivationId": id })).await?;
    Ok(writeln!(out, "deleted {id}")?)
}

async fn call(ssm: &HttpControlPlane, operation: &str, input: Value) -> Result<Value> {
    let answer = ssm.call_service(JsonService::SSM, operation, input).await;
    answer.with_context(|| format!("{operation} failed"))
}
