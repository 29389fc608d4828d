//! Which rows stand on which page, and how far down.

use std::ops::Range;

use crate::pdf::rows::Row;

/// Divides rows into pages of this height. A page ends where a row says that the next begins one, or where the next row does
/// not fit; then rows that have to stay with it go to the next page too, unless they fill a page by themselves. There is at
/// least one page.
pub(super) fn pages(rows: &[Row], height: f32) -> Vec<Range<usize>> {
    let mut pages = Vec::new();
    let mut start = 0;
    while start < rows.len() {
        let end = end_of_page(rows, start, height);
        pages.push(start..end);
        start = end;
    }
    if pages.is_empty() {
        pages.push(0..0);
    }
    pages
}

/// The rows of a page, each with the distance from the first to its upper edge.
pub(super) fn placed(rows: &[Row]) -> impl Iterator<Item = (&Row, f32)> {
    let mut below = 0.0;
    rows.iter().enumerate().map(move |(at, row)| {
        let top = if at == 0 { 0.0 } else { below + row.gap };
        below = top + row.height;
        (row, top)
    })
}

fn end_of_page(rows: &[Row], start: usize, height: f32) -> usize {
    let overflow = placed(&rows[start..])
        .position(|(row, top)| top + row.height > height)
        .map_or(rows.len(), |at| start + at.max(1));
    if let Some(broken) = (start + 1..overflow).find(|at| rows[*at].begins_page) {
        return broken;
    }
    if overflow == rows.len() || rows[overflow].begins_page {
        return overflow;
    }
    let end = (start + 1..=overflow).rev().find(|end| !rows[end - 1].keep);
    end.unwrap_or(overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(keep: bool, begins_page: bool) -> Row {
        Row { cells: Vec::new(), gap: 2.0, height: 10.0, keep, begins_page }
    }

    /// The number of rows on each page. `k` is a row that is kept with the next, `n` one that begins a page, `.` any other.
    fn paged(rows: &str, height: f32) -> Vec<usize> {
        let rows: Vec<Row> = rows.chars().map(|sign| row(sign == 'k', sign == 'n')).collect();
        let pages = pages(&rows, height);
        assert!(pages.windows(2).all(|two| two[0].end == two[1].start), "each row is on one page");
        pages.iter().map(Range::len).collect()
    }

    #[test]
    fn a_page_is_filled_and_the_next_row_begins_another() {
        assert_eq!(paged("...", 34.0), [3]);
        assert_eq!(paged("....", 34.0), [3, 1]);
        assert_eq!(paged("...", 33.0), [2, 1]);
    }

    #[test]
    fn a_row_that_is_kept_goes_to_the_page_of_the_next() {
        assert_eq!(paged("..k.", 34.0), [2, 2]);
        assert_eq!(paged(".kk..", 34.0), [1, 3, 1]);
    }

    #[test]
    fn rows_that_are_kept_and_fill_a_page_are_broken_all_the_same() {
        assert_eq!(paged("kkkkk", 34.0), [3, 2]);
        assert_eq!(paged(".kkkkk", 34.0), [1, 3, 2]);
        assert_eq!(paged("..", 5.0), [1, 1]);
    }

    #[test]
    fn a_page_break_leaves_no_empty_page() {
        assert_eq!(paged("", 34.0), [0]);
        assert_eq!(paged("n.", 34.0), [2]);
        assert_eq!(paged(".n.", 34.0), [1, 2]);
        assert_eq!(paged("k.kn.", 34.0), [3, 2]);
    }
}
