//! Writes the configuration that `init` proposes, such that `fix` moves no image by it before somebody has
//! said that a registry is a mirror.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::quote::piece;
use crate::report::text;
use crate::sort::sort_by_key;
use crate::yaml::{Style, scalar};

use super::FolderSummary;

/// How many images are named that a rule would move.
const IMAGES_NAMED: usize = 6;

/// How many files are named that read like values.
const FILES_NAMED: usize = 20;

impl FolderSummary {
    /// The configuration.
    pub(in super::super) fn proposal(&self) -> String {
        let files = text::count(self.files, "manifest");
        let mut out = format!(
            "# Proposed by `restore-images init` from {files}: read it, then run `restore-images check`.\n\
             apiVersion: restore-images.dev/v1alpha1\n\
             kind: RestoreImages\n\
             metadata:\n  name: collectors\n  annotations:\n    config.kubernetes.io/local-config: \"true\"\n\
             spec:\n"
        );
        if self.agents.is_empty() {
            out.push_str(
                "  # No agent with a built-in profile was seen. `restore-images agents` lists them;\n  \
                 # name them under `agents`, or describe one of your own there.\n  mode: restore\n",
            );
        } else {
            out.push_str("  agents:\n");
            for (agent, places) in &self.agents {
                let _ = writeln!(out, "  - {agent} # {}", places.words());
            }
        }
        self.registries(&mut out);
        self.mirrors(&mut out);
        if !self.broken.is_empty() {
            out.push_str("  # These cannot be read: fix them, and remove them from this list.\n  files:\n    exclude:\n");
            for (pattern, why) in &self.broken {
                let _ = writeln!(out, "    - {} # {}", plain(pattern), piece(why));
            }
        }
        self.values(&mut out);
        out
    }

    /// Files that only read like values, as comments.
    fn values(&self, out: &mut String) {
        if self.values.is_empty() {
            return;
        }
        let images = self.values.iter().map(|file| file.images).sum();
        let text = format!(
            "{} of {} read like values of charts, and nothing here names them, so that their images are not \
             checked. Uncomment those that are, each with the name of its `chart` where an agent's is installed \
             with it.",
            text::count(images, "image"),
            text::count(self.values.len(), "file")
        );
        comment(out, &text);
        out.push_str(if self.broken.is_empty() {
            "  # files:\n  #   values:\n"
        } else {
            "  #   values: # below `files`\n"
        });
        for file in self.values.iter().take(FILES_NAMED) {
            let (path, count) = (plain(&file.path), text::count(file.images, "image"));
            let _ = writeln!(out, "  #   - path: {path} # {count}");
        }
        if let Some(more) = self
            .values
            .len()
            .checked_sub(FILES_NAMED)
            .filter(|more| *more > 0)
        {
            let _ = writeln!(out, "  #   # and {more} more");
        }
    }

    fn registries(&self, out: &mut String) {
        if self.registries.is_empty() {
            return;
        }
        let mut registries: Vec<(&String, &usize)> = self.registries.iter().collect();
        sort_by_key(&mut registries, |(_, count)| std::cmp::Reverse(**count));
        let registries = registries.iter();
        let words = registries.map(|(registry, count)| format!("{} ({count})", piece(registry)));
        let words = words.collect::<Vec<_>>().join(", ");
        let text = format!("Registries in use, and how many images come from each: {words}");
        comment(out, &text);
    }

    /// Registries that were only found, as comments.
    fn mirrors(&self, out: &mut String) {
        if self.mirrors.is_empty() {
            return;
        }
        comment(
            out,
            "Agents come from these registries too, on which no vendor publishes. If you keep one of \
             them as a mirror, uncomment `registries:` and its rule. Once you have decided on each, \
             delete `undeclaredMirrors`: `fix` then takes the others back to the vendors' registries, \
             but for values of charts that `check` only warns of.",
        );
        out.push_str("  undeclaredMirrors: keep\n  # registries:\n");
        let mut declared: BTreeMap<&str, &str> = BTreeMap::new();
        let mut mirrors: Vec<_> = self.mirrors.iter().collect();
        sort_by_key(&mut mirrors, |(_, mirror)| {
            std::cmp::Reverse(mirror.places.count)
        });
        for ((source, prefix), mirror) in mirrors {
            let places = mirror.places.words();
            let (source_word, prefix_word) = (plain(source), plain(prefix));
            if let Some(other) = declared.get(source.as_str()) {
                let _ = writeln!(
                    out,
                    "  # {prefix_word} holds images of {source_word} too ({places}), but a source has one \
                     mirror: {} holds more.",
                    plain(other)
                );
                continue;
            }
            declared.insert(source, prefix);
            let _ = writeln!(
                out,
                "  # - source: {source_word} # {places}\n  #   mirror: {prefix_word}"
            );
            let secrets = self.secrets.of(&mirror.host);
            if !secrets.is_empty() {
                let secrets: Vec<String> = secrets.into_iter().map(plain).collect();
                let secrets = secrets.join(", ");
                let _ = writeln!(out, "  #   imagePullSecrets: [{secrets}]");
            }
            if let Some(official) = self.official.get(source) {
                let images = official.iter().take(IMAGES_NAMED);
                let images =
                    images.map(|(path, places)| format!("{} ({})", piece(path), places.words()));
                let mut images: Vec<String> = images.collect();
                if official.len() > IMAGES_NAMED {
                    images.push(format!("and {} more", official.len() - IMAGES_NAMED));
                }
                let text = format!(
                    "With this rule, what comes from {source_word} itself moves here: {}.",
                    images.join(", ")
                );
                indented(out, "  #   # ", &text);
            }
        }
        for agent in &self.copied {
            let outside = self.outside.get(agent).into_iter().flatten();
            let unruled = outside.filter(|(host, _)| !declared.contains_key(host.as_str()));
            let registries = unruled.map(|(host, count)| format!("{} ({count})", piece(host)));
            let registries: Vec<String> = registries.collect();
            if registries.is_empty() {
                continue;
            }
            let text = format!(
                "{} also comes from {}: without a rule for each, these images are pulled from there.",
                piece(agent),
                registries.join(", ")
            );
            comment(out, &text);
        }
    }
}

/// Adds a comment, in lines of 80 columns.
fn comment(out: &mut String, text: &str) {
    indented(out, "  # ", text);
}

/// Adds a text in lines of 80 columns, each of which begins so.
fn indented(out: &mut String, begin: &str, text: &str) {
    let columns = 80 - begin.len();
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    for line in lines {
        let _ = writeln!(out, "{begin}{line}");
    }
}

/// A registry or name as YAML: plain, unless it would read as something else.
fn plain(value: &str) -> String {
    scalar::write(value, Style::Plain, scalar::ScalarContext::Flow)
}
