//! Lists of pull secrets: what one of them gains, others must not lose, and need not be given twice.

use super::{check, config, fixed, release, restored};
use crate::support::assert_text_eq;

/// Two images with lists of their own and a global one, which the chart adds up or prefers.
fn chart(one: &str, other: &str, rules: &str) -> String {
    config(&format!(
        "\
agents:
- name: foo
  images: [{{image: quay.io/acme/foo}}, {{image: quay.io/acme/bar}}]
  charts:
  - name: foo
    images:
    - repository: {{path: foo.repository, default: quay.io/acme/foo}}
      imagePullSecrets: {one}
    - repository: {{path: bar.repository, default: quay.io/acme/bar}}
      imagePullSecrets: {other}
registries: [{rules}]
"
    ))
}

const BOTH: &str = "{source: quay.io, mirror: r.example.com/quay, imagePullSecrets: [regcred]}";

#[test]
fn a_list_that_is_joined_with_another_gives_no_secret_twice() {
    check(
        &chart(
            "{path: foo.secrets, joinedWith: [global.secrets]}",
            "global.secrets",
            BOTH,
        ),
        &release("{chart: foo}", "a: b\n"),
        &release(
            "{chart: foo}",
            "a: b\nfoo:\n  repository: r.example.com/quay/acme/foo\nbar:\n  repository: r.example.com/quay/acme/bar\nglobal:\n  secrets:\n  - name: regcred\n",
        ),
        "info: HelmRelease n/r: the chart's default image does not come from the mirror: quay.io/acme/bar → r.example.com/quay/acme/bar [wrong-registry]\n\
         info: HelmRelease n/r: the chart's default image does not come from the mirror: quay.io/acme/foo → r.example.com/quay/acme/foo [wrong-registry]\n\
         info: HelmRelease n/r: global.secrets: (none) → [regcred] [missing-pull-secret]\n",
    );
}

/// An image that has the secret in its own list would have it twice.
#[test]
fn a_list_that_would_give_a_secret_twice_is_told() {
    let rule = "{source: quay.io/acme/bar, mirror: r.example.com/bar, imagePullSecrets: [regcred]}";
    let own = "foo:\n  secrets: [{name: regcred}]\n";
    check(
        &chart(
            "{path: foo.secrets, joinedWith: [global.secrets]}",
            "global.secrets",
            rule,
        ),
        &release("{chart: foo}", own),
        &release(
            "{chart: foo}",
            &format!("{own}bar:\n  repository: r.example.com/bar\n"),
        ),
        "info: HelmRelease n/r: the chart's default image does not come from the mirror: quay.io/acme/bar → r.example.com/bar [wrong-registry]\n\
         warning: HelmRelease n/r: global.secrets: (none) → [regcred] is not written: the list would give quay.io/acme/foo the pull secret regcred twice, since the chart adds its own list: take regcred out of that [missing-pull-secret]\n",
    );
}

/// The list is not made: it would take the place of one that another image needs.
#[test]
fn a_list_that_would_hide_another_is_told() {
    let rule = "{source: quay.io/acme/bar, mirror: r.example.com/bar, imagePullSecrets: [regcred]}";
    let config = chart(
        "{path: foo.secrets, overriddenBy: [global.secrets]}",
        "global.secrets",
        rule,
    );
    let moved = "bar:\n  repository: r.example.com/bar\n";
    let own = "foo:\n  secrets: [{name: own}]\n";
    check(
        &config,
        &release("{chart: foo}", own),
        &release("{chart: foo}", &format!("{own}{moved}")),
        "info: HelmRelease n/r: the chart's default image does not come from the mirror: quay.io/acme/bar → r.example.com/bar [wrong-registry]\n\
         warning: HelmRelease n/r: global.secrets: (none) → [regcred] is not written: the list would replace the one that gives quay.io/acme/foo the pull secret own: list own in it, too [missing-pull-secret]\n",
    );
    let both = "global:\n  secrets: [{name: own}]\n";
    let (text, _) = restored(&config, &release("{chart: foo}", &format!("{own}{both}")));
    let both = "global:\n  secrets: [{name: own}, {name: regcred}]\n";
    assert_text_eq(
        &text,
        &release("{chart: foo}", &format!("{own}{both}{moved}")),
    );
}

