//! Findings, the images in use, or joined reports, as one page for a browser: without outside parts, and with nothing in
//! it that a manifest could make a program of.
//!
//! Text of the input is escaped where it is put in, by `text`; should that ever fail, the page's own
//! policy runs no script but the one whose hash it names.

mod findings;
mod images;
mod joined;
mod registries;

use std::collections::BTreeMap;
use std::fmt::Write as _;

pub use findings::report;
pub use images::{Row, images};
pub use joined::joined;

use crate::quote::piece;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// What the policy knows style and script by; a test holds them against the files.
const STYLE_HASH: &str = "sha256-1JhVWyltJmShmF7ctcR1VYt56zR90pMHj6HSUrenheE=";
const SCRIPT_HASH: &str = "sha256-YecHzypSnFONs0SUveJd2Pp9GDjrKSXaM7wsUGjj5uw=";

/// Shown in the place of an agent where there is none.
const NO_AGENT: &str = "(none)";
/// Shown in the place of a file where a finding is about all of them.
const NO_FILE: &str = "(all files)";

/// A page around its content.
fn page(title: &str, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src '{STYLE_HASH}'; script-src '{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#list\">Skip to the list</a>\n\
         {content}<script>{SCRIPT}</script>\n</body>\n</html>\n",
        text(title)
    )
}

/// The head of a page: lines of HTML, and numbers with their classes and what they are of.
fn header(lines: &str, numbers: &[(&str, usize, &str)], rest: &str) -> String {
    let mut out =
        format!("<header>\n<h1>restore-images</h1>\n<p>{lines}</p>\n<ul class=\"counts\">\n");
    for (class, number, what) in numbers {
        let _ = writeln!(out, "<li class=\"{class}\"><b>{number}</b> {what}</li>");
    }
    out + "</ul>\n" + rest + "</header>\n"
}

/// A page of findings: its head, then tables of them whose names filter the list, the form that filters
/// and sorts it, and the list, which is in the order that `first` is called.
fn listing(
    title: &str,
    head: String,
    tables: &[(&str, &Counts<'_>)],
    selects: &[(&str, &str, &Counts<'_>)],
    (first, list): (&str, &str),
) -> String {
    let mut content = head;
    if list.is_empty() {
        content.push_str("<main id=\"list\"><p>Nothing was found.</p></main>\n");
        return page(title, &content);
    }
    content.push_str("<h2>Findings by</h2>\n<div class=\"groups\">\n");
    for (key, counts) in tables {
        content.push_str(&counted(key, key, counts));
    }
    content.push_str("</div>\n<main>\n<h2>Findings</h2>\n");
    let sorts = [
        ("place", first),
        ("severity", "severity"),
        ("rule", "rule"),
        ("agent", "agent"),
    ];
    content.push_str(&form(selects, &sorts));
    let _ = write!(content, "<div id=\"list\">\n{list}</div>\n</main>\n");
    page(title, &content)
}

/// Text of the input as text of a page, and as the value of an attribute in double quotes.
fn text(text: &str) -> String {
    escaped(&piece(text))
}

/// As [`text`], of what is on one line and cut already.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The folder of a file.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

/// How many there are of each name.
type Counts<'a> = BTreeMap<&'a str, usize>;

/// A table of counts, whose names filter the list by `key`.
fn counted(title: &str, key: &str, counts: &Counts<'_>) -> String {
    let mut out = format!(
        "<table><caption>{title}</caption><thead><tr><th scope=\"col\">name</th>\
         <th scope=\"col\" class=\"n\">number</th></tr></thead><tbody>"
    );
    let mut rows: Vec<(&&str, &usize)> = counts.iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (name, count) in rows {
        let name = text(name);
        let _ = write!(
            out,
            "<tr><th scope=\"row\"><button type=\"button\" data-set=\"{key}\" \
             data-value=\"{name}\">{name}</button></th><td class=\"n\">{count}</td></tr>"
        );
    }
    out + "</tbody></table>\n"
}

/// The form that filters and sorts the list; the page's script shows it.
fn form(selects: &[(&str, &str, &Counts<'_>)], sorts: &[(&str, &str)]) -> String {
    let mut out = String::from(
        "<form hidden aria-label=\"Filter and sort\">\n<label>Text\
         <input type=\"search\" name=\"text\"></label>\n",
    );
    for (key, title, counts) in selects {
        let _ = write!(
            out,
            "<label>{title}<select name=\"{key}\" data-key=\"{key}\"><option value=\"\">all</option>"
        );
        for name in counts.keys() {
            let name = text(name);
            let _ = write!(out, "<option value=\"{name}\">{name}</option>");
        }
        out.push_str("</select></label>\n");
    }
    out.push_str("<label>Sort by<select name=\"sort\">");
    for (key, title) in sorts {
        let _ = write!(out, "<option value=\"{key}\">{title}</option>");
    }
    out + "</select></label>\n<button type=\"reset\">Show all</button>\n\
           <span id=\"said\" role=\"status\"></span>\n</form>\n"
}
