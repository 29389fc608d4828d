//! Takes the places out of a picture as it comes in: where it was taken, and whatever may say so.
//!
//! What is needed to show a picture is known, and what cameras and programs write beside it is not. So a list says what
//! stays, and all else goes: of a JPEG its image, its colours and the plain fields of its Exif data, such as orientation,
//! date and camera; of a PNG and of an HEIC the same. Text that somebody wrote about the picture goes as well, since
//! it may name a place. A picture that cannot be read as its format asks is refused, because nobody can tell what is in it.

mod heic;
mod jpeg;
mod meta;
#[cfg(test)]
mod pictures;
mod png;
#[cfg(test)]
mod tests;
mod tiff;

use crate::documents::content::{FIRST, begins_as};
use crate::documents::kind::DocumentKind;
use crate::fault::InvalidValue;

/// The greatest number of bytes of a content that are gathered. There are up to four copies of them while they are written
/// anew.
const LONGEST: usize = 256 * 1024;

/// Takes the places out of a content, piece by piece. A content that is not a picture comes out as it is.
#[derive(Debug)]
pub struct Places(Stage);

#[derive(Debug)]
enum Stage {
    /// The first bytes, as long as they are too few to tell the kind.
    Beginning(Vec<u8>),
    Walking(Walking),
}

impl Default for Places {
    fn default() -> Self {
        Self(Stage::Beginning(Vec::new()))
    }
}

impl Places {
    /// Takes the next piece, and appends to `out` what of the content is settled. It fails if the picture cannot be read;
    /// what has come out until then is of no use, and nothing more is to be pushed.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), InvalidValue> {
        let first = match &mut self.0 {
            Stage::Walking(walking) => return walking.push(piece, out),
            Stage::Beginning(first) => first,
        };
        let (now, later) = piece.split_at(piece.len().min(FIRST - first.len()));
        first.extend_from_slice(now);
        if first.len() < FIRST {
            return Ok(());
        }
        let mut walking = Walking::begin(first);
        let pushed = walking.push(first, out).and_then(|()| walking.push(later, out));
        self.0 = Stage::Walking(walking);
        pushed
    }

    /// Ends the content, and appends the rest to `out`. Returns whether anything was taken out: places, or what may have held
    /// them. It fails if the picture is cut off.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<bool, InvalidValue> {
        let walking = match self.0 {
            Stage::Walking(walking) => walking,
            Stage::Beginning(first) => {
                let mut walking = Walking::begin(&first);
                walking.push(&first, out)?;
                walking
            }
        };
        walking.finish()
    }
}

/// A way through a content of one kind.
#[derive(Debug)]
enum Walk {
    /// A content that is not a picture.
    Other,
    Jpeg(jpeg::Jpeg),
    Png(png::Png),
    Heic(heic::Heic),
}

impl Walk {
    /// Says what is to be done next. `gathered` is what the last step gathered, if it did, and what is appended to `out` takes
    /// its place, unless the next step gathers more.
    fn next(&mut self, gathered: &[u8], out: &mut Vec<u8>) -> Result<Step, InvalidValue> {
        match self {
            Self::Other => Ok(Step::pass_rest()),
            Self::Jpeg(jpeg) => jpeg.next(gathered, out),
            Self::Png(png) => png.next(gathered, out),
            Self::Heic(heic) => heic.next(gathered, out),
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Other => "document",
            Self::Jpeg(_) => "JPEG",
            Self::Png(_) => "PNG",
            Self::Heic(_) => "HEIC",
        }
    }
}

/// What is done with the next bytes of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// They are held, and given to the walk together.
    Gather,
    /// They are held with those that were gathered before.
    GatherMore,
    Pass,
    /// They pass up to a byte FF, with which a JPEG's markers begin.
    PassToMarker,
    /// Each is replaced by this byte.
    Blank(u8),
    Drop,
}

/// A step of a walk.
#[derive(Clone, Copy, Debug)]
struct Step {
    act: Act,
    /// The number of bytes for which the step lasts. `None`: to the next marker, or to the end of the content.
    left: Option<u64>,
}

impl Step {
    const fn gather(bytes: u64) -> Self {
        Self { act: Act::Gather, left: Some(bytes) }
    }

