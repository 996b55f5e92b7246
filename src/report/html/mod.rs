//! Findings, the images in use, or joined reports, as one page for a browser, which loads nothing else and in
//! which no text of a manifest can become a script.
//!
//! Text of the input is escaped where it is put in, by `text`; should that ever fail, the page's own
//! policy runs no script but the one whose hash it names.

mod findings;
mod images;
mod joined;
mod registries;
mod untold;

use std::collections::BTreeMap;
use std::fmt::Write as _;

pub use findings::report;
pub use images::{PageRow, images};
pub use joined::joined;

use crate::config::Date;
use crate::quote::piece;
use crate::report::folder;
use crate::report::table::natural;
use crate::sort::sort_by_cached_key;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// What the policy knows style and script by; a test holds them against the files.
const STYLE_HASH: &str = "sha256-Y078u0bV16JUiJNN/73LSD28h8Nf4AfkbNLHfwP39ZU=";
const SCRIPT_HASH: &str = "sha256-kcEW47M4nCvRXyIObK3HMjQuPsk7QvWka3Pk2Bo+5ws=";

/// Shown in the place of an agent where there is none.
const NO_AGENT: &str = "(none)";
/// Shown in the place of a file where a finding is about all of them.
const NO_FILE: &str = "(all files)";

/// What a page is of, by which pages in several tabs or on several sheets are told apart.
#[derive(Debug, Clone, Copy)]
pub struct PageTitle<'a> {
    /// The repository or folder.
    pub of: &'a str,
    /// The day by which exceptions were judged, or on which reports were joined.
    pub day: Date,
}

/// A page around its content; `what` is its result in a few words.
fn page(title: PageTitle<'_>, what: &str, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src '{STYLE_HASH}'; script-src '{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{}: {}, {}: restore-images</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#list\">Skip to the list</a>\n\
         {content}<script>{SCRIPT}</script>\n</body>\n</html>\n",
        text(title.of),
        text(what),
        title.day
    )
}

/// The head of a page: its heading, lines of HTML, and numbers with their classes and what they are of.
fn header(heading: &str, lines: &str, numbers: &[(&str, usize, &str)], rest: &str) -> String {
    let mut out = format!(
        "<header>\n<h1>{}</h1>\n<p>{lines}</p>\n<ul class=\"counts\">\n",
        text(heading)
    );
    for (class, number, what) in numbers {
        // Nothing of a kind is no alarm.
        let class = if *number == 0 { "" } else { class };
        let _ = writeln!(out, "<li class=\"{class}\"><b>{number}</b> {what}</li>");
    }
    out + "</ul>\n" + rest + "</header>\n"
}

/// What a page shows of findings.
struct Listing<'a> {
    /// The page's head.
    head: String,
    /// Tables of findings whose names filter the list.
    tables: String,
    /// What the form filters by.
    selects: &'a [(&'a str, &'a str, &'a CountsByName<'a>)],
    /// What the order is called that the list has.
    first: &'a str,
    list: String,
    /// Whether everything was read in which something could be found.
    is_all: bool,
}

/// A page of findings: its head, then tables of them, the form that filters and sorts them, and the list.
fn listing(title: PageTitle<'_>, what: &str, of: Listing<'_>) -> String {
    let mut content = of.head;
    if of.list.is_empty() {
        let among = if of.is_all { "" } else { " in what was read" };
        let _ = writeln!(
            content,
            "<main id=\"list\"><p>Nothing was found{among}.</p></main>"
        );
        return page(title, what, &content);
    }
    let _ = write!(
        content,
        "<h2>Findings by</h2>\n<div class=\"groups\">\n{}</div>\n<main>\n<h2>Findings</h2>\n",
        of.tables
    );
    let sorts = [
        ("place", of.first),
        ("severity", "severity"),
        ("rule", "rule"),
        ("agent", "agent"),
    ];
    content.push_str(&form(of.selects, &sorts));
    let _ = write!(content, "<div id=\"list\">\n{}</div>\n</main>\n", of.list);
    page(title, what, &content)
}

/// What a line says first: `3 errors in 2 files`.
fn first_words(line: &str) -> &str {
    line.split(", ").next().unwrap_or(line)
}

/// Text of the input as text of a page, and as the value of an attribute in double quotes.
fn text(text: &str) -> String {
    escaped(&piece(text))
}

/// As [`text`], with what is between backticks in the letters of code; the backticks stay, since they may be
/// a name's own.
fn coded(text: &str) -> String {
    let text = self::text(text);
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return text;
    }
    let pieces = pieces.iter().enumerate();
    let told = pieces.map(|(position, piece)| match position % 2 {
        0 => (*piece).to_owned(),
        _ => format!("`<code>{piece}</code>`"),
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

/// How many there are of each name.
type CountsByName<'a> = BTreeMap<&'a str, usize>;

/// A table of counts, whose names filter the list by the same key.
fn counted(key: &str, counts: &CountsByName<'_>) -> String {
    let rows = counts.iter().map(|(name, count)| (*name, vec![*count]));
    counted_by(key, &["number"], rows.collect())
}

/// How many rows a table of counts shows before the rest is folded.
const ROWS: usize = 10;

/// A table of counts with a column for each of what is counted; first what there is most of.
fn counted_by(key: &str, columns: &[&str], mut rows: Vec<(&str, Vec<usize>)>) -> String {
    let mut out =
        format!("<div>\n<table><caption>{key}</caption><thead><tr><th scope=\"col\">name</th>");
    for column in columns {
        let _ = write!(out, "<th scope=\"col\" class=\"n\">{column}</th>");
    }
    out.push_str("</tr></thead><tbody>");
    sort_by_cached_key(&mut rows, |(name, counts)| {
        (
            std::cmp::Reverse(counts.iter().sum::<usize>()),
            natural(name),
        )
    });
    let (first, rest) = rows.split_at(rows.len().min(ROWS));
    first.iter().for_each(|row| counted_row(&mut out, key, row));
    out.push_str("</tbody></table>\n");
    if !rest.is_empty() {
        let number = rest.len();
        let _ = write!(
            out,
            "<details><summary>{number} more</summary>\n<table aria-label=\"{key}: the rest\"><tbody>"
        );
        rest.iter().for_each(|row| counted_row(&mut out, key, row));
        out.push_str("</tbody></table></details>\n");
    }
    out + "</div>\n"
}

fn counted_row(out: &mut String, key: &str, (name, counts): &(&str, Vec<usize>)) {
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

/// What is there and what should be, as lines that are told apart by their signs as well; `again` says of
/// which rule the same was drawn right before.
fn changed(is: &str, should_be: &str, again: Option<&str>) -> String {
    let lines = format!("<pre><del>− {is}</del>\n<ins>+ {should_be}</ins>\n</pre>\n");
    match again {
        Some(rule) => format!(
            "<details class=\"again\"><summary>The same change as for {}</summary>\n{lines}</details>\n",
            text(rule)
        ),
        None => lines,
    }
}

/// The form that filters and sorts the list; the page's script shows it.
fn form(selects: &[(&str, &str, &CountsByName<'_>)], sorts: &[(&str, &str)]) -> String {
    let mut out = String::from(
        "<form hidden aria-label=\"Filter and sort\">\n<label>Text\
         <input type=\"search\" name=\"text\"></label>\n",
    );
    for (key, title, counts) in selects {
        let _ = write!(
            out,
            "<label>{title}<select name=\"{key}\" data-key=\"{key}\"><option value=\"\">all</option>"
        );
        let mut names: Vec<&str> = counts.keys().copied().collect();
        sort_by_cached_key(&mut names, |name| natural(name));
        for name in names {
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
