use super::*;
use crate::Options;
use crate::testing::{ScriptedControlPlane, idle_host};

#[tokio::test(start_paused = true)]
async fn a_change_is_durable_when_its_version_is() {
    let memory = Arc::new(VolatileMemory::default());
    let options = Options { memory: memory.clone(), ..Options::new("c") };
    let host = idle_host(options, ScriptedControlPlane::new());
    let recollection = Arc::new(Recollection::new(recall(&host).await.unwrap()));
    host.spawn(recollection.clone().keep(host.clone()));

    let version = recollection.update(|state| state.sequence = 7);
    recollection.durable(version).await;
    assert_eq!(recall(&host).await.unwrap().sequence, 7);
}

#[tokio::test]
async fn a_file_is_replaced_whole_and_private() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.json");
    let memory = FileMemory::new(&path);
    assert_eq!(memory.load().await.unwrap(), None);
    memory.save(b"a long first version".to_vec()).await.unwrap();
    memory.save(b"short".to_vec()).await.unwrap();
    assert_eq!(memory.load().await.unwrap().as_deref(), Some(b"short".as_slice()));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test(start_paused = true)]
async fn another_clusters_state_is_refused_and_rubbish_is_forgotten() {
    let memory = Arc::new(VolatileMemory::default());
    let host = |cluster: &str| {
        idle_host(
            Options { memory: memory.clone(), ..Options::new(cluster) },
            ScriptedControlPlane::new(),
        )
    };
    memory.save(serde_json::to_vec(&Remembered::new("a")).unwrap()).await.unwrap();
    let refusal = recall(&host("b")).await.unwrap_err().to_string();
    assert!(refusal.contains("`a`") && refusal.contains("`b`"), "{refusal}");

    memory.save(b"{".to_vec()).await.unwrap();
    assert_eq!(recall(&host("b")).await.unwrap(), Remembered::new("b"));
}
