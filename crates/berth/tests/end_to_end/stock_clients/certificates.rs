//! HTTPS through a real proxy, with certificates of ACM's, as AWS's own clients and Terraform set it up.

use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use berth_test_server::{Home, Value, until};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use super::terraform::Terraform;
use super::{exported_to, has_cli, has_sdk, is_installed};
use crate::host::home;

const SDK_SCRIPT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/stock_clients/certificates.py");
const CONFIGURATION: &str = include_str!("terraform/certificates.tf");

/// An authority that nobody but the test knows, and a certificate of its making: `PREFIX-ca.pem`, `PREFIX.pem` and
/// `PREFIX.key` in this folder.
fn issue(folder: &Path, prefix: &str, name: &str) {
    let (key_of_ca, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, format!("{prefix} authority"));
    let ca = params.self_signed(&key_of_ca).unwrap();
    let mut leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
    leaf.distinguished_name.push(rcgen::DnType::CommonName, name);
    let leaf = leaf.signed_by(&key, &Issuer::new(params, &key_of_ca)).unwrap();
    for (file, text) in [
        (format!("{prefix}-ca.pem"), ca.pem()),
        (format!("{prefix}.pem"), leaf.pem()),
        (format!("{prefix}.key"), key.serialize_pem()),
    ] {
        std::fs::write(folder.join(file), text).expect("a file can be written");
    }
}

/// The listener of the test is the only one that wants it.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address").port()
}

#[test]
fn programs_serve_https_with_certificates_of_both_kinds_and_ask_clients_for_theirs() {
    if !has_sdk() {
        return;
    }
    let home = home();
    let _up = home.up("none");
    issue(home.path(), "imported", "imported.example.com");
    issue(home.path(), "client", "somebody");
    // AWS reads a trust store from S3.
    let bucket = home.path().join("buckets/trust");
    std::fs::create_dir_all(&bucket).expect("a folder can be made");
    std::fs::copy(home.path().join("client-ca.pem"), bucket.join("clients.pem")).expect("a copy");
    let mut python = exported_to(&home, "python3");
    python.current_dir(home.path()).arg(SDK_SCRIPT).arg(free_port().to_string());
    let output = python.output().expect("it is installed");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "all is well\n", "{told}");
}

#[test]
fn the_cli_waits_for_a_certificate_a_balancer_and_a_target_and_curl_believes_what_it_sees() {
    if !has_cli() || !is_installed("curl", &["--version"]) {
        return;
    }
    let home = home();
    let _up = home.up("none");
    issue(home.path(), "imported", "imported.example.com");
    let aws = |line: &str| aws(&home, line);
    let arn = |answer: &Value, pointer: &str| {
        let found = answer.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no {pointer} in {answer}")).to_owned()
    };
    let imported = aws(
        "acm import-certificate --certificate fileb://imported.pem --private-key fileb://imported.key \
         --certificate-chain fileb://imported-ca.pem",
    );
    let imported = arn(&imported, "/CertificateArn");
    let issued = "acm request-certificate --validation-method DNS --domain-name shop.example.com";
    let issued = arn(&aws(issued), "/CertificateArn");
    aws(&format!("acm wait certificate-validated --certificate-arn {issued}"));

    let subnets = aws("ec2 describe-subnets --filters Name=default-for-az,Values=true");
    let (one, two) = (arn(&subnets, "/Subnets/0/SubnetId"), arn(&subnets, "/Subnets/1/SubnetId"));
    let vpc = arn(&subnets, "/Subnets/0/VpcId");
    let made = aws(&format!("elbv2 create-load-balancer --name web --subnets {one} {two}"));
    let balancer = arn(&made, "/LoadBalancers/0/LoadBalancerArn");
    aws(&format!("elbv2 wait load-balancer-available --load-balancer-arns {balancer}"));
    // The server itself is what is there to be a target.
    let server = home.address();
    let group = format!(
        "elbv2 create-target-group --name web --protocol HTTP --port {} --vpc-id {vpc} --target-type ip \
         --health-check-path /health --health-check-interval-seconds 5 --health-check-timeout-seconds 2",
        server.port()
    );
    let group = arn(&aws(&group), "/TargetGroups/0/TargetGroupArn");
    aws(&format!(
        "elbv2 register-targets --target-group-arn {group} --targets Id={},AvailabilityZone=all",
        server.ip()
    ));
    let port = free_port();
    let listener = aws(&format!(
        "elbv2 create-listener --load-balancer-arn {balancer} --protocol HTTPS --port {port} \
         --certificates CertificateArn={imported} --default-actions Type=forward,TargetGroupArn={group}"
    ));
    let listener = arn(&listener, "/Listeners/0/ListenerArn");
    aws(&format!(
        "elbv2 add-listener-certificates --listener-arn {listener} --certificates CertificateArn={issued}"
    ));
    aws(&format!("elbv2 wait target-in-service --target-group-arn {group}"));

    for (name, authority) in
        [("imported.example.com", "imported-ca.pem"), ("shop.example.com", "tls/ca.pem")]
    {
        until("a page is served", || curl(&home, name, port, authority));
    }
    let strange = curl(&home, "shop.example.com", port, "imported-ca.pem");
    assert!(strange.is_err_and(|told| told.contains("certificate")), "another authority's");
    aws(&format!("elbv2 delete-load-balancer --load-balancer-arn {balancer}"));
    aws(&format!("elbv2 wait load-balancers-deleted --load-balancer-arns {balancer}"));
}

/// What `aws …` answers, in the home's folder.
#[track_caller]
fn aws(home: &Home, line: &str) -> Value {
    let mut aws = exported_to(home, "aws");
    aws.current_dir(home.path()).args(["--output", "json"]).args(line.split_whitespace());
    let Output { status, stdout, stderr } = aws.output().expect("it is installed");
    assert!(status.success(), "aws {line}: {}", String::from_utf8_lossy(&stderr));
    serde_json::from_slice(&stdout).unwrap_or(Value::Null)
}

/// Whether the target's page is there for whoever trusts this authority alone.
fn curl(home: &Home, name: &str, port: u16, authority: &str) -> Result<(), String> {
    let mut curl = std::process::Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--max-time", "10"]);
    curl.arg("--cacert").arg(home.path().join(authority));
    curl.args(["--resolve", &format!("{name}:{port}:127.0.0.1")]);
    let output = curl.arg(format!("https://{name}:{port}/health")).output().expect("it runs");
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[test]
fn https_is_as_terraform_wrote_it() {
    if !is_installed("terraform", &["version"]) {
        return;
    }
    let home = home();
    let _up = home.up("none");
    let terraform = Terraform::new(&home, CONFIGURATION);
    if !terraform.has_provider() {
        return;
    }
    issue(&home.path().join("terraform"), "imported", "imported.example.com");
    let port = format!("-var=port={}", free_port());
    terraform.does(&["apply", "-auto-approve", &port]);
    // Exit code 0: nothing is left to change. A difference would be 2.
    terraform.does(&["plan", "-detailed-exitcode", &port]);
    terraform.does(&["destroy", "-auto-approve", &port]);
}
