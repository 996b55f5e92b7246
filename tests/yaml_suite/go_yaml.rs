//! What go-yaml reads and YAML 1.2 forbids: kustomize, kubectl and kpt take such files, so each is
//! refused in words that say what to write instead.

use crate::fast;

use crate::support::{assert_text_eq, run};

/// The 13 ids of the suite that go-yaml v3.0.4 takes and that are refused here; a manifest with the
/// same in it, and the message.
///
/// None is read: another reader may take the text for something else or refuse it, and what is
/// restored has to be the same for all.
const TAKEN: [(&str, &str, &str); 13] = [
    (
        "9HCY",
        "apiVersion: v1\nkind: Pod\n%TAG ! tag:example.com,2026:\n---\nkind: Pod\n",
        "stdin:3:1: missing explicit document end marker before directive\n\
         help: write a line `...` before the line that begins with `%` (kustomize may take it, YAML does not)\n",
    ),
    (
        "9JBA",
        "kind: Pod\nargs: [--one, --two]#both\n",
        "stdin:2:21: comments must be separated from other tokens by whitespace\n\
         help: write a blank before the `#` of a comment, and quotes around a text that holds one (kustomize may take it, YAML does not)\n",
    ),
    (
        "CVW2",
        "kind: Pod\nargs: [--one, --two,#both\n]\n",
        "stdin:2:21: comments must be separated from other tokens by whitespace\n\
         help: write a blank before the `#` of a comment, and quotes around a text that holds one (kustomize may take it, YAML does not)\n",
    ),
    (
        "DK95/01",
        "kind: Pod\nnote: \"one\n\ttwo\"\n",
        "stdin:3:1: tab cannot be used as indentation\n\
         help: indent with blanks: tabs do not count (kustomize may take it, YAML does not)\n",
    ),
    (
        "G5U8",
        "kind: Pod\nargs:\n- [-, -]\n",
        "stdin:3:4: plain scalar cannot start with '-' followed by ,[]{}\n\
         help: write the lone dash in quotes (kustomize may take it, YAML does not)\n",
    ),
    (
        "HRE5",
        "kind: Pod\nnote: \"it\\'s new\"\n",
        "stdin:2:7: while parsing a quoted scalar, found unknown escape character\n\
         help: within double quotes write `'` without a backslash, and a backslash twice (kustomize may take it, YAML does not)\n",
    ),
    (
        "MUS6/00",
        "%YAML 1.1#old\n---\nkind: Pod\n",
        "stdin:1:10: comments must be separated from other tokens by whitespace\n\
         help: write a blank before the `#` of a comment, and quotes around a text that holds one (kustomize may take it, YAML does not)\n",
    ),
    (
        "S98Z",
        "kind: Pod\nnote: >\n \n   \n # c\n",
        "stdin:5:2: wrongly indented line in block scalar\n\
         help: take the blanks off the empty lines at the head of the text (kustomize may take it, YAML does not)\n",
    ),
    (
        "SU5Z",
        "kind: Pod\nimage: \"nginx\"# the agent\n",
        "stdin:2:15: comments must be separated from other tokens by whitespace\n\
         help: write a blank before the `#` of a comment, and quotes around a text that holds one (kustomize may take it, YAML does not)\n",
    ),
    (
        "U99R",
        "kind: Pod\nargs:\n- !!str, one\n",
        "stdin:3:3: while scanning a tag, did not find expected whitespace or line break\n\
         help: write a blank behind the tag, and no comma (kustomize may take it, YAML does not)\n",
    ),
    (
        "X4QW",
        "kind: Pod\nnote: ># c\n  one\n",
        "stdin:2:8: comments must be separated from other tokens by whitespace\n\
         help: write a blank before the `#` of a comment, and quotes around a text that holds one (kustomize may take it, YAML does not)\n",
    ),
    (
        "Y79Y/003",
        "kind: Pod\nargs: [\n\t--one,\n --two\n ]\n",
        "stdin:3:2: tabs disallowed within this context (block indentation)\n\
         help: indent with blanks: tabs do not count (kustomize may take it, YAML does not)\n",
    ),
    (
        "YJV2",
        "kind: Pod\nargs: [-]\n",
        "stdin:2:8: plain scalar cannot start with '-' followed by ,[]{}\n\
         help: write the lone dash in quotes (kustomize may take it, YAML does not)\n",
    ),
];

#[test]
fn what_go_yaml_alone_takes_is_refused_with_a_remedy() {
    for (id, input, expected) in TAKEN {
        let run = run(&[], input.as_bytes());
        assert_text_eq(&run.stderr, expected);
        assert_eq!((run.code, run.stdout.len()), (2, 0), "{id}");
        assert!(!fast::check(input), "{id}: the fast parser took it");
    }
}
