//! A ResourceList in and out: the first byte chooses how the rest, documents between `---`, is made
//! its items; the second, the configuration.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use restore_images_fuzz::configs::CONFIGS;
use restore_images_fuzz::{Run, chosen, readers, run, wrap};

/// Every generator, over whatever the items hold; of a few agents, since policies are long.
const GENERATE: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: GenerateImages
metadata: {name: g, namespace: n}
spec:
  agents: [realtheory-collector]
  registries:
  - {source: docker.io, mirror: reg.corp/hub, scope: all}
  emit:
  - mirrorSync: {schedule: '30 2 * * 6'}
  - rolloutRestart: {schedule: '@weekly'}
  - admissionPolicy: {action: Warn}
";

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((shape, text)) = chosen(data) else {
        return Corpus::Reject;
    };
    let Some((config, text)) = text.split_at_checked(1) else {
        return Corpus::Reject;
    };
    let generates = config == "4";
    let config = match config {
        "0" => CONFIGS[0],
        "1" => CONFIGS[1],
        "2" => CONFIGS[2],
        "4" => Some(GENERATE),
        _ => CONFIGS[3],
    };
    // Beyond seven bits, the text brings the ResourceList itself.
    let list = if shape < 128 {
        wrap::list(&wrap::documents(text), config, shape)
    } else {
        text.to_owned()
    };
    let Ok(first) = run(&list, None) else {
        return Corpus::Keep;
    };
    let second = again(&first);
    let third = again(&second);
    assert_eq!(third.output, second.output, "a third run changes {list:?}");
    if !generates {
        check(&list, &first);
    }
    Corpus::Keep
});

fn again(before: &Run) -> Run {
    run(&before.output, None).unwrap_or_else(|error| panic!("{error:?}: {:?}", before.output))
}

/// Nothing but what was planned differs; errors are in the results, and only then.
fn check(list: &str, run: &Run) {
    if !run.outcome.is_resource_list {
        return;
    }
    readers::compare(list, &run.output, &run.edits, &run.outcome.findings);
    let told = run.output.matches("message: ").count() + run.output.matches("\"message\"").count();
    assert!(told >= run.outcome.findings.len(), "{:?}", run.output);
}
