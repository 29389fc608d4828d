//! The stores of the tests' servers and workers.

use std::sync::Mutex;

use almoner_persistence::{Clock, Login, MasterKeys, Store, StoreOptions};

use crate::postgres;
use crate::world::MASTER_KEYS;

/// The connections to the database that a server has for each test that runs.
pub(crate) const CONNECTIONS: u32 = 4;

/// Opens a store. All servers on the shared database that have not fewer connections than others have the same ones: a new connection
/// plans each of its statements anew, which would be most of what the tests cost.
pub(crate) fn store(clock: &Clock, database_url: &str, login: Login, connections: u32) -> Store {
    static SHARED: Mutex<Vec<(String, Store)>> = Mutex::new(Vec::new());
    if connections < CONNECTIONS || !database_url.contains(&format!("/{}?", postgres::shared())) {
        return open(clock, database_url, login, connections);
    }
    let mut shared = SHARED.lock().unwrap();
    let known = shared.iter().find(|(url, _)| url == database_url).map(|(_, store)| store.with_clock(clock.clone()));
    known.unwrap_or_else(|| {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let store = open(clock, database_url, login, CONNECTIONS * u32::try_from(threads).expect("a few threads"));
        shared.push((database_url.to_owned(), store.clone()));
        store
    })
}

fn open(clock: &Clock, database_url: &str, login: Login, connections: u32) -> Store {
    Store::open(StoreOptions {
        database_url: database_url.to_owned(),
        login,
        connections,
        keeps_statements: true,
        master_keys: MasterKeys::parse(MASTER_KEYS).expect("a master key"),
        clock: clock.clone(),
    })
    .expect("the store")
}
