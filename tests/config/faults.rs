//! Configurations that cannot be followed: each with its key, place, fault and help.

use super::{HEAD, check_fault};
use crate::support::known_agents;

/// A spec that stands on line 4, indented by 2.
#[track_caller]
fn check(spec: &str, expected: &str, help: &str) {
    check_fault(&format!("{HEAD}spec:\n  {spec}\n"), expected, help);
}

/// Each is refused by the program, and so by the schema.
#[test]
fn what_a_pattern_can_tell_the_schema_refuses() {
    let image = |text: &str| format!("  agents: [{{name: a, images: [{{image: '{text}'}}]}}]\n");
    let rule = |text: &str| format!("  registries: [{{source: docker.io, mirror: '{text}'}}]\n");
    let digest = format!("x@sha256:{}", "a".repeat(64));
    let wrong = ["https://x/y", "X/Y", "x:", "x y", "x@sha256:abc", "X"].map(image);
    let mirrors = [
        "-x.example",
        "x..example",
        "x_y.example/a",
        "x.example/-a",
        "x.example/a___c",
    ];
    let others = [
        "  fields: [{kind: X, image: $.a}]\n".to_owned(),
        "  files: {exclude: ['']}\n".to_owned(),
        "  agents: [{name: a, images: [{image: x, aliases: ['y:1']}]}]\n".to_owned(),
        "  agents: [{name: a, images: [{image: x, aliases: [Y]}]}]\n".to_owned(),
        "  agents: [{name: a, images: [{image: x, mirrorPaths: [y]}]}]\n".to_owned(),
        "  agents: [{name: a, images: [{image: x, tag: minimum, minimum: abc}]}]\n".to_owned(),
    ];
    for spec in wrong.into_iter().chain(mirrors.map(rule)).chain(others) {
        let text = format!("{HEAD}spec:\n{spec}");
        assert!(super::try_with(&text, &[]).is_err(), "{spec}");
        assert!(super::schemas::refuses(&text), "{spec}");
    }
    let taken = [
        "x",
        "acme/a__b",
        "localhost:5000/a/b-c",
        "[::1]:5000/x",
        "quay.io/a/b:v1",
        &digest,
    ];
    let mirrors = [
        "localhost",
        "reg:5000",
        "REG.example/a--b",
        "[::1]:5000/hub",
        "a.b.example:443/x/y",
    ];
    for spec in taken.map(image).into_iter().chain(mirrors.map(rule)) {
        super::config(&spec);
    }
}

#[test]
fn what_is_written_is_what_is_expected() {
    check(
        "mode: chek",
        "spec.mode 4:9: unknown mode `chek`",
        "did you mean `check`? known: restore, check",
    );
    check(
        "mode: CHECK",
        "spec.mode 4:9: unknown mode `CHECK`",
        "did you mean `check`? known: restore, check",
    );
    check(
        "mode: 1",
        "spec.mode 4:9: expected one of restore, check, found the number 1",
        "",
    );
    check(
        "mode: true",
        "spec.mode 4:9: expected one of restore, check, found the boolean true",
        "",
    );
    check(
        "mode:",
        "spec.mode 4:7: expected one of restore, check, found nothing",
        "write a value, or leave the key out",
    );
    check(
        "mode: [check]",
        "spec.mode 4:9: expected one of restore, check, found a list",
        "",
    );
    check(
        r#"mode: !!int "5""#,
        "spec.mode 4:9: expected one of restore, check, found a value tagged `!!int`",
        "",
    );
    check(
        "mode: &a !x check",
        "spec.mode 4:9: expected one of restore, check, found a value tagged `!x`",
        "",
    );
    check(
        "agents:",
        "spec.agents 4:9: expected a list, found nothing",
        "write a value, or leave the key out",
    );
    check(
        "agents: {}",
        "spec.agents 4:11: expected a list, found a mapping",
        "",
    );
    check(
        "agents: realtheory-collector",
        "spec.agents 4:11: expected a list, found the text `realtheory-collector`",
        "write it as a list: [realtheory-collector]",
    );
    check(
        "agents: [1.10]",
        "spec.agents[0] 4:12: expected text or a mapping, found the number 1.10",
        r#"quote it: "1.10"; kustomize rewrites unquoted numbers (1.10 becomes 1.1) before this function sees them"#,
    );
    check(
        "agents: [[a]]",
        "spec.agents[0] 4:12: expected text or a mapping, found a list",
        "",
    );
    check(
        r#"agents: [{name: own, images: [{image: a/b, shared: "true"}]}]"#,
        "spec.agents[0].images[0].shared 4:54: expected true or false, found the text `true`",
        "leave the quotes or the tag out",
    );
    check(
        "agents: [{name: own, images: [{image: a/b, shared: yes}]}]",
        "spec.agents[0].images[0].shared 4:54: expected true or false, found the text `yes`",
        "write `true` or `false`, without quotes",
    );
    check(
        "registries: [docker.io=m.example.com]",
        "spec.registries[0] 4:16: expected a mapping, found the text `docker.io=m.example.com`",
        "write keys, each with its value: `KEY: VALUE`",
    );
    check(
        "imagePullSecrets: [1]",
        "spec.imagePullSecrets[0] 4:22: expected text, found the number 1",
        r#"quote it: "1"; kustomize rewrites unquoted numbers (1.10 becomes 1.1) before this function sees them"#,
    );
}

