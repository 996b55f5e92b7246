//! Pages in a browser: what is shown, filtered and sorted, what keys and screen readers reach, and that
//! nothing of a manifest runs.

use std::fs;
use std::io::Write as _;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{CONFIG, hostile, pods, written};
use crate::support::browser::Browser;
use crate::support::folder_of;

/// Writes the output of a command as a page, and opens it.
fn open(browser: &mut Browser, folder: &TempDir, words: &[&str]) {
    let page = written(folder, words);
    let file = folder.path().join("page.html");
    fs::write(&file, page).expect("written");
    browser.open(&file);
}

/// The entries of the list that are shown, in their order: a heading of a group, or the place of a
/// finding with its rule.
fn shown(browser: &mut Browser) -> Vec<String> {
    let lines = browser.evaluate(
        "[...document.querySelectorAll('#list section>h2, #list article')]
           .filter((one) => one.checkVisibility())
           .map((one) => one.matches('h2') ? one.textContent
             : one.querySelector('p.dim').textContent + ' ' + one.dataset.rule)",
    );
    serde_json::from_value(lines).expect("lines")
}

/// Gives a control of the form a value, as a person would.
fn set(browser: &mut Browser, control: &str, value: &str) {
    let (control, value) = (json!(control), json!(value));
    browser.evaluate(&format!(
        "(() => {{
           const control = document.querySelector('form').elements[{control}];
           control.value = {value};
           control.dispatchEvent(new Event('input', {{bubbles: true}}));
           return new Promise((done) => setTimeout(done, 0));
         }})()"
    ));
}

/// Clicks on what a selector finds first.
fn click(browser: &mut Browser, selector: &str) {
    browser.evaluate(&format!(
        "document.querySelector({}).click(), new Promise((done) => setTimeout(done, 0))",
        json!(selector)
    ));
}

fn said(browser: &mut Browser) -> Value {
    browser.evaluate("document.getElementById('said').textContent")
}

/// Two files, each with an agent from elsewhere, and one without a pull policy.
fn two_folders() -> TempDir {
    let often = pods(1);
    let once = often
        .replace("p0", "q0")
        .replace("    imagePullPolicy: Always\n", "");
    folder_of(&[
        ("apps/a.yaml", &often),
        ("clusters/b.yaml", &once),
        ("restore-images.yaml", CONFIG),
    ])
}

#[test]
fn findings_are_filtered_and_sorted() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    open(browser, &two_folders(), &["check", "--format", "html"]);
    let all = [
        "apps/a.yaml:7:12 in Pod p0 pinned-tag",
        "apps/a.yaml:7:12 in Pod p0 wrong-registry",
        "clusters/b.yaml:6:5 in Pod q0 immutable-workload",
        "clusters/b.yaml:7:12 in Pod q0 pinned-tag",
        "clusters/b.yaml:7:12 in Pod q0 wrong-registry",
        "clusters/b.yaml:7:12 in Pod q0 wrong-pull-policy",
    ];
    assert_eq!(shown(browser), all);
    assert_eq!(said(browser), "6 of 6 shown");
    set(browser, "sort", "rule");
    let sorted = [all[2], all[0], all[3], all[5], all[1], all[4]];
    assert_eq!(shown(browser), sorted);
    set(browser, "text", "Q0 registry");
    assert_eq!(shown(browser), [all[4]]);
    assert_eq!(said(browser), "1 of 6 shown");
    click(browser, "button[type=reset]");
    assert_eq!(shown(browser), all);
    // The tables of counts are buttons that filter.
    click(browser, "button[data-set=folder][data-value=clusters]");
    assert_eq!(shown(browser), all[2..]);
    set(browser, "rule", "pinned-tag");
    assert_eq!(shown(browser), [all[3]]);
    set(browser, "folder", "apps");
    assert_eq!(shown(browser), [all[0]]);
}

