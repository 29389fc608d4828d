//! Rows as a PDF: what is seen, and what a screen reader finds.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU16;
use std::rc::Rc;

use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::Point;
use krilla::metadata::{Metadata, TextDirection};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node, SpanTag, Tag, TagGroup, TagKind, TagTree,
};
use krilla::text::Font;
use krilla::{Document, SerializeSettings};

use crate::letter::{Letter, Level};
use crate::pdf::PdfError;
use crate::pdf::fonts::{FACES, Face, FaceId, Weight};
use crate::pdf::pages::{pages, placed};
use crate::pdf::rows::{Cell, Element, ElementId, Measures, PAGE_HEIGHT, PAGE_WIDTH, Role, Rows};
use crate::pdf::shaping::Shaper;

/// How far below the middle of a row its letters stand, in em: half the height of a capital letter of Noto Sans.
const BELOW_MIDDLE: f32 = 0.357;

/// The size of the number of a page, in em.
const PAGE_NUMBER: f32 = 0.8;

/// Draws the rows of a letter.
pub(super) fn draw(letter: &Letter, rows: &Rows, shaper: &mut Shaper) -> Result<Vec<u8>, PdfError> {
    let refused = |why: String| PdfError::Refused(why);
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| refused(format!("{error:?}")))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let mut drawing = Drawing {
        shaper,
        fonts: HashMap::new(),
        marks: rows.elements.iter().map(|_| Vec::new()).collect(),
        places: HashMap::new(),
    };
    let measures = Measures::of(letter.size());
    let pages = pages(&rows.rows, PAGE_HEIGHT - 2.0 * measures.margin);
    let count = pages.len();
    for (at, range) in pages.into_iter().enumerate() {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).unwrap_or_default();
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        let mut cells: Vec<(&Cell, f32)> = Vec::new();
        for (row, top) in placed(&rows.rows[range]) {
            let baseline = |cell: &Cell| measures.margin + top + row.height / 2.0 + cell.size * BELOW_MIDDLE;
            cells.extend(row.cells.iter().map(|cell| (cell, baseline(cell))));
            for cell in &row.cells {
                let place = XyzDestination::new(at, Point::from_xy(0.0, measures.margin + top));
                drawing.places.entry(cell.element).or_insert(place);
            }
        }
        // A name and its value stand in the same rows. Each is drawn whole, in the order in which they are read.
        cells.sort_by_key(|(cell, _)| cell.element);
        for (cell, baseline) in cells {
            drawing.cell(&mut surface, cell, baseline)?;
        }
        drawing.page_number(&mut surface, format!("{} / {count}", at + 1), measures)?;
        surface.finish();
        page.finish();
    }
    document.set_metadata(metadata(letter));
    document.set_outline(outline(letter, &rows.elements, &drawing.places));
    document.set_tag_tree(tags(letter, &rows.elements, drawing.marks));
    document.finish().map_err(|error| refused(why(&error)))
}

/// Says why the library refused a PDF, and nothing of what stands in it.
fn why(error: &KrillaError) -> String {
    let KrillaError::Validation(errors) = error else { return error.to_string() };
    let kinds: BTreeSet<String> = errors
        .iter()
        .map(|(error, _)| format!("{error:?}").chars().take_while(char::is_ascii_alphabetic).collect())
        .collect();
    kinds.into_iter().collect::<Vec<_>>().join(", ")
}

struct Drawing<'a> {
    shaper: &'a mut Shaper,
    fonts: HashMap<FaceId, Font>,
    /// The lines of each element, as they are drawn.
    marks: Vec<Vec<Identifier>>,
    /// Where each element begins.
    places: HashMap<ElementId, XyzDestination>,
}

