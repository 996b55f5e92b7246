//! Argo CD: plugin.yaml through a double of the config-management server and through the real one.

mod build_options;
mod hostile;
mod parameters;
mod plugin;
mod real;
mod server;
