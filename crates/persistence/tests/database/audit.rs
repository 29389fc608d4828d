//! The audit log: the doors can only add to it, and verification finds every change that is made around them.

use std::fmt::Write;

use almoner_persistence::audit::{self, ChainName, Fault, Head, Signed, SignedHead, Verified};
use almoner_persistence::{Clock, Login, MasterKeys, Store, StoreError, StoreOptions};
use diesel::connection::SimpleConnection;
use uuid::Uuid;

use crate::cluster::{Database, lines, migrated};

const PRACTICE: &str = "00000000-0000-0000-0000-0000000000a1";
const COUNCIL: &str = "00000000-0000-0000-0000-0000000000d1";
const EDITH: &str = "00000000-0000-0000-0000-0000000000b1";

/// Makes a database whose practice has so many events, in turn about Edith and about nobody, and two in the complaints' chain.
fn log_of(name: &str, events: u32) -> (Database, Store) {
    let database = migrated(name);
    let mut rows = String::from("SET ROLE almoner_owner;");
    write!(
        rows,
        "INSERT INTO audit_events (owner_id, event_id, chain, at, door, actor_id, action, subject_id, service_user_id, request_id,
             roles, from_address, outcome)
         SELECT '{PRACTICE}', event(n), chain, '2026-11-20 10:00'::timestamptz + n * interval '1 second', 'practice', event(1),
             'case.read', event(2), CASE WHEN n % 2 = 0 THEN '{EDITH}'::uuid END, event(3), '{{manager}}', '127.0.0.1', 'done'
         FROM (SELECT n, 'practice' AS chain FROM generate_series(101, 100 + {events}) n
             UNION ALL SELECT n, 'complaints' FROM generate_series(90001, 90002) n) AS events;"
    )
    .unwrap();
    let rows = rows.replace("event(", "pg_temp.event(");
    let mut db = database.connect("postgres");
    db.batch_execute(
        "CREATE FUNCTION pg_temp.event(n bigint) RETURNS uuid LANGUAGE sql AS
         $$ SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$",
    )
    .unwrap();
    db.batch_execute(&rows).unwrap();
    let store = Store::open(StoreOptions {
        database_url: database.url("almoner_work"),
        login: Login::Work,
        connections: 4,
        keeps_statements: true,
        master_keys: MasterKeys::parse("1:dGVzdHMgYWxvbmUsIDMyIGJ5dGVzIG9mIGEgbWFzdGU=").unwrap(),
        clock: Clock::new(),
    })
    .unwrap();
    (database, store)
}

fn chain(name: &str) -> ChainName {
    ChainName { owner: PRACTICE.parse().unwrap(), chain: name.to_owned() }
}

fn event(n: u128) -> Uuid {
    format!("00000000-0000-7000-8000-{n:012}").parse().unwrap()
}

fn seal_all(store: &Store) {
    for name in store.worker::<_, StoreError>(None, audit::unsealed).unwrap() {
        while store.worker::<_, StoreError>(None, |scope| audit::seal(scope, &name)).unwrap() > 0 {}
    }
}

fn verify(store: &Store, signed: &[Head]) -> Verified {
    let at = "2026-11-20T12:00:00Z".parse().unwrap();
    let heads = signed.iter().map(|head| SignedHead { head: head.clone(), at }).collect();
    audit::verify(store, &chain("practice"), &Signed { heads, breaks: Vec::new() }).unwrap()
}

/// Runs these statements on the sealed log as a superuser.
fn behind_their_backs(database: &Database, statements: &str) {
    database.connect("postgres").batch_execute(statements).unwrap();
}

/// The head that was signed at this number.
fn head(database: &Database, number: i64) -> Head {
    let mut db = database.connect("postgres");
    let hash = lines(
        &mut db,
        &format!("SELECT encode(hash, 'hex') AS line FROM audit_events WHERE chain = 'practice' AND number = {number}"),
    );
    let hash = data_encoding::HEXLOWER.decode(hash[0].as_bytes()).unwrap();
    Head { name: chain("practice"), number, hash }
}