#[test]
fn joined_reports_keep_new_left_and_gone_apart() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    let folder = two_folders();
    let save = |name: &str| {
        let report = written(&folder, &["check", "--format", "json"]);
        fs::write(folder.path().join(name), report).expect("written");
    };
    save("then.json");
    let once = fs::read_to_string(folder.path().join("clusters/b.yaml")).expect("text");
    let other = once.replace("q0", "r0").replace(":v0", "");
    fs::write(folder.path().join("clusters/b.yaml"), other).expect("written");
    save("now.json");
    let words = [
        "report",
        "--format",
        "html",
        "now.json",
        "--since",
        "then.json",
    ];
    open(browser, &folder, &words);
    let all = [
        "New: 3",
        "now: clusters/b.yaml:6:5 in Pod r0, new immutable-workload",
        "now: clusters/b.yaml:7:12 in Pod r0, new wrong-registry",
        "now: clusters/b.yaml:7:12 in Pod r0, new wrong-pull-policy",
        "Left from before: 2",
        "now: apps/a.yaml:7:12 in Pod p0, left pinned-tag",
        "now: apps/a.yaml:7:12 in Pod p0, left wrong-registry",
        "Gone: 4",
        "now: clusters/b.yaml:6:5 in Pod q0, gone immutable-workload",
        "now: clusters/b.yaml:7:12 in Pod q0, gone pinned-tag",
        "now: clusters/b.yaml:7:12 in Pod q0, gone wrong-registry",
        "now: clusters/b.yaml:7:12 in Pod q0, gone wrong-pull-policy",
    ];
    assert_eq!(shown(browser), all);
    // Each stays below its heading, and a heading with nothing below it goes.
    set(browser, "sort", "rule");
    let sorted = [
        all[0], all[1], all[3], all[2], all[4], all[5], all[6], all[7], all[8], all[9], all[11],
        all[10],
    ];
    assert_eq!(shown(browser), sorted);
    set(browser, "rule", "wrong-pull-policy");
    assert_eq!(shown(browser), [all[0], all[3], all[7], all[11]]);
    assert_eq!(said(browser), "2 of 9 shown");
    set(browser, "rule", "");
    set(browser, "since", "gone");
    assert_eq!(shown(browser), [all[7], all[8], all[9], all[11], all[10]]);
    click(browser, "button[type=reset]");
    click(browser, "button[data-set=report]");
    assert_eq!(said(browser), "9 of 9 shown");
}

#[test]
fn images_in_use_are_filtered() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    open(browser, &two_folders(), &["images", "--format", "html"]);
    let headings = "[...document.querySelectorAll('h2')].map((one) => one.textContent).join()";
    let all = "Registries,Not checked,Images by,Images";
    assert_eq!(browser.evaluate(headings), all);
    let rows =
        "[...document.querySelectorAll('#list>*')].filter((row) => row.checkVisibility()).length";
    let (all, said_all) = (browser.evaluate(rows), said(browser));
    assert_eq!(said_all, format!("{all} of {all} shown"));
    set(browser, "text", "no such image");
    assert_eq!(browser.evaluate(rows), 0);
    click(browser, "button[type=reset]");
    assert_eq!(browser.evaluate(rows), all);
}

#[test]
fn nothing_of_a_manifest_runs_and_nothing_is_fetched() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    let folder = hostile();
    let report = written(&folder, &["check", "--format", "json"]);
    fs::write(folder.path().join("<i>.json"), report).expect("written");
    for words in [
        &["check", "--format", "html"][..],
        &["images", "--format", "html"],
        &["report", "--format", "html", "<i>.json"],
    ] {
        open(browser, &folder, words);
        // The program's own script has run, under the page's own policy.
        let said = said(browser);
        assert!(
            said.as_str().is_some_and(|said| said.ends_with(" shown")),
            "{said}"
        );
        // A script that a mistake would let in is refused all the same.
        let ran = browser.evaluate(
            "(() => {
               const script = document.createElement('script');
               script.textContent = 'window.ran = true';
               document.body.append(script);
               const image = document.createElement('img');
               image.setAttribute('onerror', 'window.ran = true');
               image.src = 'x';
               document.body.append(image);
               return new Promise((done) => setTimeout(() => done(window.ran === true), 50));
             })()",
        );
        assert_eq!(ran, false, "{words:?}");
        assert_eq!(
            browser.events("Page.javascriptDialogOpening"),
            [Value::Null; 0]
        );
        let requested = browser.events("Network.requestWillBeSent");
        let pages = requested
            .iter()
            .filter(|request| request["type"] == "Document");
        assert_eq!(pages.count(), 1);
        // Only the image of this test is asked for, and the policy refuses it.
        for request in requested
            .iter()
            .filter(|request| request["type"] != "Document")
        {
            assert_eq!(request["type"], "Image", "{request}");
        }
    }
}

