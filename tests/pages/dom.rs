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
    assert_eq!(browser.evaluate(headings), "Registries,Images by,Images");
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
        let colour = "getComputedStyle(document.body).backgroundColor";
        browser.set_media("screen", "light");
        let light = browser.evaluate(colour);
        browser.set_media("screen", "dark");
        assert_ne!(browser.evaluate(colour), light, "{words:?}");
        browser.set_media("print", "light");
        let form = browser.evaluate("document.querySelector('form').checkVisibility()");
        assert_eq!(form, false, "{words:?}: nobody fills in a form on paper");
        browser.set_media("screen", "light");
    }
}

/// How long it takes is printed, not asserted: `cargo test pages::dom::ten -- --nocapture`.
#[test]
fn ten_thousand_findings_stay_usable() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let browser = &mut browser;
    let folder = folder_of(&[("pods.yaml", &pods(5000)), ("restore-images.yaml", CONFIG)]);
    open(browser, &folder, &["check", "--format", "html"]);
    assert_eq!(said(browser), "10000 of 10000 shown");
    let times = browser.evaluate(
        "(async () => {
           const form = document.querySelector('form');
           const times = {};
           const take = async (what, work) => {
             const start = performance.now();
             work();
             await new Promise((done) => setTimeout(done, 200));
             times[what] = Math.round(performance.now() - start - 200);
           };
           const set = (name, value) => {
             form.elements[name].value = value;
             form.elements[name].dispatchEvent(new Event('input', {bubbles: true}));
           };
           await take('filter', () => set('text', 'p4999'));
           await take('sort', () => set('sort', 'rule'));
           return times;
         })()",
    );
    let _ = writeln!(std::io::stderr(), "milliseconds: {times}");
    assert_eq!(said(browser), "2 of 10000 shown");
    let rules = shown(browser);
    assert_eq!(
        rules,
        [
            "pods.yaml:44998:12 in Pod p4999 pinned-tag",
            "pods.yaml:44998:12 in Pod p4999 wrong-registry"
        ]
    );
}
