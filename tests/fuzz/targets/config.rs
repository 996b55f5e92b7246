//! Any text as a configuration: the first byte chooses whether by itself, as functionConfig, among
//! the manifests, where profiles stand, or for files. What is refused has its place in the text.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use restore_images_fuzz::{chosen, run, told, wrap};

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - image: realtheory/theory-k8s-collector:v1
";

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((way, text)) = chosen(data) else {
        return Corpus::Reject;
    };
    match way % 4 {
        0 => {
            if let Ok(first) = run(POD, Some(text)) {
                let second = run(&first.output, Some(text)).expect("the output is refused");
                assert_eq!(first.output, second.output, "a second run changes {text:?}");
            }
        }
        1 => {
            let again = |input: &str| run(input, None).expect("the output is refused").output;
            if let Ok(first) = run(&wrap::list(&[POD], Some(text), 0), None) {
                // The second run's results say other things than the first's.
                let second = again(&first.output);
                assert_eq!(again(&second), second, "a third run changes {text:?}");
            }
        }
        2 => drop(run(&format!("{POD}---\n{text}"), None)),
        _ => told::file(POD, Some(text), way / 4 % 2 == 1),
    }
    Corpus::Keep
});
