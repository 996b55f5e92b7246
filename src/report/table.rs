//! Tables for people: each column is as wide as its widest cell.

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

/// The table as lines; an empty cell is a blank, and nothing follows the last cell of a line.
pub fn write<const N: usize>(table: &Table<N>, color: bool) -> String {
    let mut widths = table.header.map(str::len);
    for row in &table.rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; N], style: Style| {
        let cells = cells.iter().zip(widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{style}{}{style:#}\n", cells.join("  ").trim_end())
    };
    let bold = if color {
        Style::new().bold()
    } else {
        Style::new()
    };
    let mut out = line(table.header, bold);
    for row in &table.rows {
        out.push_str(&line(row.each_ref().map(String::as_str), Style::new()));
    }
    out
}
