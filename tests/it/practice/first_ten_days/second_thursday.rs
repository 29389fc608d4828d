//! Thursday 3 December. The leaver's work is moved, and a request that nobody here may sign does not wait for ever.

use almoner_tests::callers::Caller;
use almoner_tests::{Practice, messages};
use serde_json::{Value, json};

use super::cast::{Accepted, Fortnight, STAFF, TO_SIGN, done, evidence, id_of, step};
use crate::practice::cases::{close, column, pointer};

/// Tomasz gives Arthur's case to Hannah, for the reason that Lucy leaves, with the evidence that this ground wants.
pub(super) fn the_leavers_work_is_moved(story: &Fortnight, arthur: &Accepted) {
    let Practice { social_worker: hannah, social_worker_2: tomasz, practitioner: lucy, .. } = &story.practice;
    story.at("2026-12-03T09:30");
    let mut to = json!({ "staff_id": hannah.id, "reason": "Knows him from the second case." });
    assert_eq!(pointer(&step(tomasz, &arthur.case, "allocate", &to)), (422, Some("/ground")));
    to["ground"] = "worker_left".into();
    assert_eq!(pointer(&step(tomasz, &arthur.case, "allocate", &to)), (422, Some("/evidence")));
    to["evidence"] = evidence("Her letter, with her last day.", "2026-12-02", "Lucy Freeman");
    let moved = done(step(tomasz, &arthur.case, "allocate", &to));
    assert_eq!(moved.text("/allocated_to/name"), Some("Hannah Price"), "{}", moved.body);
    let left = tomasz.get(&format!("{STAFF}/{}/open-work", lucy.id));
    assert_eq!(left.body, json!({ "cases": [], "other_cases": 0 }));
    assert_eq!(lucy.get("/v1/practice/caseload").body["open"], 0);
    assert_eq!(lucy.get(&arthur.person).status, 200, "her last day is not over");
}

/// Irena asks to close Arthur's second case. She is the only manager outside the line of those who work with him, and does
/// not sign for herself: the operator sees that a request waits, and of whom nothing. She takes it back, and Hannah asks,
/// so that Irena signs.
pub(super) fn a_request_that_nobody_is_left_to_sign_is_taken_back(story: &Fortnight, again: &Accepted) {
    let Practice { slug, second_manager: irena, social_worker: hannah, social_worker_2: tomasz, .. } = &story.practice;
    story.at("2026-12-03T14:00");
    let asked = done(close(irena, &again.case, &messages::close()));
    assert_eq!(asked.text("/status"), Some("closing"), "{}", asked.body);
    let timeline = irena.get(&format!("{}/timeline", again.case));
    let id = column(&timeline, "/subject_id").last().copied().flatten().unwrap().to_owned();
    let request = format!("{TO_SIGN}/{id}");
    assert_eq!(irena.get(&request).body["waits_for_outside"], true);
    assert_eq!(tomasz.get(TO_SIGN).body["items"], json!([]), "who acts for the manager of the line stands in it");
    let outside = || -> Vec<Value> {
        let listed = done(story.operator.get("/v1/operator/outside-requests?limit=200"));
        let items = listed.body["items"].as_array().unwrap().iter();
        items.filter(|one| one["practice"]["slug"] == slug.as_str()).cloned().collect()
    };
    let [listed] = &outside()[..] else { panic!("{:?}", outside()) };
    assert_eq!((&listed["id"], &listed["purpose"]), (&json!(id), &json!("countersign")));
    for hidden in ["Price", id_of(&again.case), "nothing further"] {
        assert!(!listed.to_string().contains(hidden), "{hidden}: {listed}");
    }

    let back = done(step(irena, &request, "take-back", &json!({})));
    assert_eq!(back.text("/status"), Some("taken_back"), "{}", back.body);
    assert_eq!(irena.get(&again.case).text("/status"), Some("open"));
    assert_eq!(outside(), [Value::Null; 0]);
    done(close(hannah, &again.case, &messages::close()));
    let waits = irena.get(TO_SIGN);
    let request = format!("{TO_SIGN}/{}", waits.text("/items/0/id").unwrap());
    done(step(irena, &request, "approve", &messages::approve()));
    assert_eq!(hannah.get(&again.case).text("/status"), Some("closed"));
}
