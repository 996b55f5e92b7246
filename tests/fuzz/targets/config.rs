//! Any text as a configuration: by itself, as functionConfig, and among the items, where profiles
//! and rules stand. What is refused has its place inside the text.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use restore_images_fuzz::{run, told, wrap};

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - image: realtheory/theory-k8s-collector:v1
";

fuzz_target!(|data: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(data) else {
        return Corpus::Reject;
    };
    if let Ok(first) = run(POD, Some(text)) {
        let second = run(&first.output, Some(text)).expect("the output is refused");
        assert_eq!(first.output, second.output, "a second run changes {text:?}");
    }
    // What an earlier run wrote into the results is no part of the second's input.
    if let Ok(first) = run(&wrap::list(&[POD], Some(text), 0), None) {
        let second = run(&first.output, None).expect("the output is refused");
        let third = run(&second.output, None).expect("the output is refused");
        assert_eq!(second.output, third.output, "a third run changes {text:?}");
    }
    drop(run(&format!("{POD}---\n{text}"), None));
    told::file(POD, Some(text));
    Corpus::Keep
});
