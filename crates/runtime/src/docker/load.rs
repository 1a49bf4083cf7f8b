//! Handing an image to the engine without any registry.

use bollard::query_parameters::ImportImageOptionsBuilder;
use bytes::Bytes;
use futures_util::stream;

use super::DockerRuntime;
use crate::{RuntimeError, Verb};

impl DockerRuntime {
    /// Loads what `docker save` or [`image_archive`](crate::image_archive) made. Loading it again changes nothing.
    pub async fn load_image(&self, archive: Vec<u8>) -> Result<(), RuntimeError> {
        let options = ImportImageOptionsBuilder::new().quiet(true).build();
        let archive = stream::iter([Ok::<_, std::io::Error>(Bytes::from(archive))]);
        let progress = self
            .ask(Verb::LoadImage, self.timeouts().question, |docker| async move {
                Ok(docker.import_image_stream(options, archive, None))
            })
            .await?;
        self.to_the_end(Verb::LoadImage, progress, drop).await
    }
}
