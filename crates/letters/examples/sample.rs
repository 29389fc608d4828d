//! Writes a sample letter in both sizes, and a long one, into a directory: what `scripts/deep.d/letters` looks at.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use almoner_letters::{Block, Language, Letter, Level, Size};

fn main() -> Result<(), Box<dyn Error>> {
    let to = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: sample DIRECTORY")?);
    for (name, size) in [("standard", Size::Standard), ("large", Size::LargePrint)] {
        let letter = Letter::new("Answer to your complaint", Language::BRITISH_ENGLISH, size, sample());
        fs::write(to.join(format!("{name}.html")), letter.html())?;
        fs::write(to.join(format!("{name}.pdf")), letter.pdf()?)?;
    }
    let long = Letter::new("The file of a complaint", Language::BRITISH_ENGLISH, Size::Standard, long());
    let began = Instant::now();
    let pdf = long.pdf()?;
    let took = began.elapsed();
    fs::write(to.join("long.pdf"), pdf)?;
    fs::write(to.join("long.txt"), format!("{} ms", took.as_millis()))?;
    Ok(())
}

/// A letter with every kind of block and several alphabets.
fn sample() -> Vec<Block> {
    let word = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogoch".repeat(6);
    vec![
        Block::lines(["Mrs A. Example", "1 Sample Street", "Sampleton", "ZZ1 1ZZ"]),
        Block::lines(["Sample Council", "27 November 2026"]),
        Block::heading(Level::One, "Answer to your complaint"),
        Block::facts([
            ("Our reference", "C-0123-4567"),
            ("You complained on", "2 October 2026"),
            ("Who looked into it, and for which of our services", "B. Sample, complaints officer"),
            ("What you asked for", "An apology.\n\nThat the visits take place\nat the hours that were agreed."),
        ]),
        Block::paragraph(
            "Dear Mrs Example,\n\nThank you for your complaint. We have looked into what you told us, spoken to the people who \
             were there, and read the records of the visits between 1 August and 30 September. We are sorry that the visits \
             were late, and that nobody told you.\nThis answer says what we found, what we do about it, and what you can do \
             if you are not content with it.",
        ),
        Block::heading(Level::Two, "What we found"),
        Block::list([
            "The visit on 3 September was 50 minutes late, because two workers were ill and the agency had sent nobody else.",
            "The visit on 5 September did not take place.\n\nThe agency did not tell us. It should have done so on the same day.",
            "The record of 7 September says “refused”, and we believe you that nobody rang.",
        ]),
        Block::heading(Level::Three, "In your own words"),
        Block::paragraph(
            "Cymraeg: Ŵyr Siân, sy'n byw yn Nhŷ'r Ŵydd, a gwynodd am yr oriau.\nPolski: Zażółć gęślą jaźń.",
        ),
        Block::paragraph("Ελληνικά: Καλημέρα σας. Українська: Доброго дня. Tiếng Việt: Xin chào các bạn."),
        Block::paragraph("قالت السيدة إن الزيارة في 3 September 2026 لم تتم، وإن أحدا لم يتصل بها."),
        Block::list(["میں آپ کے جواب کا انتظار کروں گی۔", "שלום וברכה (12:30)"]),
        Block::paragraph("हिन्दी: नमस्ते। বাংলা: নমস্কার। ਪੰਜਾਬੀ: ਸਤ ਸ੍ਰੀ ਅਕਾਲ। ગુજરાતી: નમસ્તે. தமிழ்: வணக்கம்."),
        Block::paragraph("Signs: 😢 👍🏽 👩‍👩‍👧 ✓ → ½ £5 ≤ €6; e\u{301}\u{323}, a\u{200b}b, bell \u{7}, tab\there."),
        Block::paragraph(format!("A long word: {word} and its end.")),
        Block::PageBreak,
        Block::heading(Level::Two, "What you can do now"),
        Block::paragraph("You can ask the Local Government and Social Care Ombudsman to look at it."),
        Block::lines(["Yours sincerely,", "C. Sample", "Director of Adult Social Care"]),
    ]
}

/// A letter of more than two hundred pages.
fn long() -> Vec<Block> {
    let sentence = "The worker came at ten and left at half past, and wrote that the person was well and had eaten.";
    let paragraph = [sentence; 6].join(" ");
    let mut blocks = Vec::new();
    for entry in 1..=60 {
        blocks.push(Block::heading(Level::One, format!("Entry {entry}")));
        blocks.push(Block::facts([("Number", format!("{entry}")), ("Written by", "A worker".to_owned())]));
        blocks.extend((0..21).map(|_| Block::paragraph(&paragraph)));
        blocks.push(Block::list(["The first thing that was done", "The second thing that was done"]));
    }
    blocks
}
