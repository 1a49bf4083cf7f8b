//! `berth server`: the control plane.

use std::io;

use anyhow::Result;

use crate::control_plane::ControlPlane;
use crate::data_dir::DataDir;
use crate::settings::{GlobalSettings, ServerSettings};
use crate::{ready, shutdown};

pub async fn run(global: GlobalSettings, server: ServerSettings) -> Result<()> {
    let stop = shutdown::on_signal()?;
    let dir = DataDir::create(&global.data_dir)?;
    let control_plane = ControlPlane::start(server, &dir, Vec::new()).await?;
    ready::tell(&control_plane.client().endpoint, &mut io::stdout())?;
    control_plane.run(stop).await
}