#[test]
fn a_secret_that_the_chart_makes_is_not_hidden() {
    let own = "{path: foo.secret, overriddenBy: [global.secrets], form: text, instead: \"set foo.secret\"}";
    let (text, said) = restored(
        &chart(own, "global.secrets", BOTH),
        &release("{chart: foo}", "a: b\n"),
    );
    assert!(!text.contains("regcred"), "{text}");
    for told in [
        "foo.secret: (none) → [regcred] is not written: set foo.secret [missing-pull-secret]\n",
        "global.secrets: (none) → [regcred] is not written: the list would replace a secret that the chart makes for quay.io/acme/foo: set foo.secret [missing-pull-secret]\n",
    ] {
        assert!(said.contains(told), "{said}");
    }
}

/// A key for one secret takes no list of names.
#[test]
fn one_text_holds_one_secret() {
    let rule = "{source: quay.io/acme/foo, mirror: r.example.com/foo, imagePullSecrets: [a, b]}";
    let (text, said) = restored(
        &chart("{path: foo.secret, form: text}", "bar.secrets", rule),
        &release("{chart: foo}", "a: b\n"),
    );
    assert!(!text.contains("secret"), "{text}");
    let told = "foo.secret: (none) → [a, b] is not written: the chart takes the name of one secret: make one of them [missing-pull-secret]\n";
    assert!(said.contains(told), "{said}");
}

/// An image that stays needs no secret, and keeps none from those that move.
#[test]
fn an_image_that_stays_keeps_no_secret_from_another() {
    let config = config(
        "\
agents:
- name: foo
  images: [{image: quay.io/acme/foo}, {image: quay.io/acme/bar}]
  charts:
  - name: foo
    images:
    - repository: {path: foo.repository, default: quay.io/acme/foo}
      imagePullSecrets: secrets
    - registry: {path: registry, default: quay.io}
      repository: {path: bar, default: acme/bar}
      imagePullSecrets: secrets
    - registry: {path: registry, default: quay.io}
      repository: {path: other, default: acme/other}
registries: [{source: quay.io/acme/bar, mirror: r.example.com/x/acme/bar, imagePullSecrets: [one]}, {source: quay.io/acme/foo, mirror: r.example.com/foo, imagePullSecrets: [two]}]
",
    );
    let (text, said) = restored(&config, &release("{chart: foo}", "registry: quay.io\n"));
    assert!(said.contains("acme/other, too"), "{said}");
    assert_text_eq(
        &text,
        &release(
            "{chart: foo}",
            "registry: quay.io\nfoo:\n  repository: r.example.com/foo\nsecrets:\n- name: two\n",
        ),
    );
}

const HUB: &str = "registries: [{source: quay.io, mirror: r.example.com/quay, scope: all, imagePullSecrets: [regcred]}]\n";

/// Nobody knows where the chart lists secrets: what it needs is told, unless they are listed somewhere.
#[test]
fn a_chart_that_nobody_knows_needs_its_secrets_all_the_same() {
    let values = "image: {repository: quay.io/acme/radio, tag: v1}\n";
    let moved = values.replace("quay.io", "r.example.com/quay");
    check(
        &config(HUB),
        &release("{chart: radio}", values),
        &release("{chart: radio}", &moved),
        "warning: HelmRelease n/r: quay.io/acme/radio:v1 needs the pull secret regcred, and no profile knows the key of this chart that lists it: list it where the chart reads it [unresolved-image]\n\
         info: HelmRelease n/r: wrong registry or path: quay.io/acme/radio:v1 → r.example.com/quay/acme/radio:v1 [wrong-registry]\n",
    );
    for listed in [
        "imagePullSecrets: [regcred]\n",
        "global: {pull_secret: regcred}\n",
    ] {
        check(
            &config(HUB),
            &release("{chart: radio}", &format!("{values}{listed}")),
            &release("{chart: radio}", &format!("{moved}{listed}")),
            "info: HelmRelease n/r: wrong registry or path: quay.io/acme/radio:v1 → r.example.com/quay/acme/radio:v1 [wrong-registry]\n",
        );
    }
}

