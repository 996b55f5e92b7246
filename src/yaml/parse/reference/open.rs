//! The collections that are open where a parser is, so that a value's place among them is known.

/// Keys of a ConfigMap and a Secret whose values the cluster carries and does not read.
const CARRIED: [&str; 3] = ["binaryData", "data", "stringData"];

/// The open collections, the outermost first.
#[derive(Debug, Default)]
pub(super) struct OpenCollections(Vec<Collection>);

#[derive(Debug)]
struct Collection {
    is_flow: bool,
    is_mapping: bool,
    /// Whether it or a collection around it has an anchor, so that aliases bring its values elsewhere.
    is_shared: bool,
    /// Whether it is the value of a key in [`CARRIED`].
    is_carried: bool,
    /// Whether its next node is a key.
    at_key: bool,
    /// Whether the last key is in [`CARRIED`].
    carries: bool,
}

impl OpenCollections {
    /// Whether the innermost collection is in flow style.
    pub(super) fn is_flow(&self) -> bool {
        self.0.last().is_some_and(|innermost| innermost.is_flow)
    }

    /// A collection begins.
    pub(super) fn begin(&mut self, is_mapping: bool, is_flow: bool, has_anchor: bool) {
        let is_carried = self.node(None);
        let is_shared = self.0.last().is_some_and(|around| around.is_shared);
        self.0.push(Collection {
            is_flow,
            is_mapping,
            is_shared: is_shared || has_anchor,
            is_carried,
            at_key: is_mapping,
            carries: false,
        });
    }

    /// The innermost collection ends.
    pub(super) fn end(&mut self) {
        self.0.pop();
    }

    /// Whether a scalar that comes now would be carried: a value of a `data` that no alias brings
    /// elsewhere.
    pub(super) fn is_carried(&self) -> bool {
        let innermost = self.0.last();
        innermost.is_some_and(|of| of.is_mapping && of.is_carried && !of.at_key && !of.is_shared)
    }

    /// A node comes, with its text where it is a scalar; gives whether it is the value of a key in
    /// [`CARRIED`].
    pub(super) fn node(&mut self, text: Option<&str>) -> bool {
        let Some(holder) = self.0.last_mut().filter(|holder| holder.is_mapping) else {
            return false;
        };
        let is_value = !holder.at_key;
        let is_carried = is_value && holder.carries;
        holder.carries = !is_value && text.is_some_and(|text| CARRIED.contains(&text));
        holder.at_key = is_value;
        is_carried
    }
}
