//! What is refused, and how it is said.

use futures_util::FutureExt;
use serde_json::json;

use super::{Case, GRACE, Site, tcp};
use crate::{ContainerSpec, ErrorKind, Network, Run, RuntimeId, VolumesFrom};

pub(super) fn cases(site: &Site) -> Vec<Case<'_>> {
    vec![
        ("an unknown image is not created from", unknown_image(site).boxed()),
        ("a name is taken once", taken_name(site).boxed()),
        ("a host port is bound once", taken_port(site).boxed()),
        ("a program that the image lacks does not start", missing_program(site).boxed()),
        ("an unknown container is told as such", unknown_container(site).boxed()),
        ("parameters without sense are refused by name", senseless(site).boxed()),
    ]
}

async fn unknown_image(site: &Site) {
    let spec = ContainerSpec::new("imageless", "berth-conformance/no-such-image:1");
    let error = site.runtime.create(&spec).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let reason = error.reason();
    let missing = "No such image: berth-conformance/no-such-image:1";
    assert!(
        reason.starts_with("CannotCreateContainerError: ") && reason.contains(missing),
        "{reason}"
    );
}

async fn taken_name(site: &Site) {
    let id = site.runtime.create(&site.spec("named", &[])).await.unwrap();
    let error = site.runtime.create(&site.spec("named", &[])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.message().contains("named"), "{error}");
    site.remove_all([id]).await;
    let id = site.runtime.create(&site.spec("named", &[])).await.unwrap();
    site.remove_all([id]).await;
}

async fn taken_port(site: &Site) {
    let first = ContainerSpec { ports: vec![tcp(80, None)], ..site.spec("first-at-port", &[]) };
    let first = site.runtime.create(&first).await.unwrap();
    let port = site.runtime.start(&first).await.unwrap().ports[0].host_port;
    let second =
        ContainerSpec { ports: vec![tcp(80, Some(port))], ..site.spec("second-at-port", &[]) };
    let second = site.runtime.create(&second).await.unwrap();
    let error = site.runtime.start(&second).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PortInUse, "{error}");
    let reason = error.reason();
    assert!(
        reason.starts_with("CannotStartContainerError: ") && reason.contains(&port.to_string()),
        "{reason}"
    );
    assert_eq!(site.state(&second).await.run, Run::Created, "a start that failed was no run");
    site.remove_all([first]).await;
    let started = site.runtime.start(&second).await.unwrap();
    assert_eq!(started.ports[0].host_port, port);
    assert_eq!(
        site.state(&second).await.ports,
        started.ports,
        "what was not asked for is right, too"
    );
    site.remove_all([second]).await;
}

async fn missing_program(site: &Site) {
    let spec = ContainerSpec {
        entry_point: Some(vec!["/no-such-program".to_owned()]),
        ..site.spec("programless", &[])
    };
    let id = site.runtime.create(&spec).await.unwrap();
    let error = site.runtime.start(&id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    let reason = error.reason();
    assert!(
        reason.starts_with("CannotStartContainerError: ") && reason.contains("/no-such-program"),
        "{reason}"
    );
    site.remove_all([id]).await;
}

async fn unknown_container(site: &Site) {
    let nobody = RuntimeId::new("0".repeat(64));
    assert_eq!(site.runtime.inspect(&nobody).await.unwrap(), None);
    assert_eq!(site.runtime.start(&nobody).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(site.runtime.stop(&nobody, GRACE).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(site.runtime.stats(&nobody).await.unwrap_err().kind(), ErrorKind::NotFound);
    let heir = VolumesFrom { container: "no-such-container".to_owned(), read_only: false };
    let spec = ContainerSpec { volumes_from: vec![heir], ..site.spec("heirless", &[]) };
    let error = site.runtime.create(&spec).await.unwrap_err();
    assert!(error.reason().contains("no-such-container"), "{error}");
}

async fn senseless(site: &Site) {
    let mut unknown = site.spec("senseless", &[]);
    unknown.engine.host_config.insert("WarpDrive".to_owned(), json!(9));
    let error = site.runtime.create(&unknown).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(
        error.reason(),
        "CannotCreateContainerError: unknown engine parameter `hostConfig.WarpDrive`"
    );
    let ports = ContainerSpec {
        network: Network::Host,
        ports: vec![tcp(80, None)],
        ..site.spec("senseless", &[])
    };
    assert_eq!(site.runtime.create(&ports).await.unwrap_err().kind(), ErrorKind::Invalid);
}
