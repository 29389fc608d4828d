//! The health and the metrics of `almoner work`.

use std::process::Command;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use rustix::process::Signal;

use super::{Machine, Worker, free_port, page, printed, run, send, until};

fn work(machine: &Machine, port: u16) -> Command {
    let mut command = machine.command("almoner_work", &["work"]);
    command.env("ALMONER_WORK_LISTEN", format!("127.0.0.1:{port}"));
    command
}

/// The value of a metric, if it is shown.
fn metric(port: u16, name: &str) -> Option<u64> {
    let answer = page(port, "/metrics");
    assert_eq!(answer.status, 200);
    let text = answer.body.as_str().unwrap().to_owned();
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

fn until_metric(port: u16, name: &str, fits: impl Fn(Option<u64>) -> bool) {
    until(name, || fits(metric(port, name)).then_some(()));
}

#[test]
fn the_worker_tells_how_it_is_and_what_waits_for_it() {
    let mut machine = Machine::new("monitoring");
    let port = free_port();
    let worker = Worker(work(&machine, port).spawn().unwrap());
    until("it is ready", || (page(port, "/health/ready").status == 200).then_some(()));
    assert_eq!(page(port, "/health/live").status, 200);
    for (path, status) in [("/", 404), ("/openapi.json", 404), ("/v1/public/practices", 404), ("/metrics/", 404)] {
        assert_eq!(page(port, path).status, status, "{path}");
    }
    let web = almoner_demo::web::Web::new(&format!("http://127.0.0.1:{port}"));
    for path in ["/metrics", "/health/live", "/health/ready"] {
        assert_eq!(web.send("HEAD", path, &[], None).unwrap().status, 200, "{path}");
        assert!(web.send("POST", path, &[], None).unwrap().status >= 400, "{path}");
    }
    let text = page(port, "/metrics").body.as_str().unwrap().to_owned();
    assert!(text.contains("almoner_build_info{version="), "{text}");
    until_metric(port, "almoner_work_ready", |ready| ready == Some(1));
    until_metric(port, "almoner_work_since_pass_seconds", |since| since.is_some_and(|since| since < 10));
    for name in [
        "almoner_jobs_due",
        "almoner_jobs_oldest_due_seconds",
        "almoner_outbox_unnumbered",
        "almoner_audit_unsealed",
        "almoner_complaints_unattended",
    ] {
        until_metric(port, name, |count| count == Some(0));
    }
    let mut health = machine.command("almoner_work", &["health", "--work"]);
    health.env("ALMONER_WORK_LISTEN", format!("0.0.0.0:{port}"));
    printed(&run(health, ""));
    let nowhere = run(machine.command("almoner_work", &["health", "--work"]), "");
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("ALMONER_WORK_LISTEN is not set"), "{nowhere:?}");
    let second = run(work(&machine, port), "");
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("ALMONER_WORK_LISTEN: 127.0.0.1:"), "{second:?}");

    // A job that fails stays due.
    let mut db = PgConnection::establish(&machine.url("postgres")).unwrap();
    db.batch_execute(
        "INSERT INTO jobs (owner_id, job_id, kind, subject_id, due_at)
         VALUES (gen_random_uuid(), gen_random_uuid(), 'of another version', gen_random_uuid(), now() - interval '1 hour')",
    )
    .unwrap();
    until_metric(port, "almoner_jobs_oldest_due_seconds", |age| age.is_some_and(|age| age >= 3600));
    until_metric(port, "almoner_jobs_failed_total", |failed| failed >= Some(1));
    assert_eq!((metric(port, "almoner_jobs_due"), metric(port, "almoner_jobs_done_total")), (Some(1), Some(0)));
    assert_eq!(page(port, "/health/ready").status, 200, "one job that fails stops nothing");

    // Somebody holds the lock of the numbering: events wait, the audit log waits behind them, and the pass breaks off.
    let mut holder = PgConnection::establish(&machine.url("postgres")).unwrap();
    holder.batch_execute("SELECT pg_advisory_lock(7021848512060318)").unwrap();
    until("it says that it cannot work", || (page(port, "/health/ready").status == 503).then_some(()));
    holder
        .batch_execute(
            "INSERT INTO outbox (owner_id, event_id, recipient_id, feed, kind, subject_id, at)
                 SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'council', 'x', gen_random_uuid(), now() - n * interval '1 minute'
                 FROM generate_series(1, 3) n;
             INSERT INTO audit_events (owner_id, event_id, chain, at, door, action, request_id, roles, outcome)
                 VALUES (gen_random_uuid(), gen_random_uuid(), 'practice', now() - interval '400 seconds', '', '', gen_random_uuid(), '{}', 'done')",
        )
        .unwrap();
    until_metric(port, "almoner_outbox_unnumbered", |count| count == Some(3));
    assert!(metric(port, "almoner_outbox_oldest_unnumbered_seconds") >= Some(180));
    assert_eq!(metric(port, "almoner_audit_unsealed"), Some(1));
    assert!(metric(port, "almoner_audit_oldest_unsealed_seconds") >= Some(400));
    until_metric(port, "almoner_work_ready", |ready| ready == Some(0));
    assert_eq!(page(port, "/health/live").status, 200, "to start it again would not help");
    drop(holder);
    until("it works again", || (page(port, "/health/ready").status == 200).then_some(()));
    until_metric(port, "almoner_outbox_unnumbered", |count| count == Some(0));
    until_metric(port, "almoner_audit_unsealed", |count| count == Some(0));

    // The database is away: what waits is not known, and everything else is.
    drop(db);
    machine.stop();
    until("it is not ready", || (page(port, "/health/ready").status == 503).then_some(()));
    until_metric(port, "almoner_jobs_due", |count| count.is_none());
    until_metric(port, "almoner_audit_unsealed", |count| count.is_none());
    assert!(metric(port, "almoner_jobs_failed_total") >= Some(1));
    assert_eq!(metric(port, "almoner_work_ready"), Some(0));
    assert_eq!(page(port, "/health/live").status, 200);
    machine.start();
    until("it is ready again", || (page(port, "/health/ready").status == 200).then_some(()));

    let mut worker = worker;
    send(worker.0.id(), Signal::TERM);
    let ended = until("it ends", || worker.0.try_wait().unwrap());
    assert!(ended.success(), "{ended}");
}
