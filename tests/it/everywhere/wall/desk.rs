//! The requests at the complaints' door: of an officer and a guest to whom nothing is assigned, offered or shown.

use almoner_tests::Staff;
use almoner_tests::callers::{Caller, fresh_key};
use serde_json::{Value, json};

use super::asker::{Asker, accept, own_account};
use super::complained::{Guests, Named};
use super::recorder::Recorder;
use crate::everywhere::operations::operations;
use crate::practice::complaints::two_worlds::Side;

pub(super) const DOOR: &str = "/v1/complaints";

const OFFICER: &str = "an officer of the desk";

/// The operations that count all complaints of the council and show none, as the law asks (SI 2009/309 reg 18), to every officer of
/// the desk.
pub(super) const COUNT_ALL: [&str; 3] = [
    "GET /v1/complaints/annual-report",
    "GET /v1/complaints/annual-report.html",
    "GET /v1/complaints/annual-report.csv",
];

/// The operations that the officer sends one by one: those that want what another gave, and those that count all complaints.
const OWN: [&str; 5] = ["/account", "/sessions", "/invitations", "/interests", "/annual-report"];

/// Sends every operation of the complaints' door as an officer and those about complaints as a guest, but for lodging a complaint
/// and for counting all. What is named in an address is of a complaint of other people's, or of none.
pub(super) fn everything(recorder: &Recorder, side: &Side, officer: &Staff, guests: &Guests, named: &Named) {
    let asker = |caller, by| Asker { recorder, caller, by, door: DOOR };
    let by_officer = asker(officer, OFFICER);
    own_account(&by_officer, officer, &side.council);
    let new = json!({ "name": "Sean Byrne", "email": "sean@elsewhere.example", "capacity": "investigator" });
    accept(&by_officer, officer, &by_officer.post("POST /guests", new));
    let interest = by_officer.post("POST /interests", json!({ "name": "Rosalind Vance" }));
    by_officer.get("GET /interests", "");
    by_officer.get("DELETE /interests/{id}", interest.text("/id").unwrap());
    about_complaints(&by_officer, side, guests, named);
    guests.stranger.forget_token();
    guests.stranger.token();
    about_complaints(&asker(&guests.stranger, "a guest of the desk"), side, guests, named);
    by_officer.get("DELETE /sessions/current", "");
    officer.forget_token();
}

fn about_complaints(asker: &Asker<'_>, side: &Side, guests: &Guests, named: &Named) {
    let handler = guests.handler.id.to_string();
    let colleague = side.desk.officers[1].id.to_string();
    for operation in operations() {
        let Some(path) = operation.path.strip_prefix(DOOR) else { continue };
        let name = format!("{} {path}", operation.method);
        if OWN.iter().any(|own| path.starts_with(own)) || name == "POST " {
            continue;
        }
        let id = match path {
            path if path.starts_with("/offers") => &named.offer,
            path if path.starts_with("/guests") => &handler,
            path if path.starts_with("/signatories") => &colleague,
            _ => &named.complaint,
        };
        let assignment = if path.starts_with("/shown") { &named.shown } else { &named.assignment };
        let parameters = [
            ("{id}", id.as_str()),
            ("{assignment_id}", assignment),
            ("{message_id}", &named.message),
            ("{document_id}", &named.document),
            ("{head_id}", &named.head),
            ("{action_id}", &named.action),
            ("{request_id}", &named.request),
            ("{proposal_id}", &named.request),
        ];
        let key = fresh_key();
        let content = operation.example().map(|(media_type, content)| (media_type, content.to_string()));
        let content = content.as_ref().map(|(media_type, content)| (media_type.as_str(), content.as_bytes()));
        asker.send(&name, &parameters, &operation.headers(&key, &[]), content);
    }
}

/// Takes a complaint down, and then counts all.
pub(super) fn take_down_and_count(recorder: &Recorder, officer: &Staff, complaint: &Value) {
    officer.token();
    let asker = Asker { recorder, caller: officer, by: OFFICER, door: DOOR };
    asker.post("POST ", json!({ "came_by": "telephone", "complaint": complaint }));
    for report in ["annual-report", "annual-report.html", "annual-report.csv"] {
        asker.get(&format!("GET /{report}?ending=2027"), "");
    }
}
