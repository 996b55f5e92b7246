//! Parts of what is told of a file: folders that objects build, and layers of values.

use serde_json::{Value, json};

use crate::restore::ValuesOf;

/// A folder that an object of Flux or Argo CD builds.
pub(super) struct FolderStep {
    /// The place of the object.
    pub(super) place: String,
    pub(super) object: String,
    pub(super) folder: String,
    pub(super) merged: Vec<&'static str>,
}

impl FolderStep {
    pub(super) fn why(&self) -> String {
        match &self.merged[..] {
            [] => self.object.clone(),
            merged => format!("{}, with its own {}", self.object, merged.join(" and ")),
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "place": self.place,
            "object": self.object,
            "folder": self.folder,
            "merged": self.merged,
        })
    }
}

/// Values in a file, as one layer of what a chart is installed with.
pub(super) struct LayerRole<'j> {
    pub(super) of: &'j ValuesOf,
    /// The paths of the layers that it wins over, and of those that win over it.
    pub(super) over: Vec<&'j str>,
    pub(super) under: Vec<&'j str>,
}

impl LayerRole<'_> {
    pub(super) fn what(&self) -> String {
        let chart = self.of.chart.as_deref().unwrap_or("an unknown chart");
        match &self.of.installed_by {
            Some(object) => format!("of {chart}, which {object} installs"),
            None => format!("of {chart}"),
        }
    }

    pub(super) fn why(&self) -> String {
        let mut why = match &self.of.agents[..] {
            [] => "no profile knows the chart".to_owned(),
            agents => format!("as the profile of {} says", agents.join(" and ")),
        };
        for (word, paths) in [("wins over", &self.over), ("gives way to", &self.under)] {
            if !paths.is_empty() {
                why.push_str(&format!("; {word} {}", paths.join(", ")));
            }
        }
        why
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "chart": self.of.chart,
            "installedBy": self.of.installed_by,
            "agents": self.of.agents,
            "over": self.over,
            "under": self.under,
        })
    }
}