#[test]
fn row_44_every_door_can_add_to_the_audit_log_and_none_can_change_or_remove() {
    let (database, store) = log_of("audit_doors", 3);
    seal_all(&store);
    let doors = [
        ("almoner_app", "almoner_identity"),
        ("almoner_app", "almoner_practice"),
        ("almoner_app", "almoner_council"),
        ("almoner_app", "almoner_partner"),
        ("almoner_app", "almoner_public"),
        ("almoner_app", "almoner_operator"),
        ("almoner_app", "almoner_intake"),
        ("almoner_work", "almoner_worker"),
    ];
    for (log_in, door) in doors {
        for statement in [
            "UPDATE audit_events SET action = 'x'",
            "UPDATE audit_events SET outcome = 'done'",
            "DELETE FROM audit_events",
            "TRUNCATE audit_events",
            "INSERT INTO audit_events (owner_id, event_id, chain, at, door, action, request_id, roles, outcome, number, hash)
                 VALUES (app.practice(), gen_random_uuid(), 'practice', now(), '', '', gen_random_uuid(), '{}', 'done', 9, '')",
        ] {
            let mut db = database.connect(log_in);
            db.batch_execute(&format!("BEGIN; SET LOCAL ROLE {door}; SET LOCAL app.practice = '{PRACTICE}'")).unwrap();
            let refused = db.batch_execute(statement).unwrap_err().to_string();
            assert!(refused.contains("permission denied"), "{door}: {statement}: {refused}");
        }
        let mut db = database.connect(log_in);
        db.batch_execute(&format!("BEGIN; SET LOCAL ROLE {door}; SET LOCAL app.practice = '{PRACTICE}'")).unwrap();
        let renumbered = db.batch_execute("UPDATE audit_events SET number = 9");
        assert!(renumbered.is_err(), "{door}: the rights stand against it, and the chain's index");
    }
}

#[test]
fn a_practice_reads_its_own_chain_without_numbers_and_nobody_from_whom_the_reader_is_excluded() {
    let (database, _) = log_of("audit_practice", 4);
    let mut owner = database.connect("postgres");
    owner
        .batch_execute(&format!(
            "INSERT INTO audit_events (owner_id, event_id, chain, at, door, action, request_id, roles, outcome)
             VALUES ('{COUNCIL}', gen_random_uuid(), 'practice', now(), '', '', gen_random_uuid(), '{{}}', 'done')"
        ))
        .unwrap();
    let count = |settings: &[(&str, &str)]| {
        let mut db = database.connect("almoner_app");
        db.batch_execute("BEGIN; SET LOCAL ROLE almoner_practice").unwrap();
        for (name, value) in settings {
            db.batch_execute(&format!("SET LOCAL {name} = '{value}'")).unwrap();
        }
        lines(&mut db, "SELECT count(event_id)::text AS line FROM audit_events")[0].clone()
    };
    let own = ("app.practice", PRACTICE);
    assert_eq!(count(&[own, ("app.excluded_from", "{}")]), "4", "neither the complaints' chain nor another's log");
    assert_eq!(count(&[own]), "0", "who is excluded from whom is not known: nothing");
    assert_eq!(count(&[own, ("app.excluded_from", "")]), "0", "what is left of a setting after its transaction");
    assert_eq!(count(&[own, ("app.excluded_from", &format!("{{{EDITH}}}"))]), "2", "Edith's are gone");
    assert_eq!(count(&[("app.excluded_from", "{}")]), "0");
    for column in ["number", "hash"] {
        let mut db = database.connect("almoner_app");
        db.batch_execute(&format!("BEGIN; SET LOCAL ROLE almoner_practice; SET LOCAL app.practice = '{PRACTICE}'"))
            .unwrap();
        let refused = db.batch_execute(&format!("SELECT {column} FROM audit_events")).unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{column}: {refused}");
    }
}

#[test]
fn an_untouched_chain_is_whole_and_goes_on_where_it_ended() {
    let (database, store) = log_of("audit_whole", 1203);
    assert_eq!(verify(&store, &[]).unsealed, 1203);
    seal_all(&store);
    let verified = verify(&store, &[]);
    assert_eq!((verified.count, verified.unsealed, &verified.fault), (1203, 0, &None));
    assert_eq!(verified.hash, Some(head(&database, 1203).hash));
    assert_eq!(verify(&store, &[head(&database, 1), head(&database, 700), head(&database, 1203)]).fault, None);
    let complaints = audit::verify(&store, &chain("complaints"), &Signed::default()).unwrap();
    assert_eq!((complaints.count, complaints.fault), (2, None));

    behind_their_backs(
        &database,
        "INSERT INTO audit_events (owner_id, event_id, chain, at, door, action, request_id, roles, outcome)
         SELECT owner_id, gen_random_uuid(), chain, '2020-01-01', '', '', gen_random_uuid(), '{}', 'done' FROM audit_events
         WHERE number = 1",
    );
    seal_all(&store);
    assert_eq!((verify(&store, &[]).count, verify(&store, &[]).fault), (1204, None), "what comes late comes last");
    let heads = store.worker::<_, StoreError>(None, audit::heads).unwrap();
    assert_eq!(
        heads.iter().map(|head| (head.name.chain.as_str(), head.number)).collect::<Vec<_>>(),
        [("complaints", 3), ("practice", 1204)]
    );
}

