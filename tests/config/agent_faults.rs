//! Agents that cannot be followed: each with its key, place, fault and help.

use super::{HEAD, check_fault, config};
use crate::support::known_agents;

/// A spec that stands on line 4, indented by 2.
#[track_caller]
fn check(spec: &str, expected: &str, help: &str) {
    check_fault(&format!("{HEAD}spec:\n  {spec}\n"), expected, help);
}

#[test]
fn agents_are_known_and_named_once() {
    check(
        "agents: []",
        "spec.agents 4:11: the list names no agent",
        "name one, or leave `agents` out for every built-in profile",
    );
    check(
        "agents: [realtheory-colector]",
        "spec.agents[0] 4:12: unknown agent `realtheory-colector`",
        &format!("did you mean `realtheory-collector`? {}", known_agents()),
    );
    check(
        "agents: [zzz]",
        "spec.agents[0] 4:12: unknown agent `zzz`",
        &known_agents(),
    );
    check(
        "agents: [realtheory-collector, realtheory-collector]",
        "spec.agents[1] 4:34: the agent `realtheory-collector` is named twice (first: 4:12)",
        "keep one of them",
    );
    check(
        "agents: [realtheory-collector, {profile: realtheory-collector, tag: keep}]",
        "spec.agents[1] 4:34: the agent `realtheory-collector` is named twice (first: 4:12)",
        "keep one of them",
    );
    check(
        "agents: [{profil: realtheory-collector}]",
        "spec.agents[0] 4:12: one of the keys profile, name, kind is missing",
        "did you mean `profile`?",
    );
    check(
        "agents: [{images: []}]",
        "spec.agents[0] 4:12: one of the keys profile, name, kind is missing",
        "add one: it says which form this is",
    );
    check(
        "agents: [{}]",
        "spec.agents[0] 4:12: one of the keys profile, name, kind is missing",
        "add one: it says which form this is",
    );
    check(
        "agents: [{profile: realtheory-collecter}]",
        "spec.agents[0].profile 4:22: unknown agent `realtheory-collecter`",
        &format!("did you mean `realtheory-collector`? {}", known_agents()),
    );
    check(
        "agents: [{profile: realtheory-collector, images: []}]",
        "spec.agents[0].images 4:44: unknown key `images`",
        "known keys: profile, tag, pin, minimum, floatingTags, imagePullPolicy, imagePullSecrets, namespaces, undeclaredMirrors, unmatched, revision",
    );
    check(
        "agents: [{profile: realtheory-collector, tag: revised}]",
        "spec.agents[0].tag 4:49: unknown tag policy `revised`",
        "known: floating, keep, pinned, minimum, revision",
    );
    check(
        "agents: [{profile: realtheory-collector, namespaces: [A B]}]",
        "spec.agents[0].namespaces[0] 4:57: `A B` is not a legal name",
        "use lower-case letters, digits, `-` and `.`, with a letter or digit at both ends",
    );
    check(
        "agents: [{profile: realtheory-collector, imagePullPolicy: always}]",
        "spec.agents[0].imagePullPolicy 4:61: unknown pull policy `always`",
        "did you mean `Always`? known: Always, IfNotPresent, Never, keep",
    );
    check(
        r#"agents: [{profile: realtheory-collector, imagePullSecrets: [""]}]"#,
        "spec.agents[0].imagePullSecrets[0] 4:63: the name is empty",
        "write a name, or leave it out",
    );
    check(
        "agents: [{profile: realtheory-collector, undeclaredMirrors: no}]",
        "spec.agents[0].undeclaredMirrors 4:63: unknown value `no`",
        "known: restore, keep",
    );
    check(
        "agents: [{name: own, images: [{tag: keep}]}]",
        "spec.agents[0].images[0] 4:33: `image` is missing",
        "add `image:`",
    );
    check(
        "agents: [{name: own, images: []}]",
        "spec.agents[0].images 4:32: the profile has no image",
        "write at least one `- image: REFERENCE`",
    );
    check(
        "agents: [{name: own}]",
        "spec.agents[0] 4:12: `images` is missing",
        "add `images:`; to adjust a built-in agent, write `profile:` instead of `name:`",
    );
}

