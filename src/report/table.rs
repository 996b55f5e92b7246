//! Tables for people: each column is as wide as its widest cell, and a row that is wider than the
//! terminal is written as lines.

use anstyle::Style;

use crate::quote::piece;

/// Rows under a header.
#[derive(Debug)]
pub struct Table<const N: usize> {
    header: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table without rows.
    pub fn new(header: [&'static str; N]) -> Self {
        Table {
            header,
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, row: [String; N]) {
        self.rows.push(row.map(|cell| piece(&cell)));
    }
}

/// The table as lines of at most `width` columns if they can be; an empty cell is a blank, and nothing
/// follows the last cell of a line.
pub fn write<const N: usize>(table: &Table<N>, color: bool, width: usize) -> String {
    let mut widths = table.header.map(str::len);
    for row in &table.rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let bold = if color {
        Style::new().bold()
    } else {
        Style::new()
    };
    let between = 2 * N.saturating_sub(1);
    if widths.iter().sum::<usize>() + between > width {
        return stacked(table, bold);
    }
    let line = |cells: [&str; N], style: Style| {
        let cells = cells.iter().zip(widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{style}{}{style:#}\n", cells.join("  ").trim_end())
    };
    let mut out = line(table.header, bold);
    for row in &table.rows {
        out.push_str(&line(row.each_ref().map(String::as_str), Style::new()));
    }
    out
}

/// Each row as lines: its first cell, and below it the others by their names; columns that do not fit
/// would be broken wherever the terminal ends.
fn stacked<const N: usize>(table: &Table<N>, bold: Style) -> String {
    let names = table.header.map(str::len);
    let name_width = names.iter().skip(1).copied().max().unwrap_or_default();
    let mut out = String::new();
    for row in &table.rows {
        let mut cells = table.header.iter().zip(row);
        if let Some((_, first)) = cells.next().filter(|(_, first)| !first.is_empty()) {
            out.push_str(&format!("{bold}{first}{bold:#}\n"));
        }
        for (name, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
            out.push_str(&format!("  {name:name_width$}  {cell}\n"));
        }
    }
    out
}

/// A key by which `svc2` comes before `svc10`.
pub(super) fn natural(name: &str) -> String {
    const DIGITS: usize = 20;
    let mut out = String::with_capacity(name.len() + DIGITS);
    let mut rest = name;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let end = digits.find(|c: char| !c.is_ascii_digit());
        let (digits, behind) = digits.split_at(end.unwrap_or(digits.len()));
        out.push_str(before);
        out.extend(std::iter::repeat_n(
            '0',
            DIGITS.saturating_sub(digits.len()),
        ));
        out.push_str(digits);
        rest = behind;
    }
    out + rest
}