#[test]
fn keys_and_screen_readers_reach_all_of_it() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    open(browser, &two_folders(), &["check", "--format", "html"]);
    browser.press("Tab", 9);
    let focus = "document.activeElement.textContent || document.activeElement.name";
    assert_eq!(browser.evaluate(focus), "Skip to the list");
    // From there on to the field that filters, by tabs alone.
    let mut passed = 0;
    while browser.evaluate("document.activeElement.name") != "text" {
        browser.press("Tab", 9);
        passed += 1;
        assert!(passed < 100, "no tab leads to the filter");
    }
    browser.type_text("pinned");
    browser.evaluate("new Promise((done) => setTimeout(done, 0))");
    assert_eq!(said(browser), "2 of 6 shown");
    let nodes = browser.accessible();
    for role in [
        "textbox",
        "searchbox",
        "combobox",
        "button",
        "link",
        "table",
        "heading",
    ] {
        for (_, name) in nodes.iter().filter(|(of, _)| of == role) {
            assert!(!name.trim().is_empty(), "a {role} has no name");
        }
    }
    let has = |role: &str| nodes.iter().any(|(of, _)| of == role);
    assert!(has("combobox") && has("button") && has("main") && has("status"));
}

#[test]
fn a_page_fits_its_screen_and_its_paper() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    let folder = two_folders();
    let report = written(&folder, &["check", "--format", "json"]);
    fs::write(folder.path().join("now.json"), report).expect("written");
    for words in [
        &["check", "--format", "html"][..],
        &["images", "--format", "html"],
        &[
            "report", "--format", "html", "now.json", "--since", "now.json",
        ],
    ] {
        open(browser, &folder, words);
        for width in [1280, 500, 320] {
            browser.set_width(width);
            assert_eq!(browser.overflow(), 0, "{words:?} at {width}");
        }
        // Nor is anything cut that a narrow page has: a table's row is a line for each cell.
        let cut = browser.evaluate(
            "[...document.querySelectorAll('.rows td, .rows th[scope=row], .picture')]
               .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth)
               .map((one) => one.textContent)",
        );
        assert_eq!(cut, json!([]), "{words:?}");
        // A phone on its side keeps its few lines for the list.
        let position = "getComputedStyle(document.querySelector('form')).position";
        browser.set_size(812, 375);
        assert_eq!(browser.evaluate(position), "static", "{words:?}");
        browser.set_width(1280);
        assert_eq!(browser.evaluate(position), "sticky", "{words:?}");
        let colour = "getComputedStyle(document.body).backgroundColor";
        browser.set_media("screen", "light");
        let light = browser.evaluate(colour);
        browser.set_media("screen", "dark");
        assert_ne!(browser.evaluate(colour), light, "{words:?}");
        browser.set_media("print", "light");
        let form = browser.evaluate("document.querySelector('form').checkVisibility()");
        assert_eq!(form, false, "{words:?}: nobody fills in a form on paper");
        // Nor unfolds anything there but what is drawn already.
        let folded = browser.evaluate(
            "[...document.querySelectorAll('details:not(.again)')]
               .filter((one) => !one.lastElementChild.checkVisibility()).length",
        );
        assert_eq!(folded, 0, "{words:?}");
        browser.set_media("screen", "light");
    }
}