#[test]
fn tags_and_images_of_agents_are_legal() {
    check(
        "agents: [{profile: realtheory-collector, pin: v1}]",
        "spec.agents[0].pin 4:49: `pin` goes only with `tag: pinned`",
        "write `tag: pinned` beside it, or leave `pin` out",
    );
    check(
        "agents: [{profile: realtheory-collector, tag: pinned}]",
        "spec.agents[0].tag 4:49: `tag: pinned` needs a `pin`",
        r#"add `pin: "v1.2.3"`, `pin: "@sha256:…"` or both in one"#,
    );
    check(
        "agents: [{profile: realtheory-collector, tag: minimum, minimum: next}]",
        "spec.agents[0].minimum 4:67: `next` is not a version",
        r#"write it as "1.2.0" or "v1.2""#,
    );
    check(
        "agents: [{name: own, images: [{image: a/b, tag: pinned, pin: 1.10}]}]",
        "spec.agents[0].images[0].pin 4:64: expected text, found the number 1.10",
        r#"quote it: "1.10"; kustomize rewrites unquoted numbers (1.10 becomes 1.1) before this function sees them"#,
    );
    check(
        "agents: [{name: own, images: [{image: a/b, tag: pinned, pin: v1+2}]}]",
        "spec.agents[0].images[0].pin 4:64: `v1+2` is not a legal tag",
        "write `v1_2`",
    );
    check(
        "agents: [{name: own, images: [{image: a/b, tag: pinned, pin: 5000/b}]}]",
        "spec.agents[0].images[0].pin 4:64: `5000/b` is not a version to pin",
        "write a tag, `@digest`, or `tag@digest`",
    );
    check(
        r#"agents: [{name: own, images: [{image: a/b, tag: pinned, pin: ""}]}]"#,
        "spec.agents[0].images[0].pin 4:64: the version to pin is empty",
        "write a tag, `@digest`, or `tag@digest`",
    );
    check(
        r#"agents: [{name: own, images: [{image: a/b, tag: pinned, pin: "@sha256:12"}]}]"#,
        "spec.agents[0].images[0].pin 4:64: a sha256 digest has 64 digits, this one has 2",
        "",
    );
    check(
        r#"agents: [{name: own, images: [{image: a/b, minimum: "1"}]}]"#,
        "spec.agents[0].images[0].minimum 4:55: `minimum` goes only with `tag: minimum`",
        "write `tag: minimum` beside it, or leave `minimum` out",
    );
    check(
        "agents: [{name: own, images: [{image: a/b, floatingTags: [a]}]}]",
        "spec.agents[0].images[0].floatingTags 4:60: `floatingTags` goes only with `tag: floating`",
        "write `tag: floating` beside it, or leave `floatingTags` out",
    );
    check(
        "agents: [{name: own, images: [{image: a/b, tag: floating, floatingTags: [a b]}]}]",
        "spec.agents[0].images[0].floatingTags[0] 4:76: `a b` is not a legal tag",
        "a tag has 1 to 128 ASCII letters, digits, `_`, `.` and `-`, and starts with neither `.` nor `-`",
    );
    check(
        r#"agents: [{name: own, images: [{image: a/b, tag: floating, floatingTags: ["a@sha256:x"]}]}]"#,
        "spec.agents[0].images[0].floatingTags[0] 4:76: `a@sha256:x` is not a tag",
        r#"write tags alone, and "" for no tag"#,
    );
    check(
        r#"agents: [{name: own, images: [{image: "a/b@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", tag: floating}]}]"#,
        "spec.agents[0].images[0].tag 4:125: `tag: floating` contradicts the digest of the official image",
        "leave the digest out of `image`",
    );
    check(
        r#"agents: [{name: own, images: [{image: ""}]}]"#,
        "spec.agents[0].images[0].image 4:41: an image reference cannot be empty",
        "",
    );
    check(
        r#"agents: [{name: own, images: [{image: a/b, aliases: ["q.io/a/b:v1"]}]}]"#,
        "spec.agents[0].images[0].aliases[0] 4:56: the alias `q.io/a/b:v1` has a tag or digest",
        "write `q.io/a/b`: the tag is that of `image`",
    );
    check(
        "agents: [{name: own, images: [{image: a/b, aliases: [docker.io/a/b]}]}]",
        "spec.agents[0].images[0].aliases[0] 4:56: the repository docker.io/a/b stands twice in the profile (first: 4:41)",
        "keep it in one place",
    );
    check(
        r#"agents: [{name: own, images: [{image: a/b, containers: [""]}]}]"#,
        "spec.agents[0].images[0].containers[0] 4:59: the name is empty",
        "write a name, or leave it out",
    );
    check(
        "agents: [{name: Own, images: [{image: a}]}]",
        "spec.agents[0].name 4:19: `Own` is not a legal name",
        "use lower-case letters, digits, `-` and `.`, with a letter or digit at both ends",
    );
    check(
        "agents: [{name: own, images: [{image: a/b}], examples: [{from: a}]}]",
        "spec.agents[0].examples[0] 4:59: `to` is missing",
        "add `to:`",
    );
    check(
        "agents: [{kind: Agentprofile, apiVersion: restore-images.dev/v1alpha1, metadata: {name: a}, spec: {images: [{image: a}]}}]",
        "spec.agents[0].kind 4:19: `Agentprofile` is not known here",
        "write `kind: AgentProfile`, or `name: NAME` for the spec alone",
    );
    check(
        "agents: [{kind: AgentProfile, apiVersion: v1, metadata: {name: a}, spec: {images: [{image: a}]}}]",
        "spec.agents[0].apiVersion 4:45: `v1` is not known",
        "write `restore-images.dev/v1alpha1`",
    );
    check(
        "agents: [{kind: AgentProfile, apiVersion: v1, spec: {images: [{image: a}]}}]",
        "spec.agents[0] 4:12: `metadata` is missing",
        "add `metadata:`",
    );
}

