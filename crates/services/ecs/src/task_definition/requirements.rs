//! What a container instance must be capable of for this task: `requiresAttributes`.
//!
//! The names are those with which agents register; what asks for which was found by comparing task
//! definitions with what AWS shows for them. They come in order, so that equal definitions look equal.
// DEVIATES: AWS's list has no order that could be relied on.

use std::collections::BTreeSet;

use berth_aws_api::ecs as api;

use super::ecr::Registry;
use super::secrets::{Keeper, keeper};
use super::{containers_of, firelens, logging, network_mode, volumes, volumes_of};

/// `None` where nothing is required: the member is then absent.
pub fn of(definition: &api::TaskDefinition) -> Option<Vec<api::Attribute>> {
    let mut required = Required {
        names: BTreeSet::new(),
        execution_role: definition.execution_role_arn.is_some(),
    };
    required.of_task(definition);
    for volume in volumes_of(definition) {
        required.of_volume(volume);
    }
    for container in containers_of(definition) {
        required.of_container(container);
        required.of_linux(container);
        required.of_health_check(container);
        required.of_secrets(container);
        if let Some(logs) = &container.log_configuration {
            required.of_logs(logs);
        }
        if let Some(router) = &container.firelens_configuration {
            required.of_router(router);
        }
    }
    let attribute = |name| api::Attribute { name: Some(name), ..Default::default() };
    let attributes: Vec<_> = required.names.into_iter().map(attribute).collect();
    (!attributes.is_empty()).then_some(attributes)
}

struct Required {
    names: BTreeSet<String>,
    execution_role: bool,
}

fn any<T>(list: &Option<Vec<T>>) -> bool {
    list.as_ref().is_some_and(|list| !list.is_empty())
}

impl Required {
    /// AWS: the first ones, of Docker's time, have a longer prefix.
    fn docker_capability(&mut self, name: &str) {
        self.names.insert(format!("com.amazonaws.ecs.capability.{name}"));
    }

    fn capability(&mut self, name: &str) {
        self.names.insert(format!("ecs.capability.{name}"));
    }

    /// A version of Docker's API.
    fn docker(&mut self, minor: u32) {
        self.docker_capability(&format!("docker-remote-api.1.{minor}"));
    }

    fn of_task(&mut self, task: &api::TaskDefinition) {
        let mode = network_mode(task);
        if task.task_role_arn.is_some() {
            self.docker_capability("task-iam-role");
            if *mode == api::NetworkMode::Host {
                self.docker_capability("task-iam-role-network-host");
            }
        }
        if *mode == api::NetworkMode::Awsvpc {
            self.capability("task-eni");
            self.docker(18);
        }
        if task.pid_mode.is_some() || task.ipc_mode.is_some() {
            self.capability("pid-ipc-namespace-sharing");
            self.docker(17);
        }
        if task.proxy_configuration.is_some() {
            self.capability("aws-appmesh");
        }
        if any(&task.inference_accelerators) {
            self.capability("task-eia");
        }
        if task.ephemeral_storage.is_some() {
            self.capability("extensible-ephemeral-storage");
        }
        if task.enable_fault_injection == Some(true) {
            self.capability("fault-injection");
        }
    }

    fn of_volume(&mut self, volume: &api::Volume) {
        if let Some(docker) = &volume.docker_volume_configuration {
            self.capability(&format!(
                "docker-plugin.{}",
                docker.driver.as_deref().unwrap_or("local")
            ));
        }
        if let Some(efs) = &volume.efs_volume_configuration {
            self.capability("efs");
            self.docker(25);
            if efs.transit_encryption.is_some() || efs.authorization_config.is_some() {
                self.capability("efsAuth");
            }
        }
        if volume.s3files_volume_configuration.is_some() {
            self.capability("s3files");
        }
        if volume.fsx_windows_file_server_volume_configuration.is_some() {
            self.capability("fsxWindowsFileServer");
        }
        if volumes::is_at_launch(volume) {
            self.capability("storage.ebs-task-attach");
        }
    }