/// Both lines begin with the same number, and colour is no sign on paper or for everybody.
#[test]
fn old_and_new_lines_have_signs() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    open(browser, &two_folders(), &["check", "--format", "html"]);
    let drawn = browser.evaluate(
        "[...document.querySelectorAll('article')].map((one) => one.querySelector('pre').textContent)",
    );
    let image = "− 7     image: reg.example.com/realtheory/theory-k8s-collector:v0\n+ 7     image: realtheory/theory-k8s-collector\n";
    let missing = "  7     image: reg.example.com/realtheory/theory-k8s-collector:v0\n+ imagePullPolicy: Always is missing\n";
    assert_eq!(drawn[0], image);
    assert_eq!(drawn[4], image);
    assert_eq!(drawn[5], missing);
    // Neither element may have a name, and no screen reader would say it.
    let named = "document.querySelectorAll('del[aria-label], ins[aria-label]').length";
    assert_eq!(browser.evaluate(named), 0);
}

/// What two findings of one value ask for is drawn with the first, and with the other where the first is
/// out of sight.
#[test]
fn a_change_is_drawn_once() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    open(browser, &two_folders(), &["check", "--format", "html"]);
    let drawn = "[...document.querySelectorAll('article')].filter((one) => one.checkVisibility())
        .map((one) => one.querySelector('del')?.checkVisibility() ?? null)";
    let summaries =
        "[...document.querySelectorAll('.again>summary')].map((one) => one.textContent)";
    let same = "The same change as for pinned-tag";
    assert_eq!(browser.evaluate(summaries), json!([same, same]));
    let at_first = json!([true, false, null, true, false, null]);
    assert_eq!(browser.evaluate(drawn), at_first);
    set(browser, "rule", "wrong-registry");
    assert_eq!(browser.evaluate(drawn), json!([true, true]));
    set(browser, "rule", "");
    assert_eq!(browser.evaluate(drawn), at_first);
    set(browser, "sort", "rule");
    assert_eq!(
        browser.evaluate(drawn),
        json!([null, true, true, null, true, true])
    );
}

/// Pods of these images, each so often.
fn pods_of(images: &[(&str, usize)]) -> String {
    let pod = |(at, image): (usize, &str)| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{at}}}\nspec:\n  containers:\n  - name: c\n    image: {image}\n    imagePullPolicy: Always\n---\n"
        )
    };
    let each = images.iter();
    let each = each.flat_map(|(image, often)| std::iter::repeat_n(*image, *often));
    each.enumerate().map(pod).collect()
}

/// What flows from and to a registry is as thick as its bar, and nothing lies on top of another.
#[test]
fn the_picture_of_registries_adds_up() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    let pods = pods_of(&[
        ("a.example/realtheory/theory-k8s-collector", 3),
        ("b.example/realtheory/theory-k8s-collector", 2),
        ("realtheory/theory-k8s-collector", 1),
    ]);
    let folder = folder_of(&[("pods.yaml", &pods), ("restore-images.yaml", CONFIG)]);
    let bars = "(() => {
        const numbers = (path) => path.getAttribute('d').match(/[\\d.]+/g).map(Number);
        const flows = [...document.querySelectorAll('.map path')].map(numbers)
          .flatMap((d) => [[d[0], d[1], d[14]], [d[6], d[7], d[8]]]);
        return [...document.querySelectorAll('.map rect.bar')].map((bar) => {
          const of = (name) => Number(bar.getAttribute(name));
          const [x, y, width, height] = ['x', 'y', 'width', 'height'].map(of);
          const here = flows.filter(([end, top]) => (end === x || end === x + width)
            && top >= y - 0.2 && top < y + height).sort((a, b) => a[1] - b[1]);
          let next = y;
          for (const [, top, bottom] of here) {
            if (Math.abs(top - next) > 0.2) return 'a gap or an overlap';
            next = bottom;
          }
          if (Math.abs(next - y - height) > 0.2) return 'less or more than the bar';
          return [bar.nextElementSibling.textContent, Math.round(height)];
        });
      })()";
    let said =
        "[...document.querySelectorAll('.map rect:not(.bar)+text')].map((one) => one.textContent)";
    open(browser, &folder, &["images", "--format", "html"]);
    assert_eq!(
        browser.evaluate(bars),
        json!([
            ["a.example: 3", 72],
            ["b.example: 2", 48],
            ["docker.io: 1", 24],
            ["docker.io: 6", 144]
        ])
    );
    let legend = json!(["wrong registry or path: 5", "stays where it is: 1"]);
    assert_eq!(browser.evaluate(said), legend);
    // Not by colour alone.
    let edges = "['wrong', 'stays'].map((state) =>
        getComputedStyle(document.querySelector('.map path.' + state)).strokeDasharray !== 'none')";
    assert_eq!(browser.evaluate(edges), json!([true, false]));
    open(browser, &folder, &["check", "--format", "html"]);
    assert_eq!(
        browser.evaluate(bars),
        json!([
            ["a.example: 3", 72],
            ["b.example: 2", 48],
            ["docker.io: 5", 120]
        ])
    );
    assert_eq!(browser.evaluate(said), json!(["wrong registry or path: 5"]));
}

