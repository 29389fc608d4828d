//! Lines of text as glyphs: which font draws which part, in which direction, and how wide it is.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use icu_segmenter::GraphemeClusterSegmenter;
use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{BufferClusterLevel, BufferFlags, Direction, Script, ShapePlan, UnicodeBuffer, script};
use unicode_bidi::{BidiInfo, Level};
use unicode_script::{Script as ScriptOf, UnicodeScript};

use crate::pdf::fonts::{FACES, FaceId, Weight, face_for};
use crate::text;

/// A line of text as it was written, which may be broken into several lines on the page.
pub(super) struct Text {
    whole: String,
    /// The direction of the whole: even from left to right, odd from right to left.
    base: Level,
    /// The parts that are shaped alone, in the order in which they are read.
    parts: Vec<Part>,
    /// How far the text that stands before each byte advances, with the whole last, in em.
    advances: Vec<f32>,
}

/// A part of a text that has one font, one script and one direction.
struct Part {
    range: Range<usize>,
    face: FaceId,
    script: Script,
    level: Level,
}

/// The glyphs of a part of a line.
pub(super) struct Run<'a> {
    pub(super) face: FaceId,
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// The text that the glyphs show. Their ranges count from its beginning.
    pub(super) text: &'a str,
    /// Where the run begins, from the left end of its line, in em.
    pub(super) x: f32,
}

/// A line of the page: its runs in the order in which they are read, and its width in em with the spaces at its end.
pub(super) struct Line<'a> {
    pub(super) runs: Vec<Run<'a>>,
    pub(super) width: f32,
}

impl Text {
    /// The text as it is read.
    pub(super) fn as_str(&self) -> &str {
        &self.whole
    }

    /// Whether the text as a whole is written from right to left.
    pub(super) fn is_right_to_left(&self) -> bool {
        self.base.is_rtl()
    }

    /// How wide a part of the text is, in em.
    pub(super) fn width(&self, range: &Range<usize>) -> f32 {
        self.advances[range.end] - self.advances[range.start]
    }
}

/// Shapes texts, and collects the characters that no font has.
pub(super) struct Shaper {
    /// How to shape with a font, a script and a direction, which is slow to find out.
    plans: HashMap<(FaceId, Script, bool), ShapePlan>,
    buffer: UnicodeBuffer,
    missing: BTreeSet<char>,
    /// The direction of a text that has none of its own, such as a number.
    base: Level,
}

impl Shaper {
    /// A shaper for a letter whose language is written in this direction.
    pub(super) fn new(is_right_to_left: bool) -> Self {
        let base = if is_right_to_left { Level::rtl() } else { Level::ltr() };
        Self { plans: HashMap::new(), buffer: UnicodeBuffer::new(), missing: BTreeSet::new(), base }
    }

    /// The characters that no font had so far.
    pub(super) fn missing(&self) -> &BTreeSet<char> {
        &self.missing
    }

    /// Looks for fonts and directions, and measures. The text has no end of a line in it.
    pub(super) fn measure(&mut self, text: String, weight: Weight) -> Text {
        let bidi = BidiInfo::new(&text, None);
        let has_direction = text.chars().any(|character| {
            use unicode_bidi::BidiClass::{AL, L, R};
            matches!(unicode_bidi::bidi_class(character), L | R | AL)
        });
        let found = bidi.paragraphs.first().map_or(self.base, |paragraph| paragraph.level);
        let base = if has_direction { found } else { self.base };
        let bidi = if base == found { bidi } else { BidiInfo::new(&text, Some(base)) };
        let parts = self.parts(&text, &bidi.levels, weight);
        drop(bidi);
        let mut advances = vec![0.0; text.len() + 1];
        for part in &parts {
            self.shape(&text[part.range.clone()], part, part.level, |glyph| {
                advances[part.range.start + glyph.cluster + 1] += glyph.x_advance;
            });
        }
        let mut sum = 0.0;
        for advance in &mut advances {
            sum += *advance;
            *advance = sum;
        }
        Text { whole: text, base, parts, advances }
    }