#[test]
fn a_tampered_row_is_found_and_named_whichever_column_it_is() {
    for (n, change) in [
        "action = 'case.opened'",
        "at = at + interval '1 microsecond'",
        "actor_id = NULL",
        "service_user_id = NULL",
        "from_address = '127.0.0.2'",
        "roles = '{}'",
        "outcome = 'refused'",
        "reason = ''",
        "event_id = gen_random_uuid()",
        "hash = '\\x00'",
    ]
    .iter()
    .enumerate()
    {
        let (database, store) = log_of(&format!("audit_tampered_{n}"), 12);
        seal_all(&store);
        behind_their_backs(
            &database,
            &format!("UPDATE audit_events SET {change} WHERE chain = 'practice' AND number IN (6, 9)"),
        );
        let verified = verify(&store, &[]);
        assert_eq!(verified.count, 5, "{change}: the first is named");
        let Some(Fault::Altered { number: 6, event: named }) = verified.fault else { panic!("{change}: {verified:?}") };
        assert_eq!(named == event(106), !change.starts_with("event_id"), "{change}");
        let complaints = audit::verify(&store, &chain("complaints"), &Signed::default()).unwrap();
        assert_eq!(complaints.fault, None, "the other chain is whole");
    }
}

#[test]
fn a_removed_row_is_found_and_named() {
    for gone in [1, 7] {
        let (database, store) = log_of(&format!("audit_removed_{gone}"), 12);
        seal_all(&store);
        behind_their_backs(
            &database,
            &format!("DELETE FROM audit_events WHERE chain = 'practice' AND number = {gone}"),
        );
        assert_eq!(verify(&store, &[]).fault, Some(Fault::Missing { number: gone }));
        // Renumbering the rows to close the gap does not help.
        behind_their_backs(
            &database,
            &format!(
                "UPDATE audit_events SET number = -number WHERE chain = 'practice' AND number > {gone};
                 UPDATE audit_events SET number = -number - 1 WHERE chain = 'practice' AND number < 0"
            ),
        );
        let Some(Fault::Altered { number, event: named }) = verify(&store, &[]).fault else { panic!("{gone}") };
        assert_eq!((number, named), (gone, event(101 + u128::try_from(gone).unwrap())));
    }
}

#[test]
fn a_swapped_pair_is_found_and_named_however_it_was_swapped() {
    for (n, (one, other)) in [(4, 5), (2, 9), (1, 2)].into_iter().enumerate() {
        // The numbers are exchanged together with the hashes, and without them.
        for (how, columns) in [("with_hashes", "number"), ("in_place", "number, hash")] {
            let (database, store) = log_of(&format!("audit_swapped_{how}_{n}"), 12);
            seal_all(&store);
            let values = columns.replace("number", "o.number").replace("hash", "o.hash");
            behind_their_backs(
                &database,
                &format!(
                    "CREATE TEMP TABLE o AS SELECT event_id, number, hash FROM audit_events
                         WHERE chain = 'practice' AND number IN ({one}, {other});
                     UPDATE audit_events SET number = -number WHERE event_id IN (SELECT event_id FROM o);
                     UPDATE audit_events a SET ({columns}) = ROW({values}) FROM o
                         WHERE a.event_id IN (SELECT event_id FROM o) AND a.event_id <> o.event_id"
                ),
            );
            let verified = verify(&store, &[]);
            let named = event(100 + u128::try_from(other).unwrap());
            assert_eq!(verified.fault, Some(Fault::OutOfOrder { number: one, event: named, was: other }), "{how}");
            assert_eq!(verified.count, one - 1);
        }
    }
}

/// Puts the head of the practice's chain where this row is.
fn moved_head(number: i64) -> String {
    format!(
        "UPDATE audit_chain_heads h SET number = e.number, hash = e.hash FROM audit_events e
         WHERE h.chain = 'practice' AND e.chain = h.chain AND e.number = {number}"
    )
}