impl Drawing<'_> {
    fn cell(&mut self, surface: &mut Surface<'_>, cell: &Cell, baseline: f32) -> Result<(), PdfError> {
        let mark = self.line(surface, cell, baseline, ContentTag::Span(SpanTag::empty()))?;
        self.marks[cell.element].push(mark);
        Ok(())
    }

    /// Writes the number of a page, which is no part of what is read.
    fn page_number(&mut self, surface: &mut Surface<'_>, number: String, measures: Measures) -> Result<(), PdfError> {
        let size = measures.size * PAGE_NUMBER;
        let range = 0..number.len();
        let text = self.shaper.measure(number, Weight::Regular);
        let half = text.width(&range) * size / 2.0;
        let (left, right) = (PAGE_WIDTH / 2.0 - half, PAGE_WIDTH / 2.0 + half);
        let cell = Cell { element: 0, text: Rc::new(text), range, left, right, size };
        let artifact = ContentTag::Artifact(Artifact::with_kind(ArtifactType::PageNumber));
        self.line(surface, &cell, PAGE_HEIGHT - measures.margin / 2.0, artifact)?;
        Ok(())
    }

    fn line(
        &mut self,
        surface: &mut Surface<'_>,
        cell: &Cell,
        baseline: f32,
        tag: ContentTag<'_>,
    ) -> Result<Identifier, PdfError> {
        let line = self.shaper.line(&cell.text, &cell.range);
        let from = if cell.text.is_right_to_left() { cell.right - line.width * cell.size } else { cell.left };
        let fonts = line.runs.iter().map(|run| self.font(run.face)).collect::<Result<Vec<Font>, PdfError>>()?;
        let mark = surface.start_tagged(tag);
        for (run, font) in line.runs.iter().zip(fonts) {
            let start = Point::from_xy(from + run.x * cell.size, baseline);
            surface.draw_glyphs(start, &run.glyphs, font, run.text, cell.size, false);
        }
        surface.end_tagged();
        Ok(mark)
    }

    fn font(&mut self, face: FaceId) -> Result<Font, PdfError> {
        if let Some(font) = self.fonts.get(&face) {
            return Ok(font.clone());
        }
        let embedded = FACES.get(face).and_then(Face::embedded);
        let font = embedded.ok_or_else(|| PdfError::Refused(format!("font {face} cannot be read")))?;
        self.fonts.insert(face, font.clone());
        Ok(font)
    }
}

fn metadata(letter: &Letter) -> Metadata {
    let direction =
        if letter.language().is_right_to_left() { TextDirection::RightToLeft } else { TextDirection::LeftToRight };
    Metadata::new()
        .title(letter.title().to_owned())
        .language(letter.language().as_str().to_owned())
        .text_direction(direction)
        .producer("Almoner".to_owned())
}

/// The headings, one within another. A letter without headings has its title there, because PDF/UA wants something.
fn outline(letter: &Letter, elements: &[Element], places: &HashMap<ElementId, XyzDestination>) -> Outline {
    let mut outline = Outline::new();
    // The headings whose parts are not all there yet, each in the one before it.
    let mut open: Vec<(Level, OutlineNode)> = Vec::new();
    let close = |open: &mut Vec<(Level, OutlineNode)>, outline: &mut Outline| {
        if let Some((_, node)) = open.pop() {
            match open.last_mut() {
                Some((_, parent)) => parent.push_child(node),
                None => outline.push_child(node),
            }
        }
    };
    for (at, element) in elements.iter().enumerate() {
        let (Role::Heading(level, text), Some(place)) = (&element.role, places.get(&at)) else { continue };
        while open.last().is_some_and(|(other, _)| other >= level) {
            close(&mut open, &mut outline);
        }
        open.push((*level, OutlineNode::new(text.clone(), place.clone()).with_open(true)));
    }
    if open.is_empty() {
        let top = XyzDestination::new(0, Point::from_xy(0.0, 0.0));
        outline.push_child(OutlineNode::new(letter.title().to_owned(), top));
    }
    while !open.is_empty() {
        close(&mut open, &mut outline);
    }
    outline
}

/// The parts of the letter, one within another, each with its lines.
fn tags(letter: &Letter, elements: &[Element], marks: Vec<Vec<Identifier>>) -> TagTree {
    let mut groups: Vec<TagGroup> = elements
        .iter()
        .zip(marks)
        .map(|(element, marks)| {
            TagGroup::with_children(kind(&element.role), marks.into_iter().map(Node::Leaf).collect())
        })
        .collect();
    let mut roots = Vec::new();
    // An element stands after the one that it is in, so the last has all its own parts when it is taken.
    while let Some(mut group) = groups.pop() {
        // They came from the last to the first, after the lines of the element.
        let lines = group.children.iter().take_while(|node| matches!(node, Node::Leaf(_))).count();
        group.children[lines..].reverse();
        match elements[groups.len()].within {
            Some(parent) => groups[parent].push(group),
            None => roots.push(Node::Group(group)),
        }
    }
    roots.reverse();
    TagTree::from(roots).with_lang(Some(letter.language().as_str().to_owned()))
}

fn kind(role: &Role) -> TagKind {
    match role {
        Role::Heading(level, text) => {
            let number = NonZeroU16::new(level.number()).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(number, Some(text.clone())).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::List { bullets: true } => Tag::L(ListNumbering::Disc).into(),
        Role::List { bullets: false } => Tag::L(ListNumbering::None).into(),
        Role::Item => Tag::LI.into(),
        Role::Label => Tag::Lbl.into(),
        Role::Body => Tag::LBody.into(),
    }
}
