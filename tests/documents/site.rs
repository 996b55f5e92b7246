//! The site that mdBook makes of the pages: every page is in it, every link in it leads somewhere,
//! and every picture says what it shows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::read;
use crate::support::browser::Browser;
use crate::support::{markdown, pages, tool};

const SUMMARY: &str = "docs/SUMMARY.md";

#[test]
fn every_page_is_in_the_summary_once() {
    let summary = read(SUMMARY);
    let links = summary.split("](").skip(1);
    let mut named: Vec<String> = links
        .filter_map(|rest| rest.split_once(')'))
        .map(|(path, _)| format!("docs/{path}"))
        .collect();
    named.sort();
    let mut there = pages();
    there.retain(|page| page != SUMMARY);
    assert_eq!(named, there);
}

#[test]
fn every_picture_says_what_it_shows() {
    let mut shown = BTreeSet::new();
    for page in pages().into_iter().chain(["README.md".to_owned()]) {
        for picture in read(&page).split("![").skip(1) {
            let (words, rest) = picture.split_once("](").expect("a picture has a file");
            let (file, _) = rest.split_once(')').expect("its file ends");
            assert!(words.len() > 20, "{page}: {file} has no words: {words}");
            let name = Path::new(file).file_name().expect("a name");
            shown.insert(name.to_string_lossy().into_owned());
        }
    }
    let there: BTreeSet<String> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs"))
        .expect("the pages")
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".svg"))
        .collect();
    assert_eq!(shown, there);
    for name in there {
        let picture = read(format!("docs/{name}"));
        assert!(picture.contains(" role=\"img\""), "{name}");
        assert!(picture.contains("<title"), "{name}");
        assert!(picture.contains("prefers-color-scheme"), "{name}");
        assert!(!picture.contains("<script") && !picture.contains("href="));
    }
}

#[test]
fn every_example_is_in_the_list() {
    let page = read("docs/examples.md");
    let mut there = Vec::new();
    markdown(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"),
        &mut there,
    );
    let links = page.split("](../").skip(1);
    let mut named: Vec<&str> = links
        .filter_map(|rest| Some(rest.split_once(')')?.0))
        .collect();
    named.sort_unstable();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut there: Vec<String> = there
        .iter()
        .filter_map(|path| path.strip_prefix(root).ok())
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    there.sort_unstable();
    assert_eq!(named, there);
}

#[test]
fn words_of_the_glossary_stand_in_their_order() {
    let page = read("docs/glossary.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    let words = rows.skip(1).filter_map(|row| row.split(" | ").next());
    let words: Vec<String> = words.map(str::to_lowercase).collect();
    assert!(words.len() > 30);
    assert!(words.is_sorted(), "{words:?}");
}

/// A page of the site: its anchors, and what it links to.
struct Page {
    anchors: BTreeSet<String>,
    links: Vec<String>,
}

impl Page {
    fn read(text: &str) -> Self {
        let mut links = values(text, "href");
        links.extend(values(text, "src"));
        Page {
            anchors: values(text, "id").into_iter().collect(),
            links,
        }
    }
}

/// The values of an attribute wherever it is written; code has `&quot;` for its quotes.
fn values(text: &str, name: &str) -> Vec<String> {
    let start = format!(" {name}=\"");
    let found = text.split(&start).skip(1);
    let found = found.filter_map(|rest| rest.split_once('"'));
    found
        .map(|(value, _)| value.replace("&amp;", "&"))
        .collect()
}

/// Every file of the site, by its path in it.
fn files(folder: &Path, root: &Path, found: &mut BTreeMap<PathBuf, Option<Page>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, root, found);
            continue;
        }
        let is_page = path
            .extension()
            .is_some_and(|extension| extension == "html");
        let page = is_page.then(|| Page::read(&fs::read_to_string(&path).expect("a page")));
        let path = path.strip_prefix(root).expect("below the root");
        found.insert(path.to_owned(), page);
    }
}

/// A path from the folder of a page, without `.` and `..`.
fn beside(page: &Path, link: &str) -> PathBuf {
    let mut path = page.parent().expect("a folder").to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => {
                assert!(path.pop(), "{}: {link} leaves the site", page.display())
            }
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path
}

/// The site, in a folder; `None` says that what builds it is absent.
fn built() -> Option<TempDir> {
    let (mdbook, _) = (tool("mdbook")?, tool("python3")?);
    let folder = tempfile::tempdir().expect("a folder");
    let built = Command::new(mdbook)
        .args(["build", "docs", "--dest-dir"])
        .arg(folder.path())
        .env("RESTORE_IMAGES_SOURCE", "https://source.example/v1")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("mdbook runs");
    let said = String::from_utf8_lossy(&built.stdout).into_owned()
        + &String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{said}");
    assert!(!said.contains("WARN") && !said.contains("ERROR"), "{said}");
    Some(folder)
}

#[test]
fn every_page_fits_wide_and_narrow_screens() {
    let (Some(folder), Some(mut browser)) = (built(), Browser::start()) else {
        return;
    };
    let mut site = BTreeMap::new();
    files(folder.path(), folder.path(), &mut site);
    let pages = site.into_iter().filter(|(_, page)| page.is_some());
    let (mut wider, mut looked_at) = (Vec::new(), 0);
    for (path, _) in pages.filter(|(path, _)| !path.ends_with("toc.html")) {
        browser.open(&folder.path().join(&path));
        for width in [1280, 500] {
            browser.set_width(width);
            looked_at += 1;
            let by = browser.overflow();
            if by != 0 {
                wider.push(format!("{} by {by} at {width}", path.display()));
            }
        }
    }
    assert_eq!(wider, [""; 0]);
    assert!(looked_at >= 60, "{looked_at}");
}

#[test]
fn every_link_of_the_site_leads_somewhere() {
    let Some(folder) = built() else {
        return;
    };
    let mut site = BTreeMap::new();
    files(folder.path(), folder.path(), &mut site);
    let is_index = |file: &&PathBuf| file.to_string_lossy().starts_with("searchindex");
    assert!(site.keys().any(|file| is_index(&file)), "no search index");
    let pages = site.iter();
    let pages = pages.filter_map(|(path, page)| Some((path, page.as_ref()?)));
    let (mut inside, mut outside) = (0, 0);
    for (path, page) in pages {
        for link in &page.links {
            if let Some(file) = link.strip_prefix("https://source.example/v1/") {
                let file = file.split('#').next().unwrap_or_default();
                let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
                assert!(file.exists(), "{}: {link}", path.display());
                outside += 1;
                continue;
            }
            if link.contains("://") || link.starts_with("data:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => beside(path, file),
            };
            let found = site.get(&target);
            let found = found.unwrap_or_else(|| panic!("{}: {link} is not there", path.display()));
            if let (Some(found), false) = (found, anchor.is_empty()) {
                let is_there = found.anchors.contains(anchor);
                assert!(is_there, "{}: no anchor {link}", path.display());
            }
            inside += 1;
        }
    }
    assert!(inside > 500 && outside > 20, "{inside}, {outside}");
}
