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
pub use images::{PageRow, images};
pub use joined::joined;

use crate::config::Date;
use crate::quote::piece;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// What the policy knows style and script by; a test holds them against the files.
const STYLE_HASH: &str = "sha256-yEaYJ9gn4EUZI3QQqCE2VZVQ4T8GjjOiHlO+XpUwSdM=";
const SCRIPT_HASH: &str = "sha256-Culh/xscybpiwYxNjvM4FStmc8BIsiRiBGEpjX1/nhs=";

/// Shown in the place of an agent where there is none.
const NO_AGENT: &str = "(none)";
/// Shown in the place of a file where a finding is about all of them.
const NO_FILE: &str = "(all files)";

/// A page around its content; its title tells it from other pages, and from those of other days.
fn page(what: &str, day: Date, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src '{STYLE_HASH}'; script-src '{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{}, {day}: restore-images</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#list\">Skip to the list</a>\n\
         {content}<script>{SCRIPT}</script>\n</body>\n</html>\n",
        text(what)
    )
}

/// The head of a page: lines of HTML, and numbers with their classes and what they are of.
fn header(lines: &str, numbers: &[(&str, usize, &str)], rest: &str) -> String {
    let mut out =
        format!("<header>\n<h1>restore-images</h1>\n<p>{lines}</p>\n<ul class=\"counts\">\n");
    for (class, number, what) in numbers {
        // Nothing of a kind is no alarm.
        let class = if *number == 0 { "" } else { class };
        let _ = writeln!(out, "<li class=\"{class}\"><b>{number}</b> {what}</li>");
    }
    out + "</ul>\n" + rest + "</header>\n"
}

/// A page of findings: its head, then tables of them whose names filter the list, the form that filters
/// and sorts it, and the list, which is in the order that `first` is called.
fn listing(
    (what, day): (&str, Date),
    head: String,
    tables: &str,
    selects: &[(&str, &str, &Counts<'_>)],
    (first, list): (&str, &str),
) -> String {
    let mut content = head;
    if list.is_empty() {
        content.push_str("<main id=\"list\"><p>Nothing was found.</p></main>\n");
        return page(what, day, &content);
    }
    let _ = write!(
        content,
        "<h2>Findings by</h2>\n<div class=\"groups\">\n{tables}</div>\n<main>\n<h2>Findings</h2>\n"
    );
    let sorts = [
        ("place", first),
        ("severity", "severity"),
        ("rule", "rule"),
        ("agent", "agent"),
    ];
    content.push_str(&form(selects, &sorts));
    let _ = write!(content, "<div id=\"list\">\n{list}</div>\n</main>\n");
    page(what, day, &content)
}

/// What a line says first: `3 errors in 2 files`.
fn first_words(line: &str) -> &str {
    line.split(", ").next().unwrap_or(line)
}

/// Text of the input as text of a page, and as the value of an attribute in double quotes.
fn text(text: &str) -> String {
    escaped(&piece(text))
}

/// As [`text`], with what is between backticks as code.
fn coded(text: &str) -> String {
    let text = self::text(text);
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return text;
    }
    let pieces = pieces.iter().enumerate();
    let told = pieces.map(|(position, piece)| match position % 2 {
        0 => (*piece).to_owned(),
        _ => format!("<code>{piece}</code>"),
    });
    told.collect()
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

/// A table of counts, whose names filter the list by the same key.
fn counted(key: &str, counts: &Counts<'_>) -> String {
    let rows = counts.iter().map(|(name, count)| (*name, vec![*count]));
    counted_by(key, &["number"], rows.collect())
}

/// A table of counts with a column for each of what is counted; first what there is most of.
fn counted_by(key: &str, columns: &[&str], mut rows: Vec<(&str, Vec<usize>)>) -> String {
    let mut out = format!("<table><caption>{key}</caption><thead><tr><th scope=\"col\">name</th>");
    for column in columns {
        let _ = write!(out, "<th scope=\"col\" class=\"n\">{column}</th>");
    }
    out.push_str("</tr></thead><tbody>");
    rows.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.iter().sum::<usize>()));
    for (name, counts) in rows {
        let name = text(name);
        let _ = write!(
            out,
            "<tr><th scope=\"row\"><button type=\"button\" data-set=\"{key}\" \
             data-value=\"{name}\">{name}</button></th>"
        );
        for count in counts {
            let _ = write!(out, "<td class=\"n\">{count}</td>");
        }
        out.push_str("</tr>");
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