/// A hundred folders are not in the way of the first finding; those that follow are a click away.
#[test]
fn a_long_table_of_counts_is_folded() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    let (one, two) = (pods(1), pods(2));
    let paths: Vec<String> = (0..12).map(|at| format!("svc{at}/pods.yaml")).collect();
    let mut files: Vec<(&str, &str)> = paths.iter().map(|path| (&**path, &*one)).collect();
    files[11].1 = &two;
    files.push(("restore-images.yaml", CONFIG));
    open(browser, &folder_of(&files), &["check", "--format", "html"]);
    let folders = "[...document.querySelectorAll('button[data-set=folder]')]
        .filter((one) => one.checkVisibility()).map((one) => one.textContent)";
    let first = [
        "svc11", "svc0", "svc1", "svc2", "svc3", "svc4", "svc5", "svc6", "svc7", "svc8",
    ];
    assert_eq!(browser.evaluate(folders), json!(first));
    let more = "document.querySelector('.groups details>summary').textContent";
    assert_eq!(browser.evaluate(more), "2 more");
    click(browser, ".groups details>summary");
    assert_eq!(
        browser.evaluate(folders),
        json!([&first[..], &["svc9", "svc10"]].concat())
    );
    click(browser, "button[data-set=folder][data-value=svc10]");
    assert_eq!(said(browser), "2 of 26 shown");
}

/// What nobody looked at has its number beside the others, and its places.
#[test]
fn what_was_not_read_is_listed() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    let unknown = "apiVersion: unknown.example/v1\nkind: Foo\nmetadata: {name: f}\nspec:\n  image: realtheory/theory-k8s-collector:v1\n";
    let folder = folder_of(&[
        ("foo.yaml", unknown),
        (
            "pod.yaml",
            &pods_of(&[("realtheory/theory-k8s-collector", 1)]),
        ),
        ("values.txt.yaml", "a: 1\n"),
        ("restore-images.yaml", CONFIG),
    ]);
    let cards = "[...document.querySelectorAll('.counts li')].map((one) => one.textContent)";
    let listed = "[...document.querySelectorAll('.untold li')].map((one) => one.textContent)";
    let unfolded = "[...document.querySelectorAll('.untold details')].map((one) => one.open)";
    let lists = json!([
        "foo.yaml:5:10: realtheory/theory-k8s-collector:v1: restore-images does not know this as an image field",
        "restore-images.yaml: configuration of restore-images",
        "values.txt.yaml: not a Kubernetes manifest"
    ]);
    open(browser, &folder, &["check", "--format", "html"]);
    assert_eq!(
        browser.evaluate(cards),
        json!([
            "0 errors",
            "0 warnings",
            "1 files clean",
            "0 files unreadable",
            "1 images read",
            "1 not read",
            "2 files skipped",
            "0 files excluded"
        ])
    );
    assert_eq!(browser.evaluate(listed), lists);
    assert_eq!(browser.evaluate(unfolded), json!([true, false]));
    let list = "document.getElementById('list').textContent";
    assert_eq!(
        browser.evaluate(list),
        "Nothing was found in what was read."
    );
    open(browser, &folder, &["images", "--format", "html"]);
    assert_eq!(browser.evaluate(listed), lists);
}

