//! The blocks of a letter as rows: lines of text beside one another, from the top of the first page to the end of the last.

use std::ops::Range;
use std::rc::Rc;

use crate::letter::{Block, Letter, Level, Size};
use crate::pdf::fonts::Weight;
use crate::pdf::lines::break_lines;
use crate::pdf::shaping::{Shaper, Text};
use crate::text;

/// The width of A4, in points.
pub(super) const PAGE_WIDTH: f32 = 595.28;
/// The height of A4, in points.
pub(super) const PAGE_HEIGHT: f32 = 841.89;

/// The height of a line of running text, in em.
const LINE_HEIGHT: f32 = 1.5;
/// The height of a line of a heading, in em.
const HEADING_LINE_HEIGHT: f32 = 1.25;
/// The space between two paragraphs, in em.
const BETWEEN_PARAGRAPHS: f32 = 0.75;
/// The space between two items, two facts, or two paragraphs of one of them, in em.
const BETWEEN_ITEMS: f32 = 0.35;
/// How far a list is set in, in em.
const INDENT: f32 = 1.5;
/// The part of the width that the names of facts have.
const NAMES: f32 = 0.3;
/// The greatest number of rows that are kept on one page because they belong together.
const TOGETHER: usize = 8;
/// What stands before an item of a list.
const BULLET: &str = "•";

/// The measures of a size, in points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measures {
    /// The size of running text.
    pub(super) size: f32,
    /// The space on all four sides of a page.
    pub(super) margin: f32,
}

impl Measures {
    pub(super) fn of(size: Size) -> Self {
        match size {
            Size::Standard => Self { size: 12.0, margin: 70.87 },
            Size::LargePrint => Self { size: 18.0, margin: 56.69 },
        }
    }

    fn of_heading(self, level: Level) -> f32 {
        match level {
            Level::One => self.size * 1.5,
            Level::Two => self.size * 1.25,
            Level::Three => self.size * 1.1,
        }
    }
}

/// What a part of the letter is, for somebody who cannot see it.
#[derive(Clone, Debug)]
pub(super) enum Role {
    Heading(Level, String),
    Paragraph,
    List {
        bullets: bool,
    },
    Item,
    /// A bullet, or the name of a fact.
    Label,
    Body,
}

/// The place of an element in [`Rows::elements`].
pub(super) type ElementId = usize;

/// A part of the letter and the part that it is in.
pub(super) struct Element {
    pub(super) role: Role,
    pub(super) within: Option<ElementId>,
}

/// A line of the page, between a left and a right edge.
pub(super) struct Cell {
    pub(super) element: ElementId,
    pub(super) text: Rc<Text>,
    pub(super) range: Range<usize>,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) size: f32,
}

/// Cells beside one another.
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// The space above the row, unless it is the first of a page.
    pub(super) gap: f32,
    pub(super) height: f32,
    /// Whether the next row has to be on the same page.
    pub(super) keep: bool,
    /// Whether the row begins a page.
    pub(super) begins_page: bool,
}

/// The rows of a letter, and the parts to which their lines belong, both in the order in which they are read.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    pub(super) elements: Vec<Element>,
}

impl Rows {
    /// Lays out a letter.
    pub(super) fn of(letter: &Letter, shaper: &mut Shaper) -> Self {
        let measures = Measures::of(letter.size());
        let mut writer = Writer {
            shaper,
            measures,
            stacked: letter.size() == Size::LargePrint,
            whole: Column { left: measures.margin, right: PAGE_WIDTH - measures.margin },
            rows: Self::default(),
            begins_page: false,
            follows_heading: false,
        };
        for block in letter.blocks() {
            writer.block(block);
        }
        writer.rows
    }
}

#[derive(Clone, Copy)]
struct Column {
    left: f32,
    right: f32,
}

/// Which rows have to be on one page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// At least two rows of a paragraph on each page.
    Loose,
    /// All rows, if they are few.
    Together,
    /// All rows, and the row after them.
    WithNext,
}

