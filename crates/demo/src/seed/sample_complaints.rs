//! Sample complaints, and the messages about them. All of it is made up.

/// The complaints: each with the complainant's account and the remedy that they ask for.
pub(super) const COMPLAINTS: [(&str, &str); 6] = [
    (
        "Three visits were cancelled and nobody rang. When I asked why I was told that I was being difficult.",
        "Another worker, and an apology.",
    ),
    (
        "I was promised a plan in large print. It came in small print, twice.",
        "A plan that I can read, and somebody who checks it.",
    ),
    (
        "My daughter was told about my money although I had said that nobody should be.",
        "To know who told her, and that it does not happen again.",
    ),
    (
        "I waited two months for the assessment and was never told how long it would take.",
        "A date, and that you keep to it.",
    ),
    (
        "The worker spoke to my carer as if I were not in the room.",
        "That people talk to me. I would like to tell your staff myself.",
    ),
    ("The meeting was upstairs although you know that I use a wheelchair.", "A room that I can get into."),
];

/// The message with which a complaint is acknowledged.
pub(super) const ACKNOWLEDGEMENT: &str = "Thank you for telling us. May I ring you this week to agree how we look into this, and by when? You can have somebody with you who speaks for you.";

/// The officer's messages, in their order.
pub(super) const ANSWERS: [&str; 2] = [
    "We spoke to those concerned and looked at the records. You were right about the dates. The full answer follows by letter.",
    "Thank you. That is changed from today; tell me at once if it is not.",
];

/// The complainant's messages, in their order.
pub(super) const REPLIES: [&str; 2] = [
    "Mornings are best. Please do not leave a message.",
    "Thank you, that is fair. I would still like to see it in writing.",
];
