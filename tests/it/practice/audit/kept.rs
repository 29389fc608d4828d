//! Every operation records its event, and recorded events stay unchanged.

use std::path::PathBuf;
use std::process::ExitCode;

use almoner::audit::{Action, run};
use almoner::config::{self, Command, Config};
use almoner_persistence::{Clock, Login, MasterKeys, Store, StoreOptions, migrations};
use almoner_tests::callers::Caller;
use almoner_tests::{AUDIT_KEY, MASTER_KEYS, Practice, Staff, World, messages, postgres};
use almoner_worker::Heads;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::json;

use super::database;
use crate::practice::cases::record;

/// A world on a database of its own.
fn world_of_its_own(name: &str) -> (World, String) {
    let name = format!("almoner_{name}_{}", std::process::id());
    postgres::create(&name);
    migrations::migrate(&postgres::superuser_url(&name)).unwrap();
    let clock = Clock::new();
    clock.set("2026-11-20T10:00:00Z".parse().unwrap());
    (World::with_clock(clock, &postgres::url_as("almoner_app", &name)), name)
}

#[test]
fn row_36_an_audit_failure_fails_the_request() {
    let (world, name) = world_of_its_own("row_36");
    let practice = world.practice(&world.council());
    let person = record(&practice, &messages::person());
    let path = format!("/v1/practice/service-users/{person}");
    let before = practice.manager.get(&path);
    assert_eq!((before.status, practice.administrator.get(&path).status), (200, 403));
    let mut superuser = PgConnection::establish(&postgres::superuser_url(&name)).unwrap();
    superuser
        .batch_execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;
             CREATE TRIGGER fail BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION fail();",
        )
        .unwrap();

    let phone = json!({ "phone": "07700 900462" });
    let headers = [("if-match", before.etag().unwrap())];
    let content = phone.to_string();
    let merge = Some(("application/merge-patch+json", content.as_bytes()));
    let changed = practice.manager.send("PATCH", &path, &headers, merge);
    assert_eq!(changed.status, 500, "a change: {}", changed.body);
    let read = practice.manager.get(&path);
    assert_eq!(read.status, 500, "a reading");
    assert!(!read.body.to_string().contains("Marlow"));
    assert_eq!(practice.administrator.get(&path).status, 500, "a refusal");
    assert_eq!(practice.social_worker.sign_in(None).status, 500, "a sign-in");

    superuser.batch_execute("DROP TRIGGER fail ON audit_events").unwrap();
    let after = practice.manager.get(&path);
    assert_eq!((after.status, &after.body), (200, &before.body), "and nothing was changed");
}

/// The settings of `almoner audit` on the tests' database.
fn settings() -> Config {
    let url = postgres::url_as("almoner_work", &postgres::shared_name()).replace("postgresql://", "postgres://");
    let variables =
        [("DATABASE_URL", url.as_str()), ("ALMONER_MASTER_KEYS", MASTER_KEYS), ("ALMONER_AUDIT_KEY", AUDIT_KEY)];
    config::read(Command::Audit, variables.map(|(name, value)| (name.into(), value.into())), &|_| unreachable!())
        .unwrap()
}

fn verify(practice: &Practice, heads: Option<PathBuf>) -> bool {
    let code = run(&settings(), &Action::Verify { practice: Some(practice.slug.clone()), heads }).unwrap();
    format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS)
}