#[test]
fn keys_are_known_text_and_stand_once() {
    check(
        "agent: []",
        "spec.agent 4:3: unknown key `agent`",
        "did you mean `agents`?",
    );
    check(
        "speck: {}",
        "spec.speck 4:3: unknown key `speck`",
        "known keys: mode, agents, registries, undeclaredMirrors, imagePullSecrets, plainHttpRegistries, fields, imageLists, values, unmatchedAgents, exceptions, output, summary, trust, files",
    );
    check(
        "fields: [{apiVersion: example.com/v1, kind: C, image: '$.spec..image'}]",
        "spec.fields[0].image 4:64: `$.spec..image`: descendants (`..`) are not read: name the way",
        "write a path such as `$.spec.image` or `$.spec.images[*]`",
    );
    check(
        "fields: [{apiVersion: example.com/v1, kind: C, image: '$.spec[image'}]",
        "spec.fields[0].image 4:65: `$.spec[image`: this is no JSONPath (RFC 9535)",
        "write a path such as `$.spec.image` or `$.spec.images[*]`",
    );
    // Where letters are not what they read as, the place is that of the value.
    for (path, column) in [
        ("$.é..image", 60),
        ("&a $.spec..image", 66),
        ("'$.é..image'", 61),
        (r#""$.spec..image""#, 64),
        (r#""$.é..image""#, 57),
        (r#""$.\u0073pec..image""#, 57),
    ] {
        let read = if path.contains('é') {
            "$.é..image"
        } else {
            "$.spec..image"
        };
        check(
            &format!("fields: [{{apiVersion: example.com/v1, kind: C, image: {path}}}]"),
            &format!(
                "spec.fields[0].image 4:{column}: `{read}`: descendants (`..`) are not read: name the way"
            ),
            "write a path such as `$.spec.image` or `$.spec.images[*]`",
        );
    }
    check(
        "fields: [{apiVersion: v1, kind: C, image: $.spec.image}]",
        "spec.fields[0].apiVersion 4:25: `v1` names no API group",
        "write group and version: example.com/v1",
    );
    check(
        "agents: [{name: own, images: [{image: a/b}], port: []}]",
        "spec.agents[0].port 4:48: unknown key `port`",
        "known keys: name, title, docs, restartsItself, images, env, args, prefixes, data, manifests, helm, charts, tested, examples, facts, namespaces, undeclaredMirrors, unmatched, revision",
    );
    check(
        "agents: [{name: own, images: [{image: a/b}], helm: [{repository: $.image.name, defaultRepository: a/b, tag: $.image.tag}]}]",
        "spec.agents[0].helm[0].defaultRepository 4:101: `helm` is for any chart, which may have another repository by default",
        "say under `charts` what a chart has",
    );
    check(
        "exceptions: [{reason: r, allow: [tag], names: a}]",
        "spec.exceptions[0].names 4:42: unknown key `names`",
        "did you mean `name`?",
    );
    check(
        "{mode: check, mode: restore}",
        "spec.mode 4:17: the key `mode` stands twice in one mapping (first: 4:4)",
        "readers disagree on which of the two counts: remove one",
    );
    check(
        "<<: {mode: check}",
        "spec 4:3: merge keys are not read in configuration",
        "write the keys out",
    );
    check("{[a]: b}", "spec 4:4: a key must be text, found a list", "");
    check(
        "{1: b}",
        "spec.1 4:4: unknown key `1`",
        "known keys: mode, agents, registries, undeclaredMirrors, imagePullSecrets, plainHttpRegistries, fields, imageLists, values, unmatchedAgents, exceptions, output, summary, trust, files",
    );
}

#[test]
fn registries_fit_together() {
    check(
        "registries: [{source: docker.io}]",
        "spec.registries[0] 4:16: `mirror` is missing",
        "add `mirror:`",
    );
    check(
        "registries: [{source: realtheory, mirror: m.example.com}]",
        "spec.registries[0].source 4:25: `realtheory` does not start with a registry host",
        "a host has a dot or a port, as `registry.example.com`; for a path of Docker Hub, write `docker.io/realtheory`",
    );
    check(
        r#"registries: [{source: docker.io, mirror: "https://m.example.com/hub/"}]"#,
        "spec.registries[0].mirror 4:44: `https://m.example.com/hub/` has a scheme",
        "write `m.example.com/hub`",
    );
    check(
        "registries: [{source: docker.io, mirror: m.example.com, scope: every}]",
        "spec.registries[0].scope 4:66: unknown scope `every`",
        "known: agents, all",
    );
    check(
        "registries: [{source: docker.io, mirror: m.example.com, imagePullSecrets: hub}]",
        "spec.registries[0].imagePullSecrets 4:77: expected a list, found the text `hub`",
        "write it as a list: [hub]",
    );
    check(
        "registries: [{source: docker.io, mirror: a.example.com}, {source: docker.io, mirror: b.example.com}]",
        "spec.registries[1].source 4:69: `docker.io → a.example.com` and `docker.io → b.example.com` have the same source (first: 4:25)",
        "keep one of them",
    );
    check(
        "registries: [{source: a.example.com, mirror: b.example.com}, {source: b.example.com, mirror: a.example.com}]",
        "spec.registries[0].mirror 4:48: `a.example.com → b.example.com` and `b.example.com → a.example.com` map in a circle (first: 4:73)",
        "remove one of them",
    );
    check(
        "registries: [{source: a.example.com, mirror: b.example.com}, {source: b.example.com, mirror: c.example.com}]",
        "spec.registries[0].mirror 4:48: `b.example.com → c.example.com` maps the result of `a.example.com → b.example.com` again (first: 4:73)",
        "map `a.example.com` straight to `c.example.com`",
    );
    check(
        "undeclaredMirrors: kep",
        "spec.undeclaredMirrors 4:22: unknown value `kep`",
        "did you mean `keep`? known: restore, keep",
    );
    check(
        "imagePullSecrets: [My_Secret]",
        "spec.imagePullSecrets[0] 4:22: `My_Secret` is not a legal name",
        "use lower-case letters, digits, `-` and `.`, with a letter or digit at both ends",
    );
    check(
        "output: none",
        "spec.output 4:11: `output: none` goes only with `mode: check`",
        "write `mode: check` for kustomize's `validators:`, or leave `output` out: it prints no items, and anything but a validator would delete every resource",
    );
    check(
        "output: nothing",
        "spec.output 4:11: unknown output `nothing`",
        "known: items, none",
    );
}

#[test]
fn exceptions_say_why_where_and_what() {
    check(
        "exceptions: [{}]",
        "spec.exceptions[0] 4:16: `reason` is missing",
        "add `reason:`",
    );
    check(
        "exceptions: [{reason: r, allow: [tag]}]",
        "spec.exceptions[0] 4:16: the exception says nothing of where it holds",
        "add at least one of kind, namespace, name, container, agent, file, field",
    );
    check(
        r#"exceptions: [{reason: " ", allow: [tag], name: a}]"#,
        "spec.exceptions[0].reason 4:25: the text is empty",
        "say why, and where it is followed up",
    );
    check(
        "exceptions: [{reason: r, allow: [], name: a}]",
        "spec.exceptions[0].allow 4:35: the exception allows nothing",
        "name what may differ: registry, tag, digest, imagePullPolicy, imagePullSecrets",
    );
    check(
        "exceptions: [{reason: r, name: a}]",
        "spec.exceptions[0] 4:16: `allow` is missing",
        "add `allow:`",
    );
    check(
        "exceptions: [{reason: r, allow: [tags], name: a}]",
        "spec.exceptions[0].allow[0] 4:36: unknown aspect `tags`",
        "did you mean `tag`? known: registry, tag, digest, imagePullPolicy, imagePullSecrets",
    );
    check(
        r#"exceptions: [{reason: r, allow: [tag], name: ""}]"#,
        "spec.exceptions[0].name 4:48: the text is empty",
        "name what it is for, or leave the key out",
    );
    check(
        "exceptions: [{reason: r, allow: [tag], name: a, expires: 2027-02-30}]",
        "spec.exceptions[0].expires 4:60: `2027-02-30` is not a day of the calendar",
        "write the last day on which it holds, as 2027-01-31",
    );
    check(
        "exceptions: [{reason: r, allow: [tag], name: a, expires: 20270230}]",
        "spec.exceptions[0].expires 4:60: expected text, found the number 20270230",
        r#"quote it: "20270230"; kustomize rewrites unquoted numbers (1.10 becomes 1.1) before this function sees them"#,
    );
    check(
        "exceptions: [{reason: r, allow: [tag], name: a, expires: }]",
        "spec.exceptions[0].expires 4:58: expected text, found nothing",
        "write a value, or leave the key out",
    );
    check(
        "exceptions: [{reason: r, allow: [tag], kind: ~}]",
        "spec.exceptions[0].kind 4:48: expected text, found nothing",
        "write a value, or leave the key out",
    );
    check(
        "exceptions: [{reason: r, allow: [tag], agent: realtheory-colector}]",
        "spec.exceptions[0].agent 4:49: unknown agent `realtheory-colector`",
        &format!("did you mean `realtheory-collector`? {}", known_agents()),
    );
}

/// A filter asks what takes no longer than the manifests are long: a profile comes with them.
#[test]
fn filters_ask_only_what_is_linear() {
    const HELP: &str = "write a path such as `$.spec.image` or `$.spec.images[*]`";
    for (filter, column, what) in [
        (
            "count(@.*) > 1",
            63,
            "`count` is not read here: of the functions, `match` and `search` are",
        ),
        (
            "length(@.a) > 1",
            63,
            "`length` is not read here: of the functions, `match` and `search` are",
        ),
        ("$.b == 1", 63, "a filter asks what `@` leads to, not `$`"),
        ("$.b", 63, "a filter asks what `@` leads to, not `$`"),
        (
            "@.a == @.b",
            62,
            "a filter compares what `@` leads to with a text, a number, `true`, `false` or `null`",
        ),
        ("@..a", 64, "descendants (`..`) are not read: name the way"),
        (
            "search(@.a, @.b)",
            63,
            "`search` takes a path from `@` and a regular expression in quotes",
        ),
        (
            "match(@.a, '(')",
            63,
            "this is not a regular expression (RFC 9485)",
        ),
        (
            "match(@.a, '((a{1,100}){1,100}){1,100}')",
            63,
            "the regular expression is too large: repetitions multiply",
        ),
    ] {
        let path = format!("$.s[?{filter}].image");
        check(
            &format!("fields: [{{apiVersion: example.com/v1, kind: C, image: \"{path}\"}}]"),
            &format!("spec.fields[0].image 4:{column}: `{path}`: {what}"),
            HELP,
        );
    }
    let long = format!("$.{}.image", "a".repeat(1020));
    check(
        &format!("fields: [{{apiVersion: example.com/v1, kind: C, image: {long}}}]"),
        &format!(
            "spec.fields[0].image 4:57: `{}…`: a path has no more than 1024 bytes",
            &long[..60]
        ),
        HELP,
    );
}

/// What people write first who have not read the page: other shapes, and keys one level too high.
#[test]
fn other_shapes_are_told_what_to_write() {
    check(
        "imagePullSecrets: [{name: a}]",
        "spec.imagePullSecrets[0] 4:22: expected text, found a mapping",
        "write the text itself, without a key",
    );
    check(
        "registries: {source: docker.io, mirror: m.example.com}",
        "spec.registries 4:15: expected a list, found a mapping",
        "write it as a list, with a dash before the first key of each",
    );
    check(
        "agents: [{name: datadog, tag: keep}]",
        "spec.agents[0].tag 4:28: unknown key `tag`",
        "put `tag:` into each of `images:`; to adjust a built-in profile, write `profile:` instead of `name:`",
    );
}