/// A list in the mapping of an image counts for that image alone.
#[test]
fn a_list_in_the_mapping_of_an_image_of_an_unknown_chart() {
    let own = "repository: r.example.com/quay/acme/web, tag: v1";
    let other = "other: {repository: r.example.com/quay/acme/radio, tag: v1}\n";
    for values in [
        format!("web: {{{own}, imagePullSecret: regcred}}\n"),
        format!("web: {{{own}, pullSecret: regcred}}\n"),
        format!("image: {{{own}, pullSecret: regcred}}\n"),
        format!("image: {{{own}, image_pull_secrets: [regcred]}}\n"),
    ] {
        let input = release("{chart: radio}", &values);
        check(&config(HUB), &input, &input, "");
        let input = release("{chart: radio}", &format!("{values}{other}"));
        check(
            &config(HUB),
            &input,
            &input,
            "warning: HelmRelease n/r: r.example.com/quay/acme/radio:v1 needs the pull secret regcred, and no profile knows the key of this chart that lists it: list it where the chart reads it [unresolved-image]\n",
        );
    }
}

/// What no value changes is told.
#[test]
fn an_image_that_no_value_changes_is_told() {
    let input = release("{chart: foo}", "a: b\n");
    check(
        &config(
            "\
agents:
- name: foo
  images: [{image: quay.io/acme/foo}]
  charts:
  - name: foo
    images: [{repository: {literal: busybox}, noPullSecrets: true}, {image: {literal: 'quay.io/acme/foo:v1'}}]
registries: [{source: docker.io, mirror: r.example.com/hub, scope: all, imagePullSecrets: [regcred]}]
",
        ),
        &input,
        &input,
        "warning: HelmRelease n/r: busybox → r.example.com/hub/library/busybox is not written: no value of the chart changes it: change it where the chart is rendered [unresolved-image]\n",
    );
}

/// Each key of `helm` for pull secrets is honoured, in the form that it says.
#[test]
fn secrets_at_paths_of_any_chart_are_written_as_their_key_says() {
    let run = |keys: &str, before: &str, after: &str| {
        let spec = format!(
            "agents:\n- name: own\n  images: [{{image: acme.io/t/a}}]\n  helm: [{{repository: $.repo, {keys}}}]\nregistries: [{{source: acme.io, mirror: m.e/acme, imagePullSecrets: [p]}}]\n"
        );
        let values = |host: &str, rest: &str| {
            release("{chart: any}", &format!("repo: {host}/t/a\n{rest}\n"))
        };
        let (out, told) = restored(&config(&spec), &values("acme.io", before));
        assert_text_eq(&out, &values("m.e/acme", after));
        assert!(!told.contains("needs the pull secret"), "{told}");
        let (out, _) = restored(&config(&spec), &values("m.e/acme", after));
        assert_text_eq(&out, &values("m.e/acme", after));
    };
    run("imagePullSecrets: $.sec", "sec: []", "sec:\n- name: p");
    run("pullSecretNames: $.sec", "sec: []", "sec:\n- p");
    run("pullSecretNames: $.sec", "sec: [x]", "sec: [x, p]");
    run("imagePullSecret: $.sec", "sec: ''", "sec: 'p'");
    run(
        "imagePullSecret: $.sec.name",
        "sec: {name: ''}",
        "sec: {name: 'p'}",
    );
    run("overridingPullSecrets: $.sec", "sec: []", "sec:\n- name: p");
    let both = "imagePullSecrets: $.sec, overridingPullSecrets: $.own";
    run(both, "sec: []\nown: []", "sec:\n- name: p\nown: []");
    run(
        both,
        "sec: []\nown: [{name: x}]",
        "sec: []\nown: [{name: x}, {name: p}]",
    );
}

