//! The keys of a kustomization, and the types of their values.

/// What a value has to be; nothing at all always passes.
pub(super) enum KeyType {
    Text,
    Bool,
    Number,
    /// A mapping to text.
    Texts,
    /// The same, written into what is built.
    Labels,
    /// A mapping, whose values are not looked at.
    Any,
    /// A mapping with these keys.
    Keys(&'static [(&'static str, KeyType)]),
    List(&'static KeyType),
}

use KeyType::{Any, Bool, Keys, Labels, List, Number, Text, Texts};

const TEXTS: KeyType = List(&Text);

const IMAGES: KeyType = List(&Keys(&[
    ("name", Text),
    ("newName", Text),
    ("tagSuffix", Text),
    ("newTag", Text),
    ("digest", Text),
]));

const SELECTOR: KeyType = Keys(&[
    ("group", Text),
    ("version", Text),
    ("kind", Text),
    ("name", Text),
    ("namespace", Text),
    ("annotationSelector", Text),
    ("labelSelector", Text),
]);

/// What is replaced of a text, and where nothing is there yet.
const REPLACED: KeyType = Keys(&[
    ("delimiter", Text),
    ("index", Number),
    ("encoding", Text),
    ("create", Bool),
]);

/// `sourceValue` came with kustomize 5.7.
const REPLACEMENT: KeyType = Keys(&[
    ("path", Text),
    ("sourceValue", Text),
    (
        "source",
        Keys(&[
            ("group", Text),
            ("version", Text),
            ("kind", Text),
            ("name", Text),
            ("namespace", Text),
            ("fieldPath", Text),
            ("options", REPLACED),
        ]),
    ),
    (
        "targets",
        List(&Keys(&[
            ("select", SELECTOR),
            ("reject", List(&SELECTOR)),
            ("fieldPaths", TEXTS),
            ("options", REPLACED),
        ])),
    ),
]);

const PATCHES: KeyType = List(&Keys(&[
    ("path", Text),
    ("patch", Text),
    ("target", SELECTOR),
    ("options", Any),
]));

const OPTIONS: KeyType = Keys(&[
    ("labels", Labels),
    ("annotations", Labels),
    ("disableNameSuffixHash", Bool),
    ("immutable", Bool),
    ("emitStringData", Bool),
]);

const GENERATORS: KeyType = List(&Keys(&[
    ("namespace", Text),
    ("name", Text),
    ("behavior", Text),
    ("type", Text),
    ("literals", TEXTS),
    ("files", TEXTS),
    ("envs", TEXTS),
    ("env", Text),
    ("options", OPTIONS),
    ("emitStringData", Bool),
]));

/// The keys of a kustomization. Of lists whose items have gained keys from version to version, only
/// that they are lists of mappings is held.
pub(super) const KUSTOMIZATION: KeyType = Keys(&[
    ("apiVersion", Text),
    ("kind", Text),
    (
        "metadata",
        Keys(&[
            ("name", Text),
            ("namespace", Text),
            ("labels", Texts),
            ("annotations", Texts),
        ]),
    ),
    ("openapi", Texts),
    ("namePrefix", Text),
    ("nameSuffix", Text),
    ("namespace", Text),
    ("commonLabels", Labels),
    ("commonAnnotations", Labels),
    (
        "labels",
        List(&Keys(&[
            ("pairs", Labels),
            ("includeSelectors", Bool),
            ("includeTemplates", Bool),
            ("fields", List(&Any)),
        ])),
    ),
    ("patchesStrategicMerge", TEXTS),
    ("patchesJson6902", PATCHES),
    ("patches", PATCHES),
    ("images", IMAGES),
    ("imageTags", IMAGES),
    ("replacements", List(&REPLACEMENT)),
    (
        "replicas",
        List(&Keys(&[("name", Text), ("count", Number)])),
    ),
    (
        "vars",
        List(&Keys(&[
            ("name", Text),
            (
                "objref",
                Keys(&[
                    ("apiVersion", Text),
                    ("group", Text),
                    ("version", Text),
                    ("kind", Text),
                    ("name", Text),
                    ("namespace", Text),
                ]),
            ),
            ("fieldref", Keys(&[("fieldPath", Text)])),
        ])),
    ),
    (
        "sortOptions",
        Keys(&[
            ("order", Text),
            (
                "legacySortOptions",
                Keys(&[("orderFirst", TEXTS), ("orderLast", TEXTS)]),
            ),
        ]),
    ),
    ("resources", TEXTS),
    ("components", TEXTS),
    ("crds", TEXTS),
    ("bases", TEXTS),
    ("configMapGenerator", GENERATORS),
    ("secretGenerator", GENERATORS),
    ("helmGlobals", Any),
    ("helmCharts", List(&Any)),
    ("helmChartInflationGenerator", List(&Any)),
    ("generatorOptions", OPTIONS),
    ("configurations", TEXTS),
    ("generators", TEXTS),
    ("transformers", TEXTS),
    ("validators", TEXTS),
    ("buildMetadata", TEXTS),
]);
