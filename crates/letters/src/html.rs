//! A letter as a page of HTML.

use crate::letter::{Block, Letter, Size};
use crate::text;

/// How the page looks. Nothing of the letter stands in it.
const STYLE: &str = include_str!("letter.css");

impl Letter {
    /// Writes the letter as a whole HTML document that needs nothing else: no script, no picture, no font, no link. All text
    /// is escaped. Each part takes its direction from what stands in it.
    pub fn html(&self) -> String {
        let mut page = Page { html: String::new(), begins_page: false };
        let size = match self.size() {
            Size::Standard => "standard",
            Size::LargePrint => "large-print",
        };
        let direction = if self.language().is_right_to_left() { "rtl" } else { "ltr" };
        let language = self.language().as_str();
        page.push(&format!("<!DOCTYPE html>\n<html lang=\"{language}\" dir=\"{direction}\" class=\"{size}\">\n"));
        page.push("<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" ");
        page.push("content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
        page.push("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
        page.text(self.title());
        page.push("</title>\n<style>\n");
        page.push(STYLE);
        page.push("</style>\n</head>\n<body>\n<main>\n");
        for block in self.blocks() {
            page.block(block);
        }
        page.push("</main>\n</body>\n</html>\n");
        page.html
    }
}

/// The page as far as it is written.
struct Page {
    html: String,
    /// Whether the next element begins a new page.
    begins_page: bool,
}

impl Page {
    fn push(&mut self, markup: &str) {
        self.html.push_str(markup);
    }

    /// Writes a text that is no markup, whatever stands in it.
    fn text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.push("&amp;"),
                '<' => self.push("&lt;"),
                '>' => self.push("&gt;"),
                '"' => self.push("&quot;"),
                '\'' => self.push("&#39;"),
                _ => self.html.push(character),
            }
        }
    }

    /// Opens an element of the page, with a class if it has one.
    fn open(&mut self, name: &str, class: Option<&str>) {
        let new_page = std::mem::take(&mut self.begins_page).then_some("new-page");
        let classes: Vec<&str> = class.into_iter().chain(new_page).collect();
        let class = if classes.is_empty() { String::new() } else { format!(" class=\"{}\"", classes.join(" ")) };
        self.push(&format!("<{name}{class}"));
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading { level, text } => {
                let name = format!("h{}", level.number());
                self.open(&name, None);
                self.push(" dir=\"auto\">");
                self.text(&text::one_line(text));
                self.push(&format!("</{name}>\n"));
            }
            Block::Paragraph(text) => {
                for paragraph in text::paragraphs(text) {
                    self.open("p", None);
                    self.push(" dir=\"auto\">");
                    self.lines(&paragraph);
                    self.push("</p>\n");
                }
            }
            Block::Lines(lines) => {
                let lines: Vec<String> = lines.iter().flat_map(|line| text::paragraphs(line)).flatten().collect();
                if !lines.is_empty() {
                    self.open("p", Some("lines"));
                    self.push(" dir=\"auto\">");
                    self.lines(&lines);
                    self.push("</p>\n");
                }
            }
            Block::List(items) => self.list(items),
            Block::Facts(facts) => self.facts(facts),
            Block::PageBreak => self.begins_page = true,
        }
    }

    fn list(&mut self, items: &[String]) {
        let items: Vec<_> = items.iter().map(|item| text::paragraphs(item)).filter(|item| !item.is_empty()).collect();
        if items.is_empty() {
            return;
        }
        self.open("ul", None);
        self.push(">\n");
        for item in items {
            self.push("<li dir=\"auto\">");
            self.paragraphs(&item);
            self.push("</li>\n");
        }
        self.push("</ul>\n");
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        let facts = facts.iter().map(|(name, value)| (text::one_line(name), text::paragraphs(value)));
        let facts: Vec<_> = facts.filter(|(name, value)| !name.is_empty() || !value.is_empty()).collect();
        if facts.is_empty() {
            return;
        }
        self.open("dl", None);
        self.push(">\n");
        for (name, value) in facts {
            self.push("<div><dt dir=\"auto\">");
            self.text(&name);
            self.push("</dt><dd dir=\"auto\">");
            self.paragraphs(&value);
            self.push("</dd></div>\n");
        }
        self.push("</dl>\n");
    }

    fn paragraphs(&mut self, paragraphs: &[Vec<String>]) {
        for paragraph in paragraphs {
            self.push("<p>");
            self.lines(paragraph);
            self.push("</p>");
        }
    }

    fn lines(&mut self, lines: &[String]) {
        for (at, line) in lines.iter().enumerate() {
            if at > 0 {
                self.push("<br>");
            }
            self.text(line);
        }
    }
}

#[cfg(test)]
mod tests;