/// The helpers of Kubeturbo are handed over in arguments, with the secret of the chart's own image.
#[test]
fn the_helpers_of_kubeturbo_follow_the_rules() {
    let spec = "agents: [kubeturbo]\nregistries:\n- {source: icr.io, mirror: m.e/icr, imagePullSecrets: [p]}\n- {source: docker.io, mirror: m.e/hub, imagePullSecrets: [p]}\n";
    let values = |icr: &str, hub: &str, secret: &str| {
        format!(
            "image:\n  repository: {icr}/cpopen/turbonomic/kubeturbo\n  busyboxRepository: {hub}\n  cpufreqgetterRepository: {icr}/cpopen/turbonomic/cpufreqgetter\n  cpufreqgetterTag: '1'\n  imagePullSecret: {secret}\n"
        )
    };
    for busybox in ["docker.io/busybox", "docker.io/library/busybox"] {
        let (out, told) = restored(
            &config(spec),
            &release("{chart: kubeturbo}", &values("icr.io", busybox, "''")),
        );
        let expected = values("m.e/icr", "m.e/hub/library/busybox", "'p'");
        assert_text_eq(&out, &release("{chart: kubeturbo}", &expected));
        assert!(!told.contains("warning"), "{told}");
    }
    let bare = release("{chart: kubeturbo}", "image: {imagePullSecret: p}\n");
    let (out, _) = restored(&config(spec), &bare);
    assert!(
        !out.contains("busybox") && !out.contains("cpufreq"),
        "{out}"
    );
}

/// Of a chart that nobody knows, nobody knows the key, however an image is written there.
#[test]
fn what_an_image_of_an_unknown_chart_needs_is_told() {
    let rules = "registries: [{source: quay.io, mirror: m.example.com/quay, scope: all, imagePullSecrets: [regcred]}]\n";
    for values in [
        "app: {image: 'NAME:v1'}\n",
        "app: {image: {repository: NAME, tag: v1}}\n",
        "imageRepository: NAME\nimageTag: v1\n",
    ] {
        let input = |name: &str| release("{chart: c}", &values.replace("NAME", name));
        check(
            &config(rules),
            &input("quay.io/acme/a"),
            &input("m.example.com/quay/acme/a"),
            "warning: HelmRelease n/r: quay.io/acme/a:v1 needs the pull secret regcred, and no profile knows the key of this chart that lists it: list it where the chart reads it [unresolved-image]\ninfo: HelmRelease n/r: wrong registry or path: quay.io/acme/a:v1 → m.example.com/quay/acme/a:v1 [wrong-registry]\n",
        );
        let listed = format!("{values}pullSecrets: [regcred]\n");
        let input = |name: &str| release("{chart: c}", &listed.replace("NAME", name));
        check(
            &config(rules),
            &input("quay.io/acme/a"),
            &input("m.example.com/quay/acme/a"),
            "info: HelmRelease n/r: wrong registry or path: quay.io/acme/a:v1 → m.example.com/quay/acme/a:v1 [wrong-registry]\n",
        );
    }
}

