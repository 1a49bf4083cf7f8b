//! Load balancers by Terraform with AWS's own provider, and by AWS's own CLI.

use berth_test_server::Value;

use super::terraform::Terraform;
use super::{exported_to, has_cli, is_installed};
use crate::host::home;

const CONFIGURATION: &str = include_str!("terraform/balancing.tf");

#[test]
fn balancers_are_as_terraform_wrote_them() {
    if !is_installed("terraform", &["version"]) {
        return;
    }
    let home = home();
    let _up = home.serving("up").args(&["--runtime", "none"]).start();
    let terraform = Terraform::new(&home, CONFIGURATION);
    if !terraform.has_provider() {
        return;
    }
    terraform.does(&["apply", "-auto-approve", "-var=weight=100"]);
    // Exit code 0: nothing is left to change. A difference would be 2.
    terraform.does(&["plan", "-detailed-exitcode", "-var=weight=100"]);
    terraform.does(&["apply", "-auto-approve", "-var=weight=40"]);
    terraform.does(&["plan", "-detailed-exitcode", "-var=weight=40"]);
    terraform.does(&["destroy", "-auto-approve", "-var=weight=40"]);
}

#[test]
fn the_cli_waits_for_a_balancer_and_describes_it() {
    if !has_cli() {
        return;
    }
    let home = home();
    let _up = home.serving("up").args(&["--runtime", "none"]).start();
    let aws = |arguments: &[&str]| -> Value {
        let mut aws = exported_to(&home, "aws");
        let output = aws.args(["--output", "json"]).args(arguments).output();
        let output = output.expect("it is installed");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "aws {}: {told}", arguments.join(" "));
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    };
    let asked = aws(&["ec2", "describe-subnets", "--filters", "Name=default-for-az,Values=true"]);
    let subnet = |number: usize| asked["Subnets"][number]["SubnetId"].as_str().expect("it has one");
    let (name, balancer) = (["--name", "web"], ["elbv2", "create-load-balancer"]);
    let made = aws(&[&balancer[..], &name[..], &["--subnets", subnet(0), subnet(1)]].concat());
    let arn = made["LoadBalancers"][0]["LoadBalancerArn"].as_str().expect("it has one");
    aws(&["elbv2", "wait", "load-balancer-available", "--load-balancer-arns", arn]);
    let listener = aws(&[
        "elbv2",
        "create-listener",
        "--load-balancer-arn",
        arn,
        "--protocol",
        "HTTP",
        "--port",
        "80",
        "--default-actions",
        "Type=fixed-response,FixedResponseConfig={StatusCode=200,MessageBody=here}",
    ]);
    let action = &listener["Listeners"][0]["DefaultActions"][0];
    assert_eq!(action["FixedResponseConfig"]["MessageBody"], "here");
    aws(&["elbv2", "delete-load-balancer", "--load-balancer-arn", arn]);
    aws(&["elbv2", "wait", "load-balancers-deleted", "--load-balancer-arns", arn]);
}
