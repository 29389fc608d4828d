//! Counts what each operation asks of the database, and holds it to the committed table in `docs/performance/statements.txt`.
//!
//! The counts come from PostgreSQL itself: round trips from its log, statements from `pg_stat_statements`, those inside
//! functions included. For that the test starts a cluster of its own, in which nothing else runs, and then itself again on it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why and stops")]

mod counter;
mod page;
mod walk;

use std::process::Command;

use almoner_embedded_postgres::{Options, PrivateDirectory, Server};

/// Names the log of the cluster that the test started. Set only for the test that it starts on that cluster.
const LOG: &str = "ALMONER_TEST_POSTGRES_LOG";

#[test]
fn each_operation_asks_the_database_what_the_committed_table_says() {
    if std::env::var_os(LOG).is_some() {
        page::hold(&walk::counted());
        return;
    }
    let directory = PrivateDirectory::create(&std::env::temp_dir()).expect("a directory");
    let options = Options { data: directory.path().join("data"), durable: false, max_connections: 20 };
    let start = || Server::start(&options).expect("PostgreSQL");
    let superuser = |server: &Server| server.url(server.superuser(), "postgres");
    let first = start();
    counter::preload(&superuser(&first));
    first.stop().expect("PostgreSQL stops");
    let server = start();
    let counted = Command::new(std::env::current_exe().expect("this program"))
        .arg("--nocapture")
        .env("ALMONER_TEST_POSTGRES", superuser(&server))
        .env(LOG, options.data.join("server.log"))
        .status()
        .expect("the walk");
    drop(server);
    assert!(counted.success());
}