    fn of_container(&mut self, container: &api::ContainerDefinition) {
        if Registry::of(container.image.as_deref().unwrap_or_default()).is_some() {
            self.docker_capability("ecr-auth");
            if self.execution_role {
                self.capability("execution-role-ecr-pull");
            }
        }
        if container.privileged == Some(true) {
            self.docker_capability("privileged-container");
        }
        if container.memory_reservation.is_some() {
            self.docker(21);
        }
        if container.readonly_root_filesystem == Some(true) {
            self.docker(17);
        }
        if any(&container.ulimits)
            || container.docker_labels.as_ref().is_some_and(|labels| !labels.is_empty())
        {
            self.docker(18);
        }
        if any(&container.system_controls) {
            self.docker(24);
        }
        if any(&container.depends_on)
            || container.start_timeout.is_some()
            || container.stop_timeout.is_some()
        {
            self.capability("container-ordering");
        }
        if container.restart_policy.as_ref().is_some_and(|policy| policy.enabled == Some(true)) {
            self.capability("container-restart-policy");
        }
        if container
            .port_mappings
            .iter()
            .flatten()
            .any(|mapping| mapping.container_port_range.is_some())
        {
            self.capability("network.container-port-range");
        }
        self.of_security_options(container);
    }

    fn of_security_options(&mut self, container: &api::ContainerDefinition) {
        for option in container.docker_security_options.iter().flatten() {
            let name = option.split([':', '=']).next().unwrap_or_default();
            match name {
                "label" => self.docker_capability("selinux"),
                "apparmor" => self.docker_capability("apparmor"),
                "credentialspec" => self.capability("gmsa"),
                _ => {}
            }
        }
        if any(&container.credential_specs) {
            self.capability("gmsa");
        }
    }

    fn of_linux(&mut self, container: &api::ContainerDefinition) {
        let Some(linux) = &container.linux_parameters else { return };
        if linux.init_process_enabled == Some(true) {
            self.docker(25);
        }
        if any(&linux.tmpfs) || linux.shared_memory_size.is_some() {
            self.docker(22);
        }
    }

    fn of_health_check(&mut self, container: &api::ContainerDefinition) {
        let Some(check) = &container.health_check else { return };
        self.capability("container-health-check");
        // A start period came later than the rest.
        self.docker(if check.start_period.is_some_and(|period| period > 0) { 29 } else { 24 });
    }

    fn of_secrets(&mut self, container: &api::ContainerDefinition) {
        for secret in container.secrets.iter().flatten() {
            self.capability(match keeper(secret) {
                Keeper::SecretsManager => "secrets.asm.environment-variables",
                Keeper::ParameterStore => "secrets.ssm.environment-variables",
            });
        }
        if any(&container.environment_files) {
            self.capability("env-files.s3");
        }
        if container.repository_credentials.is_some() {
            self.capability("private-registry-authentication.secretsmanager");
        }
    }

    fn of_logs(&mut self, logs: &api::LogConfiguration) {
        let Some(driver) = &logs.log_driver else { return };
        self.docker_capability(&format!("logging-driver.{driver}"));
        self.docker(match driver {
            api::LogDriver::Journald | api::LogDriver::Awslogs | api::LogDriver::Awsfirelens => 19,
            api::LogDriver::Gelf | api::LogDriver::Fluentd => 20,
            api::LogDriver::Splunk => 22,
            _ => 18,
        });
        if *driver == api::LogDriver::Awslogs {
            if self.execution_role {
                self.capability("execution-role-awslogs");
            }
            let later =
                ["awslogs-create-group", "awslogs-datetime-format", "awslogs-multiline-pattern"];
            if later.iter().any(|option| logging::option(logs, option).is_some()) {
                self.docker(29);
            }
        }
        if firelens::uses(logs) {
            if logging::option(logs, "log-driver-buffer-limit").is_some() {
                self.capability("logging-driver.awsfirelens.log-driver-buffer-limit");
            }
        } else if logging::option(logs, "mode").is_some() {
            self.docker(28);
        }
        for secret in logs.secret_options.iter().flatten() {
            self.capability(match keeper(secret) {
                Keeper::SecretsManager => "secrets.asm.bootstrap.log-driver",
                Keeper::ParameterStore => "secrets.ssm.bootstrap.log-driver",
            });
        }
    }

    fn of_router(&mut self, router: &api::FirelensConfiguration) {
        if let Some(kind) = &router.r#type {
            self.capability(&format!("firelens.{kind}"));
        }
        let file = router.options.as_ref().and_then(|options| options.get("config-file-type"));
        if let Some(file) = file {
            self.capability(&format!("firelens.options.config.{file}"));
        }
    }
}