#[test]
fn a_head_that_disagrees_with_its_chain_is_found_and_named() {
    let (database, store) = log_of("audit_heads", 20);
    seal_all(&store);
    for (change, head) in [
        ("UPDATE audit_chain_heads SET hash = '\\x00' WHERE chain = 'practice'".to_owned(), Some(20)),
        (moved_head(19), Some(19)),
        ("UPDATE audit_chain_heads SET number = 21 WHERE chain = 'practice'".to_owned(), Some(21)),
        ("DELETE FROM audit_chain_heads WHERE chain = 'practice'".to_owned(), None),
    ] {
        behind_their_backs(&database, &change);
        let verified = verify(&store, &[]);
        assert_eq!(verified.fault, Some(Fault::AnotherHead { number: 20, head }), "{change}");
        assert_eq!(verified.count, 20, "the rows themselves are whole");
    }
    let chains = store.worker::<_, StoreError>(None, audit::chains).unwrap();
    assert!(chains.contains(&chain("practice")), "a chain without its head is verified all the same: {chains:?}");
    // Nothing is sealed a second time from the beginning: the number is taken.
    behind_their_backs(&database, "UPDATE audit_events SET number = NULL, hash = NULL WHERE number = 20");
    assert!(store.worker::<_, StoreError>(None, |scope| audit::seal(scope, &chain("practice"))).is_err());
    behind_their_backs(&database, "DELETE FROM audit_events WHERE chain = 'practice'");
    assert_eq!(verify(&store, &[]).fault, None, "no row, no head");
    behind_their_backs(
        &database,
        "INSERT INTO audit_chain_heads SELECT owner_id, 'practice', number, hash FROM audit_chain_heads",
    );
    assert_eq!(verify(&store, &[]).fault, Some(Fault::AnotherHead { number: 0, head: Some(2) }));
}

#[test]
fn a_chain_cut_off_at_its_end_or_made_anew_is_found_by_the_heads_that_were_signed() {
    let (database, store) = log_of("audit_cut", 20);
    seal_all(&store);
    let signed = [head(&database, 5), head(&database, 20)];
    behind_their_backs(&database, "DELETE FROM audit_events WHERE chain = 'practice' AND number > 17");
    assert_eq!(verify(&store, &[]).fault, Some(Fault::AnotherHead { number: 17, head: Some(20) }));
    behind_their_backs(&database, &moved_head(17));
    assert_eq!(verify(&store, &[]).fault, None, "with its head, by itself it looks whole");
    assert_eq!(verify(&store, &signed).fault, Some(Fault::CutOff { number: 18, signed: 20 }));
    behind_their_backs(&database, "DELETE FROM audit_events WHERE chain = 'practice'");
    assert_eq!(verify(&store, &signed).fault, Some(Fault::CutOff { number: 1, signed: 20 }));

    let (database, store) = log_of("audit_anew", 20);
    seal_all(&store);
    let signed = [head(&database, 20), head(&database, 5)];
    behind_their_backs(
        &database,
        "UPDATE audit_events SET number = NULL, hash = NULL WHERE chain = 'practice' AND number >= 7;
         UPDATE audit_events SET action = 'case.listed' WHERE number IS NULL AND action = 'case.read' AND event_id::text LIKE '%107'",
    );
    behind_their_backs(&database, &moved_head(6));
    seal_all(&store);
    assert_eq!(verify(&store, &[]).fault, None, "with its head, by itself it looks whole");
    assert_eq!(verify(&store, &signed).fault, Some(Fault::Rewritten { number: 20, event: event(120), after: 5 }));
}

#[test]
fn workers_side_by_side_do_not_fork_a_chain() {
    let (_database, store) = log_of("audit_fork", 3000);
    let sealed: usize = std::thread::scope(|threads| {
        let runs: Vec<_> = (0..4)
            .map(|_| {
                threads.spawn(|| {
                    let mut sealed = 0;
                    for _ in 0..3 {
                        sealed += store
                            .worker::<_, StoreError>(None, |scope| audit::seal(scope, &chain("practice")))
                            .unwrap();
                    }
                    sealed
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).sum()
    });
    assert_eq!(sealed, 3000);
    let verified = verify(&store, &[]);
    assert_eq!((verified.count, verified.fault), (3000, None));
}