/// What is global to a subchart alone is added to its list, where the chart around it has none.
#[test]
fn a_list_that_is_global_to_a_subchart_alone() {
    let rules = "agents:\n- name: acme\n  images: [{image: ghcr.io/acme2/agent2, tag: keep}]\n  charts: [{name: acmechart, images: [{repository: {path: comp2.repository}, imagePullSecrets: {path: imagePullSecrets, joinedWith: [global.imagePullSecrets]}}]}]\nregistries: [{source: ghcr.io, mirror: m.example.com/ghcr}]\nimagePullSecrets: [mirror-cred]\n";
    let chart = "apiVersion: v2\nname: umb\nversion: 0.1.0\ndependencies: [{name: acmechart, alias: ali, version: 1.2.3, repository: 'https://charts.acme.example/x'}]\n";
    let values = |host: &str, more: &str| {
        format!(
            "ali:\n  comp2: {{repository: {host}/acme2/agent2}}\n  global: {{imagePullSecrets: [{{name: mirror-cred}}]}}\n{more}"
        )
    };
    fixed(
        &config(rules),
        &[
            ("u/Chart.yaml", chart),
            ("u/values.yaml", &values("ghcr.io", "")),
        ],
        &[("u/values.yaml", &values("m.example.com/ghcr", ""))],
    );
    // The chart around it hides it, with an empty list, too.
    let empty = "global: {imagePullSecrets: []}\n";
    fixed(
        &config(rules),
        &[
            ("u/Chart.yaml", chart),
            ("u/values.yaml", &values("ghcr.io", empty)),
        ],
        &[(
            "u/values.yaml",
            &values("m.example.com/ghcr", "").replace(
                "mirror-cred}]}\n",
                &format!("mirror-cred}}]}}\n  imagePullSecrets:\n  - name: mirror-cred\n{empty}"),
            ),
        )],
    );
}

/// Where a build does not allow the list that images could share, each of them gets its own in the same run.
#[test]
fn a_list_that_a_build_refuses_leaves_the_image_its_own() {
    let rules = "agents:
- name: law
  images: [{image: ghcr.io/acme/theta, tag: keep}, {image: ghcr.io/acme/epsilon, tag: keep}, {image: registry.k8s.io/acme/omega, tag: keep}]
  charts:
  - name: law
    images:
    - {repository: {path: epsilon.repository, default: ghcr.io/acme/epsilon}, imagePullSecrets: {path: epsilon.pullSecrets, joinedWith: [global.imagePullSecrets]}}
    - {repository: {path: theta.repository, default: ghcr.io/acme/theta}, imagePullSecrets: global.imagePullSecrets}
    subcharts: [{chart: sub, under: om}]
  - name: sub
    images:
    - {repository: {path: repository, default: registry.k8s.io/acme/omega}, imagePullSecrets: {path: imagePullSecrets, joinedWith: [global.imagePullSecrets]}}
registries: [{source: quay.io, mirror: m.example.com}, {source: ghcr.io/acme, mirror: n.example.com/acme}, {source: registry.k8s.io, mirror: m.example.com/k8s}]
imagePullSecrets: [mirror]
";
    let base = |theta: &str, more: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r}}\nspec:\n  chart: {{spec: {{chart: law, version: 1.0.0}}}}\n  values:\n    theta: {{repository: {theta}}}\n{more}"
        )
    };
    let before = base(
        "ghcr.io/acme/theta",
        "    epsilon: {repository: ghcr.io/acme/epsilon, pullSecrets: []}\n",
    );
    let after = base(
        "n.example.com/acme/theta",
        "    epsilon: {repository: n.example.com/acme/epsilon, pullSecrets: [{name: mirror}]}\n    om:\n      repository: m.example.com/k8s/acme/omega\n      imagePullSecrets:\n      - name: mirror\n",
    );
    let patch = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r}\nspec:\n  values:\n    theta: {repository: quay.io/acme/theta}\n";
    fixed(
        &config(rules),
        &[
            ("base/hr.yaml", &*before),
            ("base/kustomization.yaml", "resources: [hr.yaml]\n"),
            (
                "over/kustomization.yaml",
                "resources: [../base]\npatches: [{path: p.yaml}]\n",
            ),
            ("over/p.yaml", patch),
        ],
        &[("base/hr.yaml", &*after)],
    );
}