/// A backtick may be a part of a name.
#[test]
fn backticks_stay() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    let pod = pods(1).replace("- name: c", "- name: \"|a|`b`[x]\"");
    let folder = folder_of(&[("pods.yaml", &pod), ("restore-images.yaml", CONFIG)]);
    open(browser, &folder, &["check", "--format", "html"]);
    let heading = browser.evaluate("document.querySelector('h3').textContent");
    let heading = heading.as_str().expect("text");
    assert!(heading.contains(" container |a|`b`[x]: "), "{heading}");
}

/// What is laid out, as long as it is out of sight, takes no time; how long the rest takes is printed, not
/// asserted but for what nobody would wait for: `cargo test pages::dom::ten -- --nocapture`.
#[test]
fn ten_thousand_findings_stay_usable() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    let folder = folder_of(&[("pods.yaml", &pods(5000)), ("restore-images.yaml", CONFIG)]);
    open(browser, &folder, &["check", "--format", "html"]);
    assert_eq!(said(browser), "10000 of 10000 shown");
    check_laid_out(browser);
    let times = in_milliseconds(browser, &[("sort", "rule"), ("text", "p4999")]);
    let _ = writeln!(std::io::stderr(), "findings, milliseconds: {times}");
    assert_eq!(said(browser), "2 of 10000 shown");
    assert_eq!(
        shown(browser),
        [
            "pods.yaml:44998:12 in Pod p4999 pinned-tag",
            "pods.yaml:44998:12 in Pod p4999 wrong-registry"
        ]
    );
    open(browser, &folder, &["images", "--format", "html"]);
    assert_eq!(said(browser), "5000 of 5000 shown");
    check_laid_out(browser);
    let times = in_milliseconds(browser, &[("sort", "image"), ("text", "v4999")]);
    let _ = writeln!(std::io::stderr(), "images, milliseconds: {times}");
    assert_eq!(said(browser), "1 of 5000 shown");
    // A row in a grid is a row of a table all the same.
    let nodes = browser.accessible();
    for role in ["table", "row", "cell", "columnheader"] {
        assert!(nodes.iter().any(|(of, _)| of == role), "{role}");
    }
}

/// Of thousands of entries, those near the window alone are laid out, whatever the order is.
#[track_caller]
fn check_laid_out(browser: &mut Browser) {
    // The browser may take a frame or two to see what is near.
    let laid_out = "(async () => {
        let number = 0;
        for (let frame = 0; frame < 100 && number === 0; frame++) {
          await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
          number = [...document.querySelectorAll('#list>*')].filter((entry) =>
            entry.firstElementChild.checkVisibility({contentVisibilityAuto: true})).length;
        }
        return number;
      })()";
    for sort in ["place", "agent"] {
        set(browser, "sort", sort);
        browser.evaluate("document.getElementById('list').scrollIntoView()");
        let number = browser.evaluate(laid_out).as_u64().expect("a number");
        assert!((1..500).contains(&number), "{number}, sorted by {sort}");
    }
    set(browser, "sort", "place");
}

/// How long controls take, one after the other.
fn in_milliseconds(browser: &mut Browser, controls: &[(&str, &str)]) -> Value {
    let times = browser.evaluate(&format!(
        "(async () => {{
           const form = document.querySelector('form');
           const times = {{}};
           for (const [name, value] of {}) {{
             const start = performance.now();
             form.elements[name].value = value;
             form.elements[name].dispatchEvent(new Event('input', {{bubbles: true}}));
             await new Promise((done) => setTimeout(done, 200));
             await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
             times[name] = Math.round(performance.now() - start - 200);
           }}
           return times;
         }})()",
        json!(controls)
    ));
    let all = times.as_object().expect("times").values();
    for time in all {
        assert!(time.as_u64().is_some_and(|time| time < 30_000), "{times}");
    }
    times
}
