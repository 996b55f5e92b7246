//! The images of the agents in play, by the words without which no agent claims one.

use super::{Agent, AgentImage};

/// The positions of an agent and of one of its images.
type Position = (usize, usize);

/// Where the images of some agents are among them, so that each image of an input is held against the few
/// that could be its own, and not against all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImagesByWord {
    /// By the last segment of each path under which an image is published or mirrored.
    by_segment: Words,
    /// By the name of a container that runs it.
    by_container: Words,
    /// Images whose containers' names are patterns.
    by_pattern: Vec<Position>,
}

impl ImagesByWord {
    /// The images of some agents.
    pub fn new(agents: &[Agent]) -> Self {
        let mut by_word = ImagesByWord::default();
        for (index, agent) in agents.iter().enumerate() {
            for (position, image) in agent.images.iter().enumerate() {
                by_word.add((index, position), image);
            }
        }
        by_word.by_segment.sort();
        by_word.by_container.sort();
        by_word
    }

    fn add(&mut self, at: Position, image: &AgentImage) {
        let published = image.names().map(|name| name.repository.path());
        for path in published.chain(image.mirror_paths.iter().map(String::as_str)) {
            self.by_segment.add(last_segment(path), at);
        }
        // The name of a container says nothing without that of a workload.
        if image.workloads.is_empty() {
            return;
        }
        for name in &image.containers {
            if name.contains('*') {
                self.by_pattern.push(at);
            } else {
                self.by_container.add(name, at);
            }
        }
    }

    /// The images with a path that ends in the last segment of this one.
    pub fn ending_as<'a>(&'a self, path: &'a str) -> impl Iterator<Item = Position> + 'a {
        self.by_segment.of(last_segment(path))
    }

    /// The images that a container of this name could run.
    pub fn of_container(&self, name: &str) -> impl Iterator<Item = Position> {
        let by_pattern = self.by_pattern.iter().copied();
        self.by_container.of(name).chain(by_pattern)
    }
}

/// Words with the positions of images, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Words(Vec<(String, Position)>);

impl Words {
    fn add(&mut self, word: &str, at: Position) {
        self.0.push((word.to_owned(), at));
    }

    fn sort(&mut self) {
        self.0.sort_unstable();
        self.0.dedup();
    }

    fn of(&self, word: &str) -> impl Iterator<Item = Position> {
        let first = self.0.partition_point(|(known, _)| known.as_str() < word);
        let behind = self.0[first..].iter();
        let own = behind.take_while(move |(known, _)| known == word);
        own.map(|(_, at)| *at)
    }
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
