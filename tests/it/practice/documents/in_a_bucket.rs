//! Documents in a bucket, at the store that `scripts/deep.d/s3` starts.

use almoner_demo::web::Web;
use almoner_persistence::{Bucket, Objects};
use almoner_tests::World;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::documents::{honest_scanner, pdf, send_in};
use chrono::TimeDelta;

use super::erased::have_erased;
use crate::practice::cases::case_of;

/// The number of objects in the bucket, as the store itself says.
fn stored(store: &Web, name: &str) -> usize {
    let listed = store.send("GET", &format!("/{name}?list-type=2"), &[], None).unwrap();
    listed.body.as_str().unwrap().matches("<Key>").count()
}

#[test]
#[ignore = "needs the store that scripts/deep.d/s3 starts"]
fn a_document_in_a_bucket_is_sent_scanned_given_out_and_erased() {
    let endpoint = std::env::var("ALMONER_TEST_S3").expect("ALMONER_TEST_S3: run scripts/deep.d/s3");
    let name = format!("almoner-{}", fresh_key());
    let store = Web::new(&endpoint);
    assert_eq!(store.send("PUT", &format!("/{name}"), &[], None).unwrap().status, 200);
    let objects = Objects::in_bucket(&Bucket {
        endpoint: Some(&endpoint),
        region: "eu-west-2",
        name: &name,
        prefix: "",
        access_key_id: "test",
        secret_access_key: "test",
    });
    let world = World::with_settings(|settings| settings.documents = objects.unwrap());
    let council = world.council();
    let practice = world.practice(&council);
    let worker = &practice.social_worker;
    let case = case_of(&practice, &council, worker);

    let contents = [pdf(20_000_000), pdf(100)];
    let sent: Vec<_> =
        contents.iter().map(|content| send_in(worker, &case, "plan.pdf", "application/pdf", content)).collect();
    let addresses: Vec<_> = sent.iter().map(|sent| sent.header("location").unwrap()).collect();
    assert_eq!(stored(&store, &name), 2);
    world.scan(&practice, honest_scanner());
    for (address, content) in addresses.iter().zip(&contents) {
        let given = worker.get(address);
        assert_eq!(given.status, 200, "{}", given.body);
        assert!(given.content == *content, "as it was sent");
    }

    let refused = send_in(worker, &case, "plan.pdf", "text/plain", &pdf(7_000_000));
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(stored(&store, &name), 2, "what is refused is gone");
    have_erased(&world, &council, &practice.records_officer, addresses[0]);
    world.scan(&practice, None);
    assert_eq!(stored(&store, &name), 1);
    world.clock.advance(TimeDelta::hours(25));
    world.scan(&practice, None);
    assert_eq!(stored(&store, &name), 1, "what has a row stays");
}