#[test]
fn row_44_what_is_altered_cut_off_or_made_anew_is_found_by_the_command() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let person = record(&practice, &messages::person());
    let read = || assert_eq!(practice.manager.get(&format!("/v1/practice/service-users/{person}")).status, 200);
    for _ in 0..5 {
        read();
    }
    world.work(&practice);
    let works = Store::open(StoreOptions {
        database_url: postgres::url_as("almoner_work", &postgres::shared_name()),
        login: Login::Work,
        connections: 1,
        keeps_statements: true,
        master_keys: MasterKeys::parse(MASTER_KEYS).unwrap(),
        clock: world.clock.clone(),
    })
    .unwrap();
    let file = std::env::temp_dir().join(format!("almoner-heads-{}", practice.slug));
    let mut heads = Heads::new(AUDIT_KEY, &file).unwrap();
    assert!(heads.append(&works).unwrap() >= 1);
    read();
    world.work(&practice);
    assert!(heads.append(&works).unwrap() >= 1);
    assert!(verify(&practice, None) && verify(&practice, Some(file.clone())));
    let mine = heads.read(&file).unwrap().heads.into_iter().map(|signed| signed.head);
    let mine: Vec<i64> = mine.filter(|head| head.name.owner == practice.id.uuid()).map(|head| head.number).collect();
    let [before, last] = mine[..] else { panic!("{mine:?}") };
    assert_eq!(last, before + 1, "one reading more");

    let mut superuser = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    let mut sql = |statement: &str| {
        let of_practice = format!("owner_id = '{}' AND chain = 'practice'", practice.id);
        superuser.batch_execute(&statement.replace("MINE", &of_practice)).unwrap();
    };
    sql(&format!("UPDATE audit_events SET service_user_id = NULL WHERE MINE AND number = {before}"));
    assert!(!verify(&practice, None));
    sql(&format!("UPDATE audit_events SET service_user_id = '{person}' WHERE MINE AND number = {before}"));
    assert!(verify(&practice, None));
    let moved_head = |number: i64| {
        format!(
            "UPDATE audit_chain_heads h SET number = e.number, hash = e.hash FROM audit_events e
             WHERE h.owner_id = '{0}' AND h.chain = 'practice' AND e.owner_id = '{0}' AND e.chain = 'practice'
                 AND e.number = {number}",
            practice.id
        )
    };
    // Cut off at the end, or made anew by the worker itself, and the head with it: the chain looks whole, and the signed heads
    // say otherwise.
    sql(&format!("DELETE FROM audit_events WHERE MINE AND number = {last}"));
    assert!(!verify(&practice, None), "the head that is kept says so");
    sql(&moved_head(before));
    assert!(verify(&practice, None) && !verify(&practice, Some(file.clone())));
    sql(&format!(
        "UPDATE audit_events SET number = NULL, hash = NULL WHERE MINE AND number >= {before};
         UPDATE audit_events SET actor_id = NULL WHERE MINE AND number IS NULL"
    ));
    sql(&moved_head(before - 1));
    read();
    world.work(&practice);
    assert!(verify(&practice, None) && !verify(&practice, Some(file.clone())));
    // Heads that somebody else made are refused: truly signed, of what is in the database now, with a key of their own; with
    // one of the signatures in the file under other claims; and a line with a letter changed.
    let signed = std::fs::read_to_string(&file).unwrap();
    let strangers_file = file.with_extension("strangers");
    let mut strangers = Heads::new(&AUDIT_KEY.replace("BwcH", "CAgI"), &strangers_file).unwrap();
    assert!(strangers.append(&works).unwrap() >= 1);
    let forged = std::fs::read_to_string(&strangers_file).unwrap();
    assert!(!strangers.read(&strangers_file).unwrap().heads.is_empty(), "they hold with the stranger's key");
    let (_, signature) = signed.lines().next().unwrap().rsplit_once('.').unwrap();
    let (claims, _) = forged.lines().next().unwrap().rsplit_once('.').unwrap();
    for (what, lines) in [
        ("a stranger's", format!("{signed}{forged}")),
        ("a stranger's alone", forged.clone()),
        ("another's signature", format!("{signed}{claims}.{signature}\n")),
        ("no signature", format!("{signed}{claims}.\n")),
        ("a letter", signed.replacen("eyJ", "eyK", 1)),
    ] {
        std::fs::write(&file, lines).unwrap();
        let refused = run(&settings(), &Action::Verify { practice: None, heads: Some(file.clone()) }).unwrap_err();
        assert!(refused.to_string().contains("not a head or a break signed with this key"), "{what}: {refused}");
    }
    std::fs::write(&file, signed).unwrap();
    assert!(!verify(&practice, Some(file.clone())), "what was truly signed still says that the log was made anew");
    for file in [file, strangers_file] {
        std::fs::remove_file(file).unwrap();
    }
}

#[test]
#[ignore = "takes minutes; run it with --ignored"]
fn ten_thousand_readings_under_load_are_all_there() {
    const READERS: usize = 8;
    const EACH: usize = 1250;
    let world = World::new();
    let practice = world.practice(&world.council());
    let person = record(&practice, &messages::person());
    let path = format!("/v1/practice/service-users/{person}");
    let begun = std::time::Instant::now();
    let readers: Vec<Staff> = (0..READERS)
        .map(|n| {
            let email = format!("reader-{n}@{}.example", practice.slug);
            let member = json!({ "name": "A Reader", "email": email, "roles": ["practitioner"] });
            world.staff(practice.id, member)
        })
        .collect();
    let answered: usize = std::thread::scope(|threads| {
        let path = path.as_str();
        let readers: Vec<_> = readers
            .into_iter()
            .map(|reader| threads.spawn(move || (0..EACH).filter(|_| reader.get(path).status == 200).count()))
            .collect();
        readers.into_iter().map(|reader| reader.join().unwrap()).sum()
    });
    let seconds = begun.elapsed().as_secs_f64();
    println!("{answered} readings answered in {seconds:.1} s");
    let count = || {
        database(&format!(
            "SELECT count(*) FROM audit_events WHERE owner_id = '{}' AND action = 'service_user.read'
                 AND service_user_id = '{person}'",
            practice.id
        ))
    };
    assert_eq!((answered, count()), (READERS * EACH, (READERS * EACH).to_string()));
    world.work(&practice);
    assert!(verify(&practice, None));
    assert_eq!(count(), (READERS * EACH).to_string());
}
