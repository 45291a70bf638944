//! Tables of the book that tests read: what a page says is what is checked.

use anyhow::{ensure, Result};

/// One table, with the nearest heading above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub heading: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// All tables of a page, in order.
///
/// # Errors
/// A row that has not as many cells as its table has columns.
pub fn tables(page: &str) -> Result<Vec<Table>> {
    let mut found: Vec<Table> = vec![];
    let mut heading = "";
    let mut inside = false;
    for line in page.lines() {
        if let Some(text) = line.strip_prefix('#') {
            heading = text.trim_start_matches('#').trim();
        }
        let Some(cells) = cells(line) else {
            inside = false;
            continue;
        };
        match found.last_mut().filter(|_| inside) {
            None => found.push(Table {
                heading: heading.into(),
                columns: cells,
                rows: vec![],
            }),
            Some(_) if cells.iter().all(|cell| is_rule(cell)) => {}
            Some(table) => {
                let columns = table.columns.len();
                ensure!(cells.len() == columns, "not {columns} cells: {line}");
                table.rows.push(cells);
            }
        }
        inside = true;
    }
    Ok(found)
}

impl Table {
    /// A row's cell, by the column's name; `None` without such a column.
    pub fn cell<'a>(&self, row: &'a [String], column: &str) -> Option<&'a str> {
        let index = self.columns.iter().position(|name| name == column)?;
        row.get(index).map(String::as_str)
    }
}

/// Every `` `name` `` in a cell.
pub fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.strip_prefix('|')?.trim_end().strip_suffix('|')?;
    Some(
        inner
            .split('|')
            .map(|cell| cell.trim().to_string())
            .collect(),
    )
}

fn is_rule(cell: &str) -> bool {
    !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | ':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_with_their_headings() {
        let page =
            "# A\n\n| x | y |\n|---|---|\n| 1 | `a`, `b` |\n\ntext\n\n## B\n| z |\n|---|\n| 2 |\n";
        let found = tables(page).unwrap();
        assert_eq!((found.len(), found[1].heading.as_str()), (2, "B"));
        let cell = found[0].cell(&found[0].rows[0], "y").unwrap();
        assert_eq!(names(cell).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(found[1].rows, [["2"]]);
    }

    #[test]
    fn a_ragged_row_is_an_error() {
        assert!(tables("| x | y |\n|---|---|\n| 1 |\n").is_err());
    }
}
