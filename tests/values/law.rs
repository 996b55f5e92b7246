//! The law of values: what Helm makes of the values that `fix` wrote is what restoring Helm's output
//! gives, in every image and pull secret.
//!
//! The charts are the test's own, in the shapes that vendors' charts have; values, rules and forms come
//! by chance. `VALUES_CASES=2000 VALUES_SEED=1` takes more of them, from another seed on.

mod forms;
mod guess;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use serde_yaml::Value;

use super::write_files;
use crate::support::mutate::Chance;
use crate::support::{run_in_folder, tool};

/// How many cases CI judges.
const CASES: u64 = 40;

const DIGEST: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

/// A Deployment for each image: its name, its reference, and its pull secrets.
fn deployment(name: &str, image: &str, secrets: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n      {{{{- with {secrets} }}}}\n      imagePullSecrets:\n      {{{{- range . }}}}\n      - name: {{{{ if kindIs \"string\" . }}}}{{{{ . }}}}{{{{ else }}}}{{{{ .name }}}}{{{{ end }}}}\n      {{{{- end }}}}\n      {{{{- end }}}}\n      containers:\n      - name: {name}\n        image: \"{image}\"\n"
    )
}

/// The chart: registry, repository and tag; one text; a registry with an owner that two images share; a
/// digest in a tag; a global registry that wins, with secrets that are joined; keys of a workload above
/// those of its component; a list of secrets that the global one hides, and one that is the global one;
/// and a subchart under an alias.
fn chart() -> Vec<(&'static str, String)> {
    let templates = [
        deployment(
            "alpha",
            "{{ .Values.alpha.image.registry }}/{{ .Values.alpha.image.repository }}:{{ .Values.alpha.image.tag }}",
            ".Values.alpha.image.pullSecrets",
        ),
        deployment(
            "beta",
            "{{ .Values.beta.image }}",
            ".Values.imagePullSecrets",
        ),
        deployment(
            "gamma",
            "{{ if .Values.gamma.image.repository }}{{ .Values.gamma.image.repository }}{{ else }}{{ .Values.registry }}/{{ .Values.gamma.image.name }}{{ end }}:{{ .Values.gamma.image.tag }}",
            ".Values.imagePullSecrets",
        ),
        deployment(
            "delta",
            "{{ if .Values.delta.image.repository }}{{ .Values.delta.image.repository }}{{ else }}{{ .Values.registry }}/{{ .Values.delta.image.name }}{{ end }}:{{ .Values.delta.image.tag }}",
            ".Values.imagePullSecrets",
        ),
        deployment(
            "epsilon",
            "{{ .Values.global.imageRegistry | default .Values.epsilon.image.registry }}/{{ .Values.epsilon.image.repository }}:{{ .Values.epsilon.image.tag }}",
            "(concat .Values.global.imagePullSecrets .Values.epsilon.imagePullSecrets)",
        ),
        deployment(
            "zeta",
            "{{ .Values.zeta.image.repository | default .Values.component.image.repository }}:{{ .Values.zeta.image.tag | default .Values.component.image.tag }}",
            "(.Values.zeta.image.pullSecrets | default .Values.defaults.pullSecrets)",
        ),
        deployment(
            "component",
            "{{ .Values.component.image.repository }}:{{ .Values.component.image.tag }}",
            ".Values.defaults.pullSecrets",
        ),
        deployment(
            "iota",
            "{{ .Values.iota.image.repository }}:{{ .Values.iota.image.tag }}",
            "(.Values.global.imagePullSecrets | default .Values.iota.imagePullSecrets)",
        ),
        deployment(
            "theta",
            "{{ .Values.theta.image.repository }}:{{ .Values.theta.image.tag }}",
            ".Values.global.imagePullSecrets",
        ),
    ];
    let sub = deployment(
        "omega",
        "{{ .Values.global.imageRegistry | default .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}",
        "(concat .Values.global.imagePullSecrets .Values.imagePullSecrets)",
    );
    vec![
        ("chart/Chart.yaml", "apiVersion: v2\nname: law\nversion: 1.0.0\ndependencies:\n- {name: sub, version: 1.0.0, alias: om}\n".to_owned()),
        ("chart/values.yaml", format!("\
global: {{imageRegistry: \"\", imagePullSecrets: []}}
registry: gcr.io/acme
imagePullSecrets: []
alpha: {{image: {{registry: quay.io, repository: acme/alpha, tag: v1, pullSecrets: []}}}}
beta: {{image: \"quay.io/acme/beta:v1\"}}
gamma: {{image: {{name: gamma, repository: null, tag: v1}}}}
delta: {{image: {{name: delta, repository: null, tag: \"v1@{DIGEST}\"}}}}
epsilon: {{image: {{registry: ghcr.io, repository: acme/epsilon, tag: v1}}, imagePullSecrets: []}}
component: {{image: {{repository: docker.io/acme/zeta, tag: v1}}}}
zeta: {{image: {{repository: null, tag: null, pullSecrets: []}}}}
defaults: {{pullSecrets: []}}
iota: {{image: {{repository: quay.io/acme/iota, tag: v1}}, imagePullSecrets: []}}
theta: {{image: {{repository: ghcr.io/acme/theta, tag: v1}}}}
")),
        ("chart/templates/all.yaml", templates.concat()),
        ("chart/charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n".to_owned()),
        ("chart/charts/sub/values.yaml", "global: {imageRegistry: \"\", imagePullSecrets: []}\nimage: {registry: registry.k8s.io, repository: acme/omega, tag: v1}\nimagePullSecrets: []\n".to_owned()),
        ("chart/charts/sub/templates/all.yaml", sub),
    ]
}

/// The profile of the chart, with the rules of a case.
fn config(rules: &str) -> String {
    format!("\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {{name: c}}
spec:
  agents:
  - name: law
    images:
    - image: quay.io/acme/alpha
    - image: quay.io/acme/beta
    - image: gcr.io/acme/gamma
    - image: gcr.io/acme/delta
    - image: ghcr.io/acme/epsilon
    - image: docker.io/acme/zeta
    - image: registry.k8s.io/acme/omega
    - image: quay.io/acme/iota
    - image: ghcr.io/acme/theta
    charts:
    - name: law
      images:
      - registry: {{path: alpha.image.registry, default: quay.io}}
        repository: {{path: alpha.image.repository, default: acme/alpha}}
        tag: alpha.image.tag
        imagePullSecrets: alpha.image.pullSecrets
      - image: {{path: beta.image, default: \"quay.io/acme/beta:v1\"}}
        imagePullSecrets: imagePullSecrets
      - name: gamma.image.repository
        registry: {{path: registry, default: gcr.io/acme}}
        repository: {{path: gamma.image.name, default: gamma}}
        tag: gamma.image.tag
        imagePullSecrets: imagePullSecrets
      - name: delta.image.repository
        registry: {{path: registry, default: gcr.io/acme}}
        repository: {{path: delta.image.name, default: delta}}
        tag: delta.image.tag
        imagePullSecrets: imagePullSecrets
      - registry: {{path: epsilon.image.registry, default: ghcr.io, overriddenBy: [global.imageRegistry]}}
        repository: {{path: epsilon.image.repository, default: acme/epsilon}}
        tag: epsilon.image.tag
        imagePullSecrets: {{path: epsilon.imagePullSecrets, joinedWith: [global.imagePullSecrets], form: names}}
      - repository: {{path: component.image.repository, default: docker.io/acme/zeta}}
        tag: component.image.tag
        imagePullSecrets: defaults.pullSecrets
      - repository: {{path: component.image.repository, default: docker.io/acme/zeta, overriddenBy: [zeta.image.repository]}}
        tag: {{path: component.image.tag, overriddenBy: [zeta.image.tag]}}
        imagePullSecrets: {{path: defaults.pullSecrets, overriddenBy: [zeta.image.pullSecrets]}}
      - repository: {{path: iota.image.repository, default: quay.io/acme/iota}}
        tag: iota.image.tag
        imagePullSecrets: {{path: iota.imagePullSecrets, overriddenBy: [global.imagePullSecrets]}}
      - repository: {{path: theta.image.repository, default: ghcr.io/acme/theta}}
        tag: theta.image.tag
        imagePullSecrets: global.imagePullSecrets
      subcharts: [{{chart: sub, under: om}}]
    - name: sub
      images:
      - registry: {{path: image.registry, default: registry.k8s.io, overriddenBy: [global.imageRegistry]}}
        repository: {{path: image.repository, default: acme/omega}}
        tag: image.tag
        imagePullSecrets: {{path: imagePullSecrets, joinedWith: [global.imagePullSecrets]}}
  registries: [{rules}]
  imagePullSecrets: [mirror]
")
}

fn pick<'a>(chance: &mut Chance, from: &[&'a str]) -> &'a str {
    from[chance.below(from.len())]
}

/// Rules by chance: hosts, paths, and one image alone.
fn rules(chance: &mut Chance) -> String {
    let all = [
        "{source: quay.io, mirror: m.example.com/quay}",
        "{source: quay.io, mirror: m.example.com}",
        "{source: gcr.io, mirror: m.example.com/gcr}",
        "{source: gcr.io/acme/gamma, mirror: m.example.com/other/gamma}",
        "{source: ghcr.io/acme, mirror: n.example.com/acme}",
        "{source: docker.io, mirror: m.example.com/hub}",
        "{source: registry.k8s.io, mirror: m.example.com/k8s}",
        "{source: registry.k8s.io, mirror: n.example.com}",
    ];
    let mut taken: Vec<&str> = Vec::new();
    for rule in all {
        let source = rule.split(',').next().unwrap_or_default();
        let is_new = taken.iter().all(|known| !known.starts_with(source));
        if chance.below(2) == 0 && is_new {
            taken.push(rule);
        }
    }
    taken.join(", ")
}

/// Values by chance: keys that the chart has, official, mirrored or somebody else's, or absent.
fn values(chance: &mut Chance) -> String {
    let secrets = ["[]", "[{name: a}]", "[{name: a}, {name: mirror}]"];
    let mut pairs: Vec<(&str, String)> = Vec::new();
    let mut put = |chance: &mut Chance, path: &'static str, from: &[&str]| {
        if chance.below(3) == 0 {
            let text = pick(chance, from).to_owned();
            pairs.push((path, text));
        }
    };
    put(chance, "clusterName", &["prod"]);
    put(
        chance,
        "registry",
        &[
            "gcr.io/acme",
            "m.example.com/gcr/acme",
            "own.example.net/acme",
        ],
    );
    put(
        chance,
        "alpha.image.registry",
        &["quay.io", "m.example.com", "own.example.net"],
    );
    put(
        chance,
        "alpha.image.repository",
        &["acme/alpha", "quay/acme/alpha", "x/y"],
    );
    put(chance, "alpha.image.tag", &["v2", "\"1.10\""]);
    put(chance, "alpha.image.pullSecrets", &secrets);
    put(
        chance,
        "beta.image",
        &[
            "quay.io/acme/beta:v2",
            "m.example.com/quay/acme/beta:v1",
            "own.example.net/x:v1",
        ],
    );
    put(chance, "gamma.image.name", &["gamma"]);
    put(
        chance,
        "gamma.image.repository",
        &["gcr.io/acme/gamma", "m.example.com/other/gamma"],
    );
    put(chance, "delta.image.tag", &["v3"]);
    put(
        chance,
        "global.imageRegistry",
        &["ghcr.io", "m.example.com", "n.example.com"],
    );
    put(chance, "global.imagePullSecrets", &secrets);
    put(chance, "epsilon.image.repository", &["acme/epsilon"]);
    put(chance, "epsilon.imagePullSecrets", &["[]", "[a]"]);
    put(
        chance,
        "component.image.repository",
        &[
            "docker.io/acme/zeta",
            "m.example.com/hub/acme/zeta",
            "acme/zeta",
        ],
    );
    put(
        chance,
        "zeta.image.repository",
        &["docker.io/acme/zeta", "m.example.com/hub/acme/zeta"],
    );
    put(chance, "zeta.image.pullSecrets", &secrets);
    put(chance, "iota.imagePullSecrets", &secrets);
    put(
        chance,
        "theta.image.repository",
        &["ghcr.io/acme/theta", "own.example.net/x"],
    );
    put(chance, "defaults.pullSecrets", &secrets);
    put(chance, "imagePullSecrets", &secrets);
    put(
        chance,
        "om.image.registry",
        &["registry.k8s.io", "m.example.com/k8s"],
    );
    put(chance, "om.image.repository", &["acme/omega"]);
    put(chance, "om.imagePullSecrets", &secrets);
    let mut tree = Tree::default();
    for (path, text) in pairs {
        tree.put(&path.split('.').collect::<Vec<_>>(), text);
    }
    let mut out = String::new();
    let step = [2, 4][chance.below(2)];
    tree.write(0, step, chance.below(4) == 0, &mut out);
    if out.is_empty() {
        out.push_str("clusterName: a\n");
    }
    out
}

#[derive(Default)]
struct Tree {
    text: Option<String>,
    below: Vec<(String, Tree)>,
}

impl Tree {
    fn put(&mut self, path: &[&str], text: String) {
        let Some((first, rest)) = path.split_first() else {
            self.text = Some(text);
            return;
        };
        let at = self.below.iter().position(|(key, _)| key == first);
        let at = at.unwrap_or_else(|| {
            self.below.push(((*first).to_owned(), Tree::default()));
            self.below.len() - 1
        });
        self.below[at].1.put(rest, text);
    }

    fn write(&self, indent: usize, step: usize, is_flow: bool, out: &mut String) {
        for (key, tree) in &self.below {
            let _ = write!(out, "{:indent$}{key}:", "");
            match &tree.text {
                Some(text) => out.push_str(&format!(" {text}\n")),
                None if is_flow => out.push_str(&format!(" {}\n", tree.flow())),
                None => {
                    out.push('\n');
                    tree.write(indent + step, step, is_flow, out);
                }
            }
        }
    }

    fn flow(&self) -> String {
        let pairs = self.below.iter().map(|(key, tree)| {
            let value = tree.text.clone().unwrap_or_else(|| tree.flow());
            format!("{key}: {value}")
        });
        format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
    }
}

/// What Helm makes of files of values, the lowest first.
fn render(helm: &Path, folder: &Path, values: &[String]) -> String {
    let files: Vec<String> = (0..values.len()).map(|at| format!("v{at}.yaml")).collect();
    for (file, text) in files.iter().zip(values) {
        fs::write(folder.join(file), text).expect("written");
    }
    let files = files.iter().flat_map(|file| ["-f", file]);
    let output = Command::new(helm)
        .args(["template", "r", "chart"])
        .args(files)
        .current_dir(folder)
        .output()
        .expect("helm runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The image and the pull secrets of each Deployment.
fn images(text: &str) -> BTreeMap<String, (String, Vec<String>)> {
    let mut found = BTreeMap::new();
    for document in text.split("\n---\n") {
        let Ok(value) = serde_yaml::from_str::<Value>(document) else {
            continue;
        };
        let spec = &value["spec"]["template"]["spec"];
        let Some(name) = value["metadata"]["name"].as_str() else {
            continue;
        };
        let secrets = spec["imagePullSecrets"]
            .as_sequence()
            .cloned()
            .unwrap_or_default();
        let mut secrets: Vec<String> = secrets
            .iter()
            .map(|secret| secret["name"].as_str().unwrap_or_default().to_owned())
            .collect();
        secrets.sort();
        let image = spec["containers"][0]["image"].as_str().unwrap_or_default();
        found.insert(name.to_owned(), (image.to_owned(), secrets));
    }
    found
}

/// What was judged of one case, or of all.
#[derive(Default)]
struct Outcome {
    /// How many images came out as they should, of these how many had to move, and how many are left and
    /// reported.
    equal: usize,
    moved: usize,
    left: usize,
    /// What breaks the law, with all that is needed to see why.
    breaches: Vec<String>,
}

/// Judges the case of a seed.
fn judge(helm: &Path, seed: u64) -> Outcome {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (rules, values) = (rules(&mut chance), values(&mut chance));
    let form = forms::FORMS[chance.below(forms::FORMS.len())];
    let case = Case {
        seed,
        chart: chart(),
        name: "law",
        config: config(&rules),
        values,
        form,
    };
    case.judge(helm, &|said, _| {
        said.lines().any(|line| line.contains("[unresolved-image]"))
    })
}

/// A chart, its values and what they are restored by.
struct Case {
    seed: u64,
    chart: Vec<(&'static str, String)>,
    name: &'static str,
    config: String,
    values: String,
    form: forms::Form,
}

impl Case {
    /// Judges every image; `is_told` says whether findings tell that one is left.
    fn judge(&self, helm: &Path, is_told: &dyn Fn(&str, &str) -> bool) -> Outcome {
        let Case { seed, values, .. } = self;
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let files = self.chart.iter().map(|(path, text)| (*path, text.as_str()));
        write_files(folder, &files.collect::<Vec<_>>());
        let mut chance = Chance(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let written = (self.form.write)(&mut chance, self.name, values);
        for (path, text) in &written {
            write_files(&folder.join("values"), &[(path, text)]);
        }
        write_files(
            folder,
            &[
                ("values/restore-images.yaml", &self.config),
                ("c.yaml", &self.config),
            ],
        );
        let text_of = |path: &str| fs::read_to_string(folder.join("values").join(path));
        let texts = || {
            let paths = written
                .iter()
                .map(|(path, _)| text_of(path).expect("a file"));
            paths.collect::<Vec<_>>()
        };
        let rendered = |texts: &[String]| -> Vec<String> {
            let roots = (self.form.read)(texts);
            let renders = roots.iter().map(|layers| render(helm, folder, layers));
            renders.collect()
        };
        let before = rendered(&texts());
        let restored = before.iter().map(|before| {
            let restored = run_in_folder(folder, &["c.yaml"], before.as_bytes());
            String::from_utf8(restored.stdout).expect("UTF-8")
        });
        let restored: Vec<String> = restored.collect();
        let fix = || run_in_folder(&folder.join("values"), &["fix", "--verbose", "."], b"");
        let run = fix();
        let fixed = texts();
        let after = rendered(&fixed);
        let again = fix();
        let twice = texts();
        let said = format!("{}{}", run.stderr, String::from_utf8_lossy(&run.stdout));
        let list_left =
            said.contains("[missing-pull-secret]") && said.contains("] is not written: ");
        let mut outcome = Outcome::default();
        let mut shown = String::new();
        let roots = before.iter().zip(&restored).zip(&after);
        let all = roots.flat_map(|((before, restored), after)| {
            let (mut was, mut is) = (images(before), images(after));
            let wanted = images(restored).into_iter();
            wanted.filter_map(move |(name, want)| {
                let (was, is) = (was.remove(&name)?, is.remove(&name)?);
                Some((name, was, want, is))
            })
        });
        for (name, was, want, is) in all {
            // A list that several images share holds what each of them needs.
            let has_all = want.1.iter().all(|secret| is.1.contains(secret));
            let has_old = was.1.iter().all(|secret| is.1.contains(secret));
            let count = |of: &[String], secret| of.iter().filter(|own| *own == secret).count();
            let is_doubled =
                is.1.iter()
                    .any(|secret| count(&is.1, secret) > count(&was.1, secret).max(1));
            let is_right = want.0 == is.0 && (has_all || list_left);
            let is_left = was.0 == is.0 && is_told(&said, &name);
            if !(is_right || is_left) || !has_old || is_doubled {
                let _ = writeln!(shown, "{name}: {was:?} → {is:?}, should be {want:?}");
            } else if is_right {
                outcome.equal += 1;
                outcome.moved += usize::from(was.0 != want.0);
            } else {
                outcome.left += 1;
            }
        }
        if !shown.is_empty() || twice != fixed || run.code > 1 || again.code > 1 {
            let again = if twice == fixed {
                "same"
            } else {
                &twice.join("---\n")
            };
            let (fixed, stderr, config) = (fixed.join("---\n"), &run.stderr, &self.config);
            outcome.breaches.push(format!(
                "seed {seed}\n{shown}{config}values:\n{values}fixed:\n{fixed}{stderr}twice: {again}\n"
            ));
        }
        outcome
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Judges as many cases as were asked for, and says how many images came out right.
fn hold(what: &str, judge: impl Fn(u64) -> Outcome) {
    let first = number("VALUES_SEED").unwrap_or(0);
    let cases = number("VALUES_CASES").unwrap_or(CASES);
    let mut all = Outcome::default();
    for outcome in (first..first + cases).map(judge) {
        all.equal += outcome.equal;
        all.moved += outcome.moved;
        all.left += outcome.left;
        all.breaches.extend(outcome.breaches);
    }
    let Outcome {
        equal,
        moved,
        left,
        breaches,
    } = all;
    let _ = writeln!(
        std::io::stderr(),
        "{what}: {cases} cases from seed {first}: {equal} images equal, {moved} of them moved; {left} left and reported; {} cases break the law",
        breaches.len()
    );
    assert!(breaches.is_empty(), "the first:\n{}", breaches[0]);
    assert!(cases < 20 || moved > 0, "nothing moved");
}

#[test]
fn rendering_what_fix_wrote_gives_the_restored_render() {
    if let Some(helm) = tool("helm") {
        hold("a chart that a profile knows", |seed| judge(&helm, seed));
    }
}

#[test]
fn what_nobody_knows_of_a_chart_comes_out_right_or_is_told() {
    if let Some(helm) = tool("helm") {
        hold("a chart that nobody knows", |seed| {
            guess::judge(&helm, seed)
        });
    }
}