    /// The glyphs of a line that a text was broken into.
    pub(super) fn line<'a>(&mut self, text: &'a Text, range: &Range<usize>) -> Line<'a> {
        // The spaces at the end of a line have the direction of the whole (UAX #9, L1).
        let spaces = range.start + text.whole[range.clone()].trim_end().len();
        let mut pieces: Vec<(&Part, Range<usize>, Level)> = Vec::new();
        let first = text.parts.partition_point(|part| part.range.end <= range.start);
        for part in text.parts[first..].iter().take_while(|part| part.range.start < range.end) {
            for (within, level) in [(range.start..spaces, part.level), (spaces..range.end, text.base)] {
                let piece = part.range.start.max(within.start)..part.range.end.min(within.end);
                if !piece.is_empty() {
                    pieces.push((part, piece, level));
                }
            }
        }
        let mut runs = Vec::with_capacity(pieces.len());
        for (part, piece, level) in &pieces {
            let shown = &text.whole[piece.clone()];
            let mut raw = Vec::new();
            self.shape(shown, part, *level, |glyph| raw.push(glyph));
            let width: f32 = raw.iter().map(|glyph| glyph.x_advance).sum();
            runs.push((Run { face: part.face, glyphs: glyphs(shown, &raw), text: shown, x: 0.0 }, width));
        }
        let levels: Vec<Level> = pieces.iter().map(|(_, _, level)| *level).collect();
        let mut width = 0.0;
        for at in BidiInfo::reorder_visual(&levels) {
            runs[at].0.x = width;
            width += runs[at].1;
        }
        Line { runs: runs.into_iter().map(|(run, _)| run).collect(), width }
    }

    /// Divides a text where its font, its script or its direction changes.
    fn parts(&mut self, text: &str, levels: &[Level], weight: Weight) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut push = |range: Range<usize>, face: Option<FaceId>, script: Option<Script>| {
            let level = levels[range.start];
            match parts.last_mut() {
                Some(last)
                    if face.is_none_or(|face| face == last.face)
                        && level == last.level
                        && (script.is_none_or(|script| script == last.script) || last.script == script::COMMON) =>
                {
                    last.range.end = range.end;
                    last.script = script.unwrap_or(last.script);
                }
                _ => {
                    let face = face.unwrap_or_default();
                    parts.push(Part { range, face, script: script.unwrap_or(script::COMMON), level });
                }
            }
        };
        let boundaries: Vec<usize> = GraphemeClusterSegmenter::new().segment_str(text).collect();
        for bounds in boundaries.windows(2) {
            let cluster = &text[bounds[0]..bounds[1]];
            if cluster.chars().all(text::is_invisible) {
                push(bounds[0]..bounds[1], None, None);
            } else if let Some(face) = face_for(cluster, weight) {
                push(bounds[0]..bounds[1], Some(face), script_of(cluster));
            } else {
                for (at, character) in cluster.char_indices() {
                    let alone = &cluster[at..at + character.len_utf8()];
                    let face = face_for(alone, weight);
                    if face.is_none() {
                        self.missing.insert(character);
                    }
                    push(bounds[0] + at..bounds[0] + at + alone.len(), face, script_of(alone));
                }
            }
        }
        parts
    }

    fn shape(&mut self, text: &str, part: &Part, level: Level, mut each: impl FnMut(Glyph)) {
        let Some(face) = FACES.get(part.face) else { return };
        let direction = if level.is_rtl() { Direction::RightToLeft } else { Direction::LeftToRight };
        let plan = self
            .plans
            .entry((part.face, part.script, level.is_rtl()))
            .or_insert_with(|| ShapePlan::new(&face.shaper, direction, Some(part.script), None, &[]));
        let mut buffer = std::mem::take(&mut self.buffer);
        for (at, character) in text.char_indices() {
            if let Some(drawn) = face.drawn(character) {
                buffer.add(drawn, u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
        buffer.set_direction(direction);
        buffer.set_script(part.script);
        // Every character keeps its own glyphs, so that each of them shows a text of its own.
        buffer.set_cluster_level(BufferClusterLevel::Characters);
        buffer.set_flags(BufferFlags::REMOVE_DEFAULT_IGNORABLES);
        let shaped = rustybuzz::shape_with_plan(&face.shaper, plan, buffer);
        let per_em = face.shaper.units_per_em();
        for (info, position) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            each(Glyph {
                id: info.glyph_id,
                cluster: usize::try_from(info.cluster).unwrap_or_default(),
                x_advance: em(position.x_advance, per_em),
                x_offset: em(position.x_offset, per_em),
                y_offset: em(position.y_offset, per_em),
            });
        }
        self.buffer = shaped.clear();
    }
}

/// A glyph as the shaper gives it, with its measures in em.
struct Glyph {
    id: u32,
    /// The byte at which the characters begin that the glyph shows.
    cluster: usize,
    x_advance: f32,
    x_offset: f32,
    y_offset: f32,
}

/// Gives each glyph the characters that it shows, and puts the glyphs into the order in which they are read: a program that
/// reads the page aloud may take them as they come. Characters that show nothing are not among what a glyph shows: a PDF maps
/// a glyph to one text, and a joiner beside a letter would make another text of it.
fn glyphs(text: &str, raw: &[Glyph]) -> Vec<KrillaGlyph> {
    let mut starts: Vec<usize> = raw.iter().map(|glyph| glyph.cluster).collect();
    let is_in_order = starts.is_sorted();
    starts.sort_unstable();
    starts.dedup();
    let shown = |start: usize| {
        let end = starts.get(starts.partition_point(|other| *other <= start)).copied().unwrap_or(text.len());
        let whole = &text[start..end];
        let from = whole.len() - whole.trim_start_matches(text::is_invisible).len();
        let to = whole.trim_end_matches(text::is_invisible).len();
        if from < to { start + from..start + to } else { start..end }
    };
    let glyph = |glyph: &Glyph, x_advance: f32, x_offset: f32| {
        let id = GlyphId::new(glyph.id);
        KrillaGlyph::new(id, x_advance, x_offset, glyph.y_offset, 0.0, shown(glyph.cluster), None)
    };
    if is_in_order {
        return raw.iter().map(|one| glyph(one, one.x_advance, one.x_offset)).collect();
    }
    // Each glyph is placed by itself, from the left end of the run.
    let mut x = 0.0;
    let mut placed: Vec<(usize, KrillaGlyph)> = Vec::with_capacity(raw.len());
    for one in raw {
        placed.push((one.cluster, glyph(one, 0.0, x + one.x_offset)));
        x += one.x_advance;
    }
    placed.sort_by_key(|(cluster, _)| *cluster);
    placed.into_iter().map(|(_, glyph)| glyph).collect()
}

/// The script of a cluster, or `None` if it goes with any, such as a space or a digit.
fn script_of(cluster: &str) -> Option<Script> {
    let found = cluster.chars().map(|character| character.script());
    let own = found.into_iter().find(|script| !matches!(script, ScriptOf::Common | ScriptOf::Inherited))?;
    let tag: [u8; 4] = own.short_name().as_bytes().try_into().ok()?;
    Script::from_iso15924_tag(rustybuzz::ttf_parser::Tag::from_bytes(&tag))
}

#[expect(clippy::cast_precision_loss, reason = "a font's units have far fewer digits than an f32")]
fn em(units: i32, per_em: i32) -> f32 {
    units as f32 / per_em as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the glyphs of a text show, as they come.
    fn shown(text: &str) -> Vec<String> {
        let mut shaper = Shaper::new(false);
        let text = shaper.measure(text.to_owned(), Weight::Regular);
        let line = shaper.line(&text, &(0..text.as_str().len()));
        let glyphs =
            line.runs.iter().flat_map(|run| run.glyphs.iter().map(|glyph| &run.text[glyph.text_range.clone()]));
        glyphs.map(str::to_owned).collect()
    }

    #[test]
    fn glyphs_come_in_the_order_in_which_they_are_read() {
        assert_eq!(shown("cafe\u{301}"), ["c", "a", "f", "e\u{301}"]);
        assert_eq!(shown("قال"), ["ق", "ا", "ل"]);
        assert_eq!(shown("שלום (12) a"), ["ש", "ל", "ו", "ם", " ", "(", "1", "2", ")", " ", "a"]);
        assert_eq!(shown("हि"), ["ह", "ि"]);
    }

    #[test]
    fn a_character_that_shows_nothing_is_no_part_of_what_a_glyph_shows() {
        assert_eq!(shown("a\u{200b}b\u{202e}\u{feff}\u{3164}"), ["a", "b"]);
        assert_eq!(shown("می\u{200c}خواهم").concat(), "میخواهم");
    }

    #[test]
    fn what_is_written_from_right_to_left_stands_to_the_left_of_what_was_read_before() {
        let mut shaper = Shaper::new(false);
        let text = shaper.measure("قال Edith هنا ".to_owned(), Weight::Regular);
        assert!(text.is_right_to_left());
        let line = shaper.line(&text, &(0..text.as_str().len()));
        let places: Vec<f32> = line.runs.iter().map(|run| run.x).collect();
        assert!(places.is_sorted_by(|one, next| one > next), "{places:?}");
        assert!(places.last().is_some_and(|last| last.abs() < 0.001), "the space at the end is at the left");
        let whole = text.width(&(0..text.as_str().len()));
        assert!((line.width - whole).abs() < 0.01);
    }
}
