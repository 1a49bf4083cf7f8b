//! The control plane's frame: request pipeline, tables, writer, reconciler driver.
