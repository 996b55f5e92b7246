//! Where the text around edits is enough to go by, and where all of it must be read again.

use super::{check, names};

/// Around the edit alone, the list would be new, and those that the merge brings forgotten.
#[test]
fn names_that_a_merge_brings_are_kept() {
    let merged = "\
spec:
  <<: {imagePullSecrets: [{name: first}]}
  restartPolicy: Always
";
    let key = "spec.imagePullSecrets";
    let planned = [names(key, &["second"])];
    for (list, verdict) in [
        ("[{name: first}, {name: second}]", Ok(())),
        ("[{name: second}]", Err(key)),
    ] {
        let own = format!("Always\n  imagePullSecrets: {list}");
        check(merged, &planned, &[("Always", &own)], None, verdict);
    }
}
