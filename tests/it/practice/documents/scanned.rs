//! What scanners say, and what they do not.

use almoner_tests::callers::Caller;
use almoner_tests::documents::{files, honest_scanner, pdf, scanner, send_in};
use chrono::TimeDelta;

use super::Office;
use crate::practice::cases::column;

#[test]
fn what_the_scanner_finds_is_destroyed_and_its_sender_is_told() {
    let office = Office::new();
    let (world, practice) = (&office.world, &office.practice);
    let sender = &practice.social_worker;
    let sent = send_in(sender, &office.case, "note.txt", "text/plain", b"MALWARE, as the tests write it");
    assert_eq!(sent.status, 201, "{}", sent.body);
    assert_eq!(files(&office.directory).len(), 1);

    world.scan(practice, honest_scanner());
    assert_eq!(column(&office.listed(sender), "/status"), [Some("infected")]);
    assert!(column(&office.listed(&practice.manager), "/id").is_empty());
    assert_eq!(sender.get(sent.header("location").unwrap()).status, 404);
    assert!(files(&office.directory).is_empty(), "the object is gone");
    let notices = sender.get("/v1/practice/notices");
    let told = column(&notices, "/kind").contains(&Some("document.found_infected"));
    assert!(told && column(&notices, "/subject_id").contains(&sent.text("/id")), "{}", notices.body);
    assert_eq!(world.audited(practice, "document.found_infected"), 1);
}

#[test]
fn a_document_for_which_no_scanner_gives_an_answer_waits_and_is_scanned_again() {
    let office = Office::new();
    let (world, practice) = (&office.world, &office.practice);
    let sender = &practice.social_worker;
    let document = office.send("letter.pdf").header("location").unwrap().to_owned();
    for (why, script) in [
        ("it dies", "kill -9 $$"),
        ("it fails", "cat > /dev/null; exit 2"),
        ("it reads nothing", "exit 0"),
        ("it calls everything clean", "cat > /dev/null; exit 0"),
        ("it finds something in everything", "cat > /dev/null; exit 1"),
    ] {
        world.scan(practice, scanner(script));
        assert_eq!(column(&office.listed(sender), "/status"), [Some("quarantined")], "{why}");
        assert_eq!(sender.get(&document).status, 404, "{why}");
        world.clock.advance(TimeDelta::minutes(15));
        sender.forget_token();
    }
    // It is not tried again at once.
    world.scan(practice, scanner("kill -9 $$"));
    world.scan(practice, honest_scanner());
    assert_eq!(column(&office.listed(sender), "/status"), [Some("quarantined")]);
    world.clock.advance(TimeDelta::minutes(15));
    sender.forget_token();
    world.scan(practice, honest_scanner());
    assert_eq!(column(&office.listed(sender), "/status"), [Some("clean")]);
    assert_eq!(sender.get(&document).status, 200);
}

#[test]
fn without_a_scanner_nothing_leaves_quarantine() {
    let office = Office::new();
    let (world, practice) = (&office.world, &office.practice);
    let document = office.send("letter.pdf").header("location").unwrap().to_owned();
    world.work(practice);
    world.scan(practice, None);
    assert_eq!(practice.social_worker.get(&document).status, 404);
    // The other jobs are done meanwhile, and the document is scanned once there is a scanner.
    world.scan(practice, honest_scanner());
    assert_eq!(practice.social_worker.get(&document).status, 200);
}

#[test]
fn a_document_whose_object_is_lost_or_altered_is_not_given_out_and_not_called_clean() {
    let office = Office::new();
    let (world, practice) = (&office.world, &office.practice);
    let sender = &practice.social_worker;
    let content = pdf(300_000);
    let sent = send_in(sender, &office.case, "letter.pdf", "application/pdf", &content);
    let document = sent.header("location").unwrap();
    let [object] = &files(&office.directory)[..] else { panic!("one object") };
    let whole = std::fs::read(object).unwrap();
    let mut altered = whole.clone();
    altered[200_000] ^= 1;
    std::fs::write(object, &altered).unwrap();
    world.scan(practice, honest_scanner());
    assert_eq!(column(&office.listed(sender), "/status"), [Some("quarantined")], "it was not read whole");
    std::fs::write(object, &whole).unwrap();
    world.clock.advance(TimeDelta::minutes(3));
    world.scan(practice, honest_scanner());
    assert_eq!(sender.get(document).status, 200);

    altered = whole.clone();
    altered[20] ^= 1;
    std::fs::write(object, &altered).unwrap();
    assert_eq!(sender.get(document).status, 500, "its first chunk does not open");
    std::fs::remove_file(object).unwrap();
    assert_eq!(sender.get(document).status, 503, "it is not there");
}
