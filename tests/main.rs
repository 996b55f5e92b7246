//! The tests, as one binary: each module drives the program or the library from outside.

mod agents;
mod agents_engines;
mod bad_input;
mod carriers;
mod config;
mod corpus;
mod custom;
mod doors;
mod engines;
mod findings;
mod generate;
mod helm;
mod house;
mod image;
mod image_lists;
mod kinds;
mod kustomize_images;
mod lossless;
mod mirrors;
mod properties;
mod registry;
mod revision;
mod support;