struct Writer<'a> {
    shaper: &'a mut Shaper,
    measures: Measures,
    /// Whether the name of a fact stands above its value, and not beside it.
    stacked: bool,
    whole: Column,
    rows: Rows,
    begins_page: bool,
    follows_heading: bool,
}

impl Writer<'_> {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading { level, text } => self.heading(*level, &text::one_line(text)),
            Block::Paragraph(text) => {
                for paragraph in text::paragraphs(text) {
                    self.paragraph(&paragraph, Keep::Loose);
                }
            }
            Block::Lines(lines) => {
                let lines: Vec<String> = lines.iter().flat_map(|line| text::paragraphs(line)).flatten().collect();
                if !lines.is_empty() {
                    self.paragraph(&lines, Keep::Together);
                }
            }
            Block::List(items) => self.list(items),
            Block::Facts(facts) => self.facts(facts),
            Block::PageBreak => self.begins_page = true,
        }
    }

    fn heading(&mut self, level: Level, text: &str) {
        let size = self.measures.of_heading(level);
        let element = self.element(Role::Heading(level, text.to_owned()), None);
        let texts = self.measured(&[text.to_owned()], Weight::Bold);
        let rows = broken(&texts, element, self.whole, size);
        self.push(rows, size, HEADING_LINE_HEIGHT, Keep::WithNext);
        self.follows_heading = true;
    }

    fn paragraph(&mut self, lines: &[String], keep: Keep) {
        let element = self.element(Role::Paragraph, None);
        let texts = self.measured(lines, Weight::Regular);
        let rows = broken(&texts, element, self.whole, self.measures.size);
        self.push(rows, self.measures.size * BETWEEN_PARAGRAPHS, LINE_HEIGHT, keep);
    }

    fn list(&mut self, items: &[String]) {
        let items: Vec<_> = items.iter().map(|item| text::paragraphs(item)).filter(|item| !item.is_empty()).collect();
        if items.is_empty() {
            return;
        }
        let size = self.measures.size;
        let list = self.element(Role::List { bullets: true }, None);
        let bullets = self.measured(&[BULLET.to_owned()], Weight::Regular);
        let mut gap = size * BETWEEN_PARAGRAPHS;
        for item in items {
            let element = self.element(Role::Item, Some(list));
            let label = self.element(Role::Label, Some(element));
            let body = self.element(Role::Body, Some(element));
            let mut bullets_left = Some(&bullets);
            for paragraph in item {
                let texts = self.measured(&paragraph, Weight::Regular);
                let (column, beside) = self.beside_bullet(&texts, &bullets);
                let inner = self.element(Role::Paragraph, Some(body));
                let mut rows = broken(&texts, inner, column, size);
                if let (Some(bullets), Some(first)) = (bullets_left.take(), rows.first_mut()) {
                    let bullet = broken(bullets, label, beside, size).into_iter().flatten();
                    first.splice(0..0, bullet);
                }
                self.push(rows, gap, LINE_HEIGHT, Keep::Loose);
                gap = size * BETWEEN_ITEMS;
            }
        }
    }

    /// The column of an item, and that of its bullet, which stands where its text begins: on the right of Arabic.
    fn beside_bullet(&self, texts: &[Rc<Text>], bullets: &[Rc<Text>]) -> (Column, Column) {
        let indent = self.measures.size * INDENT;
        let width: f32 = bullets.iter().map(|text| text.width(&(0..text.as_str().len()))).sum();
        let width = width * self.measures.size;
        let Column { left, right } = self.whole;
        if texts.first().is_some_and(|text| text.is_right_to_left()) {
            (Column { left, right: right - indent }, Column { left: right - indent / 3.0 - width, right })
        } else {
            (Column { left: left + indent, right }, Column { left: left + indent / 3.0, right: left + indent })
        }
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        let facts = facts.iter().map(|(name, value)| (text::one_line(name), text::paragraphs(value)));
        let facts: Vec<_> = facts.filter(|(name, value)| !name.is_empty() || !value.is_empty()).collect();
        if facts.is_empty() {
            return;
        }
        let list = self.element(Role::List { bullets: false }, None);
        let mut gap = self.measures.size * BETWEEN_PARAGRAPHS;
        for (name, value) in facts {
            self.fact(list, &name, &value, gap);
            gap = self.measures.size * BETWEEN_ITEMS;
        }
    }

    fn fact(&mut self, list: ElementId, name: &str, value: &[Vec<String>], gap: f32) {
        let Measures { size, .. } = self.measures;
        let Column { left, right } = self.whole;
        let middle = left + (right - left) * NAMES;
        let (of_name, of_value) = if self.stacked {
            (self.whole, self.whole)
        } else {
            (Column { left, right: middle - size }, Column { left: middle, right })
        };
        let element = self.element(Role::Item, Some(list));
        let mut names = Vec::new();
        if !name.is_empty() {
            let label = self.element(Role::Label, Some(element));
            let texts = self.measured(&[name.to_owned()], Weight::Bold);
            names = broken(&texts, label, of_name, size);
        }
        let mut gap = gap;
        if self.stacked && !names.is_empty() {
            let keep = if value.is_empty() { Keep::Loose } else { Keep::WithNext };
            self.push(std::mem::take(&mut names), gap, LINE_HEIGHT, keep);
            gap = 0.0;
        }
        let mut names = names.into_iter();
        if !value.is_empty() {
            let body = self.element(Role::Body, Some(element));
            for paragraph in value {
                let inner = self.element(Role::Paragraph, Some(body));
                let texts = self.measured(paragraph, Weight::Regular);
                let mut rows = broken(&texts, inner, of_value, size);
                for row in &mut rows {
                    row.splice(0..0, names.next().unwrap_or_default());
                }
                self.push(rows, gap, LINE_HEIGHT, Keep::Loose);
                gap = size * BETWEEN_ITEMS;
            }
        }
        let rest: Vec<Vec<Cell>> = names.collect();
        if !rest.is_empty() {
            let gap = if value.is_empty() { gap } else { 0.0 };
            self.push(rest, gap, LINE_HEIGHT, Keep::Loose);
        }
    }

    fn element(&mut self, role: Role, within: Option<ElementId>) -> ElementId {
        self.rows.elements.push(Element { role, within });
        self.rows.elements.len() - 1
    }

    /// The lines of one element. Each but the last ends with a space, so that words are apart for somebody who hears them.
    fn measured(&mut self, lines: &[String], weight: Weight) -> Vec<Rc<Text>> {
        let mut texts: Vec<String> = lines.iter().map(|line| format!("{line} ")).collect();
        if let Some(last) = texts.last_mut() {
            last.pop();
        }
        texts.into_iter().map(|text| Rc::new(self.shaper.measure(text, weight))).collect()
    }

    fn push(&mut self, rows: Vec<Vec<Cell>>, gap: f32, line_height: f32, keep: Keep) {
        let gap =
            if std::mem::take(&mut self.follows_heading) { gap.min(self.measures.size * BETWEEN_ITEMS) } else { gap };
        let count = rows.len();
        for (at, cells) in rows.into_iter().enumerate() {
            let is_last = at + 1 == count;
            let size = cells.iter().map(|cell| cell.size).fold(0.0, f32::max);
            let keep = match keep {
                Keep::WithNext => true,
                Keep::Together if count <= TOGETHER => !is_last,
                Keep::Together | Keep::Loose => !is_last && (at == 0 || at + 2 == count),
            };
            let begins_page = std::mem::take(&mut self.begins_page);
            let gap = if at == 0 { gap } else { 0.0 };
            self.rows.rows.push(Row { cells, gap, height: size * line_height, keep, begins_page });
        }
    }
}

/// A row of one cell for each line that fits into the column.
fn broken(texts: &[Rc<Text>], element: ElementId, column: Column, size: f32) -> Vec<Vec<Cell>> {
    let Column { left, right } = column;
    let mut rows = Vec::new();
    for text in texts {
        for range in break_lines(text, (right - left) / size) {
            rows.push(vec![Cell { element, text: Rc::clone(text), range, left, right, size }]);
        }
    }
    rows
}
