//! Inputs of several chunks, which threads split and read.

use super::{check, list_of, some, stream_of};
use crate::support::mutate::{Chance, documents};

/// An input too small to be worth threads must not hide what they do.
#[test]
fn a_large_input_gives_the_same_both_ways() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let all = documents();
    let mut documents = Vec::new();
    while documents
        .iter()
        .map(|text: &&String| text.len())
        .sum::<usize>()
        < 1 << 20
    {
        documents.append(&mut some(&all, &mut chance));
    }
    let broken = "kind: Pod\nspec: [\n".to_owned();
    check(&list_of(&documents, 9));
    check(&stream_of(&documents, 0));
    documents.push(&broken);
    check(&list_of(&documents, 9));
    check(&stream_of(&documents, 0));
}

/// Whoever splits a list by its dashes finds some behind it, too, and none within items that are longer than
/// what is split in one go.
#[test]
fn what_is_behind_a_large_list_is_none_of_it() {
    let item = |number: usize, dash: &str, lines: usize| {
        let pad = " ".repeat(dash.len());
        let data: String = { 0..lines }
            .map(|line| format!("{pad}  - text: {line}\n"))
            .collect();
        format!(
            "{dash}apiVersion: v1\n{pad}kind: Thing\n{pad}metadata: {{name: a{number}}}\n{pad}spec:\n{data}"
        )
    };
    let config = "functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: c}\n";
    for (dash, indent) in [("- ", ""), ("  - ", "  ")] {
        let items: String = { 0..300 }
            .map(|number| item(number, dash, if number % 100 == 7 { 4500 } else { 20 }))
            .collect();
        let list =
            format!("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{items}");
        let results: String = { 0..700 }
            .map(|number| format!("{indent}- message: old {number}\n{indent}  severity: info\n"))
            .collect();
        let results = format!("results:\n{results}");
        assert!(check(&list));
        for behind in [
            format!("{results}{config}"),
            format!("{config}{results}"),
            format!("{results}{config}{results}"),
            format!("other: 1\n{results}"),
        ] {
            check(&format!("{list}{behind}"));
        }
        // Within a text, such a line is none of the list's.
        let quoted = format!("{dash}apiVersion: v1\n{indent}  kind: \"Thing\nresults: x\"\n");
        check(&format!("{list}{quoted}{config}"));
    }
}
