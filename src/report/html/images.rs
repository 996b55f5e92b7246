//! The page of the images in use: what each is, and what it should be.

use std::fmt::Write as _;

use super::registries::RegistryCounts;
use super::{
    CountsByName, NO_AGENT, PageTitle, counted, findings, folder, form, header, page, text, untold,
};
use crate::judge::ImageUse;
use crate::report::Report;
use crate::report::counts::count_up;
use crate::report::text::count;

/// An image, and where it is written.
#[derive(Debug, Clone, Copy)]
pub struct PageRow<'a> {
    /// The file's path.
    pub file: &'a str,
    /// The line.
    pub line: usize,
    /// The image.
    pub image: &'a ImageUse,
}

/// The images of the files that a report is about, as a page.
pub fn images(report: &Report<'_>, rows: &[PageRow<'_>], title: PageTitle<'_>) -> String {
    let mut registries = RegistryCounts::default();
    let (mut agents, mut states, mut folders) = (
        CountsByName::new(),
        CountsByName::new(),
        CountsByName::new(),
    );
    let mut list = String::new();
    for row in rows {
        let image = row.image;
        let written = image.image.as_deref().unwrap_or_default();
        let desired = image.desired.as_deref().unwrap_or(written);
        registries.add(written, desired);
        let agent = image.agent.as_deref().unwrap_or(NO_AGENT);
        let state = image.state.as_str();
        *agents.entry(agent).or_default() += 1;
        *states.entry(state).or_default() += 1;
        *folders.entry(folder(row.file)).or_default() += 1;
        let _ = writeln!(
            list,
            "<tr data-agent=\"{}\" data-state=\"{state}\" data-folder=\"{}\" data-image=\"{}\">\
             <td data-label=\"where\">{}:{}</td><td data-label=\"image\">{}</td><td data-label=\"agent\">{}</td>\
             <td data-label=\"state\">{state}</td><td data-label=\"should be\">{}</td></tr>",
            text(agent),
            text(folder(row.file)),
            text(written),
            text(row.file),
            row.line,
            text(written),
            text(agent),
            text(&image.should_be()),
        );
    }
    let what = format!(
        "{} in {}",
        count(rows.len(), "image"),
        count(folders.len(), "folder")
    );
    let numbers = count_up(report);
    let of_state = |state: &str| states.get(state).copied().unwrap_or_default();
    let cards = [
        ("", rows.len(), "images"),
        ("error", of_state("wrong"), "wrong"),
        ("warning", numbers.unread, "not read"),
        ("error", numbers.unreadable, "files unreadable"),
        ("", numbers.skipped, "files skipped"),
    ];
    let heading = format!("Images of {}", title.of);
    let mut content = header(
        &heading,
        &findings::lines(report, &what, title.day),
        &cards,
        "",
    );
    content.push_str(&registries.drawn());
    content.push_str(&untold::lists(report));
    content.push_str("<h2>Images by</h2>\n<div class=\"groups\">\n");
    content.push_str(&counted("agent", &agents));
    content.push_str(&counted("state", &states));
    content.push_str(&counted("folder", &folders));
    content.push_str("</div>\n<main>\n<h2>Images</h2>\n");
    content.push_str(&form(
        &[
            ("agent", "Agent", &agents),
            ("state", "State", &states),
            ("folder", "Folder", &folders),
        ],
        &[
            ("place", "place"),
            ("agent", "agent"),
            ("state", "state"),
            ("image", "image"),
        ],
    ));
    let _ = write!(
        content,
        "<div class=\"wide rows images\"><table><thead><tr><th scope=\"col\">where</th><th scope=\"col\">image</th>\
         <th scope=\"col\">agent</th><th scope=\"col\">state</th><th scope=\"col\">should be</th></tr></thead>\n\
         <tbody id=\"list\">\n{list}</tbody></table></div>\n</main>\n"
    );
    page(title, &what, &content)
}
