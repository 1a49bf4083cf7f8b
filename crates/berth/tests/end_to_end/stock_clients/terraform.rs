//! Terraform with AWS's own provider: what it has written it reads again and finds as it wrote it.

use std::path::PathBuf;
use std::process::Output;

use berth_test_server::{Home, json};

use super::{exported_to, is_installed};
use crate::ecs::Ecs;
use crate::host::home;

const CONFIGURATION: &str = include_str!("terraform/main.tf");

pub struct Terraform<'a> {
    home: &'a Home,
    folder: PathBuf,
}

impl<'a> Terraform<'a> {
    /// In a folder with this configuration.
    pub fn new(home: &'a Home, configuration: &str) -> Self {
        let folder = home.path().join("terraform");
        std::fs::create_dir(&folder).expect("a folder can be made");
        std::fs::write(folder.join("main.tf"), configuration).expect("a file can be written");
        Self { home, folder }
    }

    fn output(&self, arguments: &[&str]) -> Output {
        let mut terraform = exported_to(self.home, "terraform");
        terraform
            .current_dir(&self.folder)
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1");
        terraform.args(arguments).output().expect("it is installed")
    }

    /// `false`: there is neither a registry nor a folder with the provider (`BERTH_TERRAFORM_PLUGINS`), and none can be
    /// installed.
    pub fn has_provider(&self) -> bool {
        let mut arguments = vec!["init", "-input=false", "-no-color"];
        let folder = std::env::var("BERTH_TERRAFORM_PLUGINS").ok();
        let folder = folder.map(|folder| format!("-plugin-dir={folder}"));
        arguments.extend(folder.as_deref());
        let output = self.output(&arguments);
        if output.status.success() {
            return true;
        }
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(folder.is_none(), "a folder was given, but has no provider for AWS: {why}");
        eprintln!("SKIPPED: Terraform finds no provider for AWS: {why}");
        false
    }

    #[track_caller]
    pub fn does(&self, verb: &[&str]) {
        let mut arguments = verb.to_vec();
        arguments.extend(["-input=false", "-no-color"]);
        let Output { status, stdout, stderr } = self.output(&arguments);
        let told =
            format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(status.success(), "terraform {}: {told}", verb.join(" "));
    }
}

#[test]
fn services_are_as_terraform_wrote_them() {
    if !is_installed("terraform", &["version"]) {
        return;
    }
    let home = home();
    let quickly = ["--runtime", "fake", "--task-warm-up", "1s"];
    let _up = home.serving("up").args(&quickly).start();
    let ecs = Ecs::of(&home);
    ecs.wait_for_hosts(1);
    let terraform = Terraform::new(&home, CONFIGURATION);
    if !terraform.has_provider() {
        return;
    }
    terraform.does(&["apply", "-auto-approve", "-var=tasks=2"]);
    // Exit code 0: nothing is left to change. A difference would be 2.
    terraform.does(&["plan", "-detailed-exitcode", "-var=tasks=2"]);
    terraform.does(&["apply", "-auto-approve", "-var=tasks=4"]);
    terraform.does(&["plan", "-detailed-exitcode", "-var=tasks=4"]);
    let described = ecs.api.call("DescribeServices", json!({"services": ["web", "daemon"]}));
    assert_eq!(described["services"][0]["runningCount"], 4);
    assert_eq!(described["services"][1]["runningCount"], 1);
    terraform.does(&["destroy", "-auto-approve", "-var=tasks=4"]);
    let described = ecs.api.call("DescribeServices", json!({"services": ["web"]}));
    assert_eq!(described["services"][0]["status"], "INACTIVE");
}
