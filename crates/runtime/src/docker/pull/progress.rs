//! How far a pull is, told now and then.

use std::collections::BTreeMap;
use std::time::Duration;

use bollard::models::CreateImageInfo;
use tokio::time::Instant;

/// No pull says more in the log than this often.
const TELL_EVERY: Duration = Duration::from_secs(10);

pub(super) struct Progress<'a> {
    image: &'a str,
    layers: BTreeMap<String, Layer>,
    begun_at: Instant,
    told_at: Instant,
}

#[derive(Debug, Default)]
struct Layer {
    /// Bytes here, and bytes in all as far as they are known.
    here: u64,
    of: u64,
    is_done: bool,
}

/// Where all layers together stand.
#[derive(Debug, PartialEq, Eq)]
struct Sum {
    done: usize,
    layers: usize,
    here: u64,
    of: u64,
}

impl<'a> Progress<'a> {
    pub fn new(image: &'a str) -> Self {
        let now = Instant::now();
        Self { image, layers: BTreeMap::new(), begun_at: now, told_at: now }
    }

    pub fn note(&mut self, step: &CreateImageInfo) {
        self.take(step);
        if self.is_due() {
            let Sum { done, layers, here, of } = self.sum();
            tracing::info!(
                image = self.image,
                done,
                layers,
                bytes = here,
                of_bytes = of,
                "pulling"
            );
        }
    }

    pub fn end(self) {
        let Sum { layers, of, .. } = self.sum();
        let took = self.begun_at.elapsed();
        tracing::info!(image = self.image, layers, bytes = of, ?took, "pulled");
    }

    fn take(&mut self, step: &CreateImageInfo) {
        let (Some(id), Some(status)) = (&step.id, step.status.as_deref()) else { return };
        match status {
            "Pulling fs layer" => {
                self.layers.entry(id.clone()).or_default();
            }
            "Already exists" => self.layers.entry(id.clone()).or_default().is_done = true,
            _ => {}
        }
        // Other steps, such as the first, name the tag where these name a layer.
        let Some(layer) = self.layers.get_mut(id) else { return };
        match status {
            "Downloading" => {
                let detail = step.progress_detail.clone().unwrap_or_default();
                let bytes = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok());
                layer.here = bytes(detail.current).unwrap_or(layer.here);
                layer.of = bytes(detail.total).unwrap_or(layer.of).max(layer.here);
            }
            "Download complete" => layer.here = layer.of,
            "Pull complete" => {
                layer.here = layer.of;
                layer.is_done = true;
            }
            _ => {}
        }
    }

    fn is_due(&mut self) -> bool {
        let now = Instant::now();
        let is_due = now.duration_since(self.told_at) >= TELL_EVERY;
        if is_due {
            self.told_at = now;
        }
        is_due
    }

    fn sum(&self) -> Sum {
        Sum {
            done: self.layers.values().filter(|layer| layer.is_done).count(),
            layers: self.layers.len(),
            here: self.layers.values().map(|layer| layer.here).sum(),
            of: self.layers.values().map(|layer| layer.of).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::ProgressDetail;

    use super::*;

    fn step(id: &str, status: &str) -> CreateImageInfo {
        CreateImageInfo {
            id: Some(id.to_owned()),
            status: Some(status.to_owned()),
            ..CreateImageInfo::default()
        }
    }

    fn download(id: &str, current: i64, total: i64) -> CreateImageInfo {
        let detail = ProgressDetail { current: Some(current), total: Some(total) };
        CreateImageInfo { progress_detail: Some(detail), ..step(id, "Downloading") }
    }

    #[tokio::test(start_paused = true)]
    async fn layers_and_bytes_are_summed() {
        let mut progress = Progress::new("web:1");
        progress.take(&step("1", "Pulling from team/web"));
        progress.take(&step("a", "Already exists"));
        progress.take(&step("b", "Pulling fs layer"));
        progress.take(&step("c", "Pulling fs layer"));
        progress.take(&download("b", 10, 100));
        progress.take(&download("c", 50, 300));
        assert_eq!(progress.sum(), Sum { done: 1, layers: 3, here: 60, of: 400 });
        progress.take(&step("b", "Download complete"));
        progress.take(&step("b", "Pull complete"));
        assert_eq!(progress.sum(), Sum { done: 2, layers: 3, here: 150, of: 400 });
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_told_now_and_then_only() {
        let mut progress = Progress::new("web:1");
        assert!(!progress.is_due());
        tokio::time::advance(TELL_EVERY).await;
        assert!(progress.is_due());
        assert!(!progress.is_due(), "once is enough");
    }
}