/// What could never be of use, or would take another value for an image.
#[test]
fn carriers_of_a_profile_have_names_of_their_own() {
    let own =
        |rest: &str| format!("agents: [{{name: o, images: [{{image: acme.io/t/agent}}], {rest}}}]");
    // `^` is before the value at fault, `<` before the one that it repeats.
    let check_at = |rest: &str, what: &str, help: &str| {
        let marked = own(rest);
        let column = |mark: char| {
            let other = if mark == '^' { '<' } else { '^' };
            marked.replace(other, "").find(mark).map(|at| at + 3)
        };
        let (key, what) = what.split_once(": ").expect("a key");
        let first = column('<').map_or(String::new(), |first| format!(" (first: 4:{first})"));
        check(
            &marked.replace(['^', '<'], ""),
            &format!(
                "spec.agents[0].{key} 4:{}: {what}{first}",
                column('^').expect("a mark")
            ),
            help,
        );
    };
    for before in ["nosuch", "acme.io/t/agent", "gent"] {
        check_at(
            &format!("prefixes: [{{setting: X, before: ^{before}}}]"),
            &format!("prefixes[0].before: no image of the profile ends in `{before}`"),
            "write the end of the name of one, behind what the setting holds: `agent`",
        );
    }
    check_at(
        "prefixes: [{setting: ^'', before: agent}]",
        "prefixes[0].setting: the setting has no name",
        "write the variable, or the flag: `--registry`",
    );
    for (list, what) in [("data", "key"), ("env", "variable")] {
        check_at(
            &format!("{list}: [{{image: ^''}}]"),
            &format!("{list}[0].image: the {what} has no name"),
            &format!("write the name of the {what}"),
        );
        check_at(
            &format!("{list}: [{{image: <a, tag: ^a}}]"),
            &format!("{list}[0].tag: the {what} `a` stands twice"),
            &format!("a {what} holds one of these"),
        );
    }
    for flag in ["own", "--img=x"] {
        check_at(
            &format!("args: [{{flag: ^{flag}}}]"),
            &format!("args[0].flag: `{flag}` is not a flag"),
            "write it with its dashes and without a value: `--image`",
        );
    }
    check_at(
        "helm: [^{tag: $.a}]",
        "helm[0]: an image field has either `image` or `repository`",
        "write the one that holds the name",
    );
    let legal = own("prefixes: [{setting: X, before: t/agent}, {setting: --r, before: agent}]");
    assert_eq!(config(&format!("  {legal}\n")).agents.len(), 1);
}
