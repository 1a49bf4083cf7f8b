//! Volumes: their names, and the one kind of storage that each of them is.

use std::collections::BTreeSet;

use berth_aws_api::ecs as api;

use super::{Verdict, containers, mounts, paths, refuse, refuse_unless, volumes_of};

const LONGEST_NAME: usize = 255;

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let volumes = volumes_of(definition);
    let mut names = BTreeSet::new();
    for (index, volume) in volumes.iter().enumerate() {
        let name = check_name(index, volume)?;
        refuse_unless(names.insert(name), || {
            format!(
                "Volume names must be unique within a task definition. '{name}' is the name of more than one."
            )
        })?;
        check_kind(name, volume)?;
        check_docker(name, volume)?;
        check_efs(name, volume)?;
        check_s3_files(name, volume, definition)?;
        check_fsx(name, volume)?;
    }
    let at_launch: Vec<&str> = volumes
        .iter()
        .filter(|volume| is_at_launch(volume))
        .filter_map(|volume| volume.name.as_deref())
        .collect();
    refuse_unless(at_launch.len() <= 1, || {
        format!(
            "A task definition can have only one volume that is configured at launch; this one has {}.",
            at_launch.join(", ")
        )
    })?;
    mounts::check(definition, &names)
}

pub fn is_at_launch(volume: &api::Volume) -> bool {
    volume.configured_at_launch == Some(true)
}

fn check_name(index: usize, volume: &api::Volume) -> Result<&str, api::Error> {
    let name = volume.name.as_deref().unwrap_or_default();
    if name.is_empty() {
        return refuse(format!(
            "Volume.name should not be null or empty. volumes[{index}] has none."
        ));
    }
    if let Some(found) = name.chars().find(|letter| !containers::is_of_name(*letter)) {
        return refuse(format!(
            "Volume.name contains invalid characters. '{name}' has {found:?}; letters, digits, hyphens and underscores are allowed."
        ));
    }
    if name.len() > LONGEST_NAME {
        return refuse(format!(
            "Volume.name cannot be longer than {LONGEST_NAME} characters; '{name}' has {}.",
            name.len()
        ));
    }
    Ok(name)
}

fn check_kind(name: &str, volume: &api::Volume) -> Verdict {
    let kinds = [
        volume.host.is_some(),
        volume.docker_volume_configuration.is_some(),
        volume.efs_volume_configuration.is_some(),
        volume.s3files_volume_configuration.is_some(),
        volume.fsx_windows_file_server_volume_configuration.is_some(),
        is_at_launch(volume),
    ];
    refuse_unless(kinds.into_iter().filter(|is_set| *is_set).count() == 1, || {
        format!(
            "When the volume parameter is specified, only one volume configuration type should be used. Volume '{name}' has more."
        )
    })?;
    match volume.host.as_ref().and_then(|host| host.source_path.as_deref()) {
        Some(path) if !path.is_empty() && !paths::is_absolute(path) => {
            invalid(name, "host.sourcePath", &format!("`{path}` is not an absolute path"))
        }
        _ => Ok(()),
    }
}

fn check_docker(name: &str, volume: &api::Volume) -> Verdict {
    let Some(docker) = &volume.docker_volume_configuration else { return Ok(()) };
    let shared = docker.scope == Some(api::Scope::Shared);
    if docker.autoprovision == Some(true) && !shared {
        return invalid(
            name,
            "dockerVolumeConfiguration.autoprovision",
            "it is for volumes whose scope is shared",
        );
    }
    Ok(())
}

