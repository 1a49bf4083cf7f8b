//! Images from a registry: when it is asked, with whose login, and what becomes of them afterwards.

mod behavior;
mod cleanup;
mod logins;
mod sharing;
mod versions;

use berth_test_engine::demo_image_archive;
use berth_test_registry::{Image, Registry};
use berth_test_server::{Process, Value, json};

use crate::ecs::{Ecs, one_container, text};
use crate::host::Host;

/// A host, and a registry in its network.
struct Site {
    host: Host,
    registry: Registry,
    /// Of the demo program.
    image: Image,
}

impl Site {
    /// `None` where there can be no engine.
    fn for_test() -> Option<Site> {
        let host = Host::for_test()?;
        let listener = host.engine.listen().expect("the engine's network has free ports");
        let registry = Registry::start(listener).expect("a registry starts");
        let archive = demo_image_archive().expect("the demo program is built");
        let image = Image::from_archive(&archive).expect("it is an archive");
        Some(Site { host, registry, image })
    }

    fn up(&self, arguments: &[&str]) -> (Process, Ecs) {
        let up = self.host.up_with(arguments);
        let ecs = Ecs::of(&self.host.home);
        ecs.wait_for_hosts(1);
        (up, ecs)
    }

    /// A task of one container of an image of the registry.
    fn definition(&self, reference: &str) -> Value {
        let family = reference.replace([':', '/', '@'], "-");
        one_container(&family, json!({ "image": self.registry.name(reference) }))
    }

    /// Runs it; the digest of what runs.
    fn digest(&self, ecs: &Ecs, reference: &str) -> String {
        text(&ecs.launch(self.definition(reference))["containers"][0]["imageDigest"])
    }
}