    const fn gather_more(bytes: u64) -> Self {
        Self { act: Act::GatherMore, left: Some(bytes) }
    }

    const fn pass(bytes: u64) -> Self {
        Self { act: Act::Pass, left: Some(bytes) }
    }

    const fn pass_to_marker() -> Self {
        Self { act: Act::PassToMarker, left: None }
    }

    const fn pass_rest() -> Self {
        Self { act: Act::Pass, left: None }
    }

    const fn blank(bytes: u64, with: u8) -> Self {
        Self { act: Act::Blank(with), left: Some(bytes) }
    }

    const fn drop(bytes: u64) -> Self {
        Self { act: Act::Drop, left: Some(bytes) }
    }

    const fn drop_rest() -> Self {
        Self { act: Act::Drop, left: None }
    }

    fn is_done(self) -> bool {
        self.left == Some(0)
    }

    /// Divides a piece into what belongs to the step and what comes after it, and notes how much of the step is left.
    fn divide<'a>(&mut self, piece: &'a [u8]) -> (&'a [u8], &'a [u8]) {
        if self.act == Act::PassToMarker {
            let Some(marker) = piece.iter().position(|byte| *byte == 0xFF) else { return (piece, &[]) };
            self.left = Some(0);
            return piece.split_at(marker);
        }
        let Some(left) = self.left else { return (piece, &[]) };
        let now = usize::try_from(left).map_or(piece.len(), |left| left.min(piece.len()));
        self.left = Some(left.saturating_sub(now as u64));
        piece.split_at(now)
    }
}

/// A content on its way.
#[derive(Debug)]
struct Walking {
    walk: Walk,
    step: Step,
    gathered: Vec<u8>,
    /// Whether what has come out differs from what came in.
    is_changed: bool,
}

impl Walking {
    fn begin(first: &[u8]) -> Self {
        let walk = match begins_as(first) {
            Some(DocumentKind::Jpeg) => Walk::Jpeg(jpeg::Jpeg::default()),
            Some(DocumentKind::Png) => Walk::Png(png::Png::default()),
            Some(DocumentKind::Heic) => Walk::Heic(heic::Heic::default()),
            _ => Walk::Other,
        };
        Self { walk, step: Step::gather(0), gathered: Vec::new(), is_changed: false }
    }

    fn push(&mut self, mut piece: &[u8], out: &mut Vec<u8>) -> Result<(), InvalidValue> {
        loop {
            while self.step.is_done() {
                let settled = out.len();
                self.step = self.walk.next(&self.gathered, out)?;
                if self.step.act != Act::GatherMore {
                    self.is_changed |= out.get(settled..) != Some(self.gathered.as_slice());
                    self.gathered.clear();
                }
            }
            if piece.is_empty() {
                return Ok(());
            }
            let (now, later) = self.step.divide(piece);
            match self.step.act {
                Act::Gather | Act::GatherMore => self.gathered.extend_from_slice(now),
                Act::Pass | Act::PassToMarker => out.extend_from_slice(now),
                Act::Blank(with) => {
                    self.is_changed |= now.iter().any(|byte| *byte != with);
                    out.resize(out.len() + now.len(), with);
                }
                Act::Drop => self.is_changed = true,
            }
            piece = later;
        }
    }

    /// A walk has come to its end if all that may follow is passed or dropped.
    fn finish(self) -> Result<bool, InvalidValue> {
        match self.step {
            Step { act: Act::Pass | Act::Drop, left: None } => Ok(self.is_changed),
            _ => Err(broken(self.walk.kind())),
        }
    }
}

/// Divides bytes into the length and the name with which the parts of a PNG and of an HEIC begin, and what follows.
fn length_and_name(bytes: &[u8]) -> Option<(u32, &[u8; 4], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (name, rest) = rest.split_first_chunk()?;
    Some((u32::from_be_bytes(*length), name, rest))
}

/// The refusal of a picture that is cut off, or otherwise than its format asks.
fn broken(kind: &str) -> InvalidValue {
    InvalidValue::new(format!(
        "must be whole: it begins as a picture in {kind} does and cannot be read as one to its end, so the places in it \
         cannot be taken out; with places=keep it is taken as it is"
    ))
}