fn check_efs(name: &str, volume: &api::Volume) -> Verdict {
    let Some(efs) = &volume.efs_volume_configuration else { return Ok(()) };
    let id = efs.file_system_id.as_deref().unwrap_or_default();
    if !is_id(id, "fs-") && !id.starts_with("arn:") {
        return invalid(
            name,
            "efsVolumeConfiguration.fileSystemId",
            &format!("`{id}` is not the id of a file system"),
        );
    }
    let root = efs.root_directory.as_deref().unwrap_or("/");
    if !root.starts_with('/') {
        return invalid(
            name,
            "efsVolumeConfiguration.rootDirectory",
            &format!("`{root}` is not an absolute path"),
        );
    }
    let authorization = efs.authorization_config.as_ref();
    let access_point = authorization.and_then(|config| config.access_point_id.as_deref());
    if let Some(id) = access_point.filter(|id| !is_id(id, "fsap-") && !id.starts_with("arn:")) {
        return invalid(
            name,
            "efsVolumeConfiguration.authorizationConfig.accessPointId",
            &format!("`{id}` is not the id of an access point"),
        );
    }
    refuse_unless(access_point.is_none() || root == "/", || {
        format!(
            "When using an EFS access point, the root directory must either be set to \"/\" or be omitted. That of volume '{name}' is `{root}`."
        )
    })?;
    let iam = authorization.and_then(|config| config.iam.as_ref())
        == Some(&api::EFSAuthorizationConfigIAM::Enabled);
    let encrypted = efs.transit_encryption == Some(api::EFSTransitEncryption::Enabled);
    refuse_unless(encrypted || (access_point.is_none() && !iam), || {
        format!(
            "EFS transit encryption must be enabled when using IAM authorization or an access point. Volume '{name}' has it disabled."
        )
    })?;
    check_encryption_port(name, "efsVolumeConfiguration", efs.transit_encryption_port)?;
    match efs.transit_encryption_port {
        Some(port) if !encrypted => invalid(
            name,
            "efsVolumeConfiguration.transitEncryptionPort",
            &format!("{port} has no meaning while transit encryption is disabled"),
        ),
        _ => Ok(()),
    }
}

fn check_s3_files(name: &str, volume: &api::Volume, definition: &api::TaskDefinition) -> Verdict {
    const MEMBER: &str = "s3filesVolumeConfiguration";
    let Some(files) = &volume.s3files_volume_configuration else { return Ok(()) };
    for (member, arn) in [
        ("fileSystemArn", files.file_system_arn.as_deref()),
        ("accessPointArn", files.access_point_arn.as_deref()),
    ] {
        if let Some(arn) = arn.filter(|arn| !arn.starts_with("arn:")) {
            return invalid(name, &format!("{MEMBER}.{member}"), &format!("`{arn}` is not an ARN"));
        }
    }
    let root = files.root_directory.as_deref().unwrap_or("/");
    if !root.starts_with('/') {
        return invalid(
            name,
            &format!("{MEMBER}.rootDirectory"),
            &format!("`{root}` is not an absolute path"),
        );
    }
    if files.access_point_arn.is_some() && root != "/" {
        return invalid(
            name,
            &format!("{MEMBER}.rootDirectory"),
            "with an access point it must be / or omitted",
        );
    }
    if definition.task_role_arn.is_none() {
        return invalid(name, MEMBER, "the task definition must have a taskRoleArn");
    }
    check_encryption_port(name, MEMBER, files.transit_encryption_port)
}

fn check_fsx(name: &str, volume: &api::Volume) -> Verdict {
    const MEMBER: &str = "fsxWindowsFileServerVolumeConfiguration";
    let Some(fsx) = &volume.fsx_windows_file_server_volume_configuration else { return Ok(()) };
    let id = fsx.file_system_id.as_deref().unwrap_or_default();
    if !is_id(id, "fs-") {
        return invalid(
            name,
            &format!("{MEMBER}.fileSystemId"),
            &format!("`{id}` is not the id of a file system"),
        );
    }
    let authorization = fsx.authorization_config.as_ref();
    let credentials = authorization
        .and_then(|config| config.credentials_parameter.as_deref())
        .unwrap_or_default();
    if !credentials.starts_with("arn:") {
        return invalid(
            name,
            &format!("{MEMBER}.authorizationConfig.credentialsParameter"),
            &format!("`{credentials}` is not the ARN of a secret or parameter"),
        );
    }
    let member = |member: &str| format!("{MEMBER}.{member}");
    if authorization.and_then(|config| config.domain.as_deref()).is_none_or(str::is_empty) {
        return invalid(name, &member("authorizationConfig.domain"), "it must not be empty");
    }
    if fsx.root_directory.as_deref().is_none_or(str::is_empty) {
        return invalid(name, &member("rootDirectory"), "it must not be empty");
    }
    Ok(())
}

fn check_encryption_port(name: &str, member: &str, port: Option<i32>) -> Verdict {
    match port {
        Some(port) if !(1..=65_535).contains(&port) => invalid(
            name,
            &format!("{member}.transitEncryptionPort"),
            &format!("{port} is not between 1 and 65535"),
        ),
        _ => Ok(()),
    }
}

fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|digits| {
        (8..=40).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn invalid(name: &str, member: &str, problem: &str) -> Verdict {
    refuse(format!("Invalid '{member}' setting for volume '{name}': {problem}."))
}
