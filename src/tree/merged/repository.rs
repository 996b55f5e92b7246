//! Whether an object of Flux or Argo CD builds a folder of the repository that it is in.

use std::collections::HashMap;

use crate::krm::resource::group;
use crate::tree::kustomization::{field, text as text_at};
use crate::yaml::parse;

/// What an object says of the repository whose folder it builds.
#[derive(Debug, Clone, Copy)]
pub(in crate::tree) enum Source<'n> {
    /// Nothing that tells.
    Unknown,
    /// The name of a GitRepository.
    Named(&'n str),
    /// The URL.
    Url(&'n str),
}

/// The group of GitRepository objects.
const GROUP: &str = "source.toolkit.fluxcd.io";

/// What Flux calls the repository that it is installed from.
const OWN_REPOSITORY: &str = "flux-system";

/// What is known of the repository that the files are of.
#[derive(Debug, Default)]
pub(in crate::tree) struct Repository {
    /// The last segments of its URLs.
    names: Vec<String>,
    /// The last segments of the URLs of GitRepository objects, by the names of these.
    objects: HashMap<String, Vec<String>>,
}

impl Repository {
    pub(in crate::tree) fn of<'t>(
        texts: impl Iterator<Item = &'t str>,
        remotes: &[String],
    ) -> Self {
        let mut repository = Repository {
            names: remotes.iter().map(|url| name_in(url)).collect(),
            ..Repository::default()
        };
        if repository.names.is_empty() {
            return repository;
        }
        let holds = |text: &&str| text.contains(GROUP) && text.contains("kind: GitRepository");
        for text in texts.filter(holds) {
            for root in parse::documents(text).iter().flatten() {
                let version = text_at(root, "apiVersion").unwrap_or_default();
                let is_one =
                    group(version) == GROUP && text_at(root, "kind") == Some("GitRepository");
                let name = field(root, "metadata").and_then(|of| text_at(of, "name"));
                let url = field(root, "spec").and_then(|of| text_at(of, "url"));
                if let (true, Some(name), Some(url)) = (is_one, name, url) {
                    let known = repository.objects.entry(name.to_owned());
                    known.or_default().push(name_in(url));
                }
            }
        }
        repository
    }

    /// Whether a source is known to be this repository.
    pub(in crate::tree) fn is_own(&self, source: Source<'_>) -> bool {
        let is_own = |url: &String| self.names.contains(url);
        match source {
            Source::Unknown => false,
            Source::Url(url) => is_own(&name_in(url)),
            Source::Named(name) => match self.objects.get(name) {
                Some(urls) => urls.iter().any(is_own),
                None => name == OWN_REPOSITORY,
            },
        }
    }

    /// Whether a source is known to be another repository. A repository has many URLs, by host and
    /// protocol, which end alike.
    pub(in crate::tree) fn is_other(&self, source: Source<'_>) -> bool {
        if self.names.is_empty() {
            return false;
        }
        match source {
            Source::Unknown => false,
            Source::Url(url) => !self.names.contains(&name_in(url)),
            Source::Named(name) => self
                .objects
                .get(name)
                .is_some_and(|urls| !urls.iter().any(|url| self.names.contains(url))),
        }
    }
}

/// The last segment of a URL, without `.git`.
fn name_in(url: &str) -> String {
    let url = url.trim_end_matches('/').trim_end_matches(".git");
    let name = url.rsplit(['/', ':']).next().unwrap_or_default();
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_of_flux_is_what_its_object_says() {
        let object = |url: &str| {
            format!(
                "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: flux-system}}\nspec: {{url: '{url}'}}\n"
            )
        };
        let remotes = ["git@git.example.com:acme/deploy.git".to_owned()];
        let own = object("https://git.example.com/acme/deploy");
        let other = object("https://git.example.com/acme/other");
        for (text, is_own, is_other) in [
            ("", true, false),
            (&*own, true, false),
            (&*other, false, true),
        ] {
            let repository = Repository::of([text].into_iter(), &remotes);
            let source = Source::Named(OWN_REPOSITORY);
            assert_eq!(repository.is_own(source), is_own, "{text}");
            assert_eq!(repository.is_other(source), is_other, "{text}");
        }
    }

    #[test]
    fn urls_of_one_repository_end_alike() {
        for url in [
            "https://git.example.com/acme/Deploy",
            "git@git.example.com:acme/deploy.git",
            "ssh://git@git.example.com:22/acme/deploy.git/",
            "git@git.example.com:deploy",
        ] {
            assert_eq!(name_in(url), "deploy", "{url}");
        }
    }
}
