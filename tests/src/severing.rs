//! A way to the database that breaks when a test says so: it severs a connection at a certain statement, as if the program or
//! the server had been killed there.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_types};

use crate::postgres;

/// The messages of PostgreSQL's protocol with which a client has a statement executed: `Query` and `Execute`.
const EXECUTING: [u8; 2] = [b'Q', b'E'];

/// A database of a test's own, whose server is reached through a socket that can be severed.
pub struct Severing {
    /// The name of the database.
    database: String,
    directory: PathBuf,
    /// The number of statements that pass before the connection is severed; zero if none is to be.
    remaining: Arc<AtomicI64>,
}

impl Severing {
    /// Makes a database and the way to it.
    pub fn new(what: &str) -> Self {
        let database = format!("almoner_it_{what}_{}", std::process::id());
        postgres::create(&database);
        almoner_persistence::migrations::migrate(&postgres::superuser_url(&database)).expect("the migrations");
        let directory = std::env::temp_dir().join(&database);
        std::fs::create_dir_all(&directory).expect("a directory");
        let server = server_socket();
        let own = directory.join(server.file_name().expect("the name of a socket"));
        let _ = std::fs::remove_file(&own);
        let listener = UnixListener::bind(own).expect("a socket");
        let remaining = Arc::new(AtomicI64::new(0));
        let counted = Arc::clone(&remaining);
        thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                let (server, counted) = (UnixStream::connect(&server).expect("the server"), Arc::clone(&counted));
                thread::spawn(move || carry(client, server, &counted));
            }
        });
        Self { database, directory, remaining }
    }

    /// The URL of the database over the socket that can be severed.
    pub fn url(&self) -> String {
        let url = postgres::url_as("almoner_app", &self.database);
        let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
        let parameters = parameters.split('&').map(|one| match one.split_once('=') {
            Some(("host", _)) => format!("host={}", self.directory.display()),
            _ => one.to_owned(),
        });
        format!("postgresql:///{}?{}", self.database, parameters.collect::<Vec<_>>().join("&"))
    }

    /// Does something again and again, and severs it at its first statement, then at its second, and so on, until it has come to
    /// its end unsevered. After each that was severed the database must be as it was before, unless `is_whole` says that the
    /// outcome and the tables in which something was left are those of the whole. What begins a transaction is not counted: there
    /// the service finds that the connection is gone, and takes another. Before each attempt, `connect` lets it connect, so that
    /// the statements are those of the attempt.
    pub fn at_each_statement<T>(
        &self,
        connect: impl Fn(),
        mut attempt: impl FnMut() -> T,
        is_whole: impl Fn(&T, &[String]) -> bool,
    ) -> Severed<T> {
        let before = self.rows();
        let mut severed = Vec::new();
        loop {
            let statement = i64::try_from(severed.len()).expect("a number of statements") + 1;
            connect();
            self.remaining.store(statement, Ordering::SeqCst);
            let outcome = attempt();
            let was_severed = self.remaining.swap(0, Ordering::SeqCst) == 0;
            let left: Vec<String> =
                self.rows().into_iter().filter(|now| !before.contains(now)).map(|table| table.name).collect();
            if !was_severed || !left.is_empty() && is_whole(&outcome, &left) {
                return Severed { severed, whole: outcome, left_something: !left.is_empty() };
            }
            assert!(left.is_empty(), "severed at its statement {statement}, it left something in {left:?}");
            severed.push(outcome);
        }
    }

    /// A digest of the rows of every table, but for the jobs that clear away contents: each is written before its content
    /// comes, and does nothing to a content whose document was sent.
    fn rows(&self) -> Vec<Digest> {
        let mut database = PgConnection::establish(&postgres::superuser_url(&self.database)).expect("the database");
        let tables: Vec<Digest> = diesel::sql_query(
            "SELECT string_agg(format('SELECT %L AS name, md5(string_agg(t::text, '','' ORDER BY t::text)) AS digest FROM %I t
                     WHERE to_jsonb(t) ->> ''kind'' NOT LIKE ''%%document.clear_away'' IS NOT FALSE', relname, relname), ' UNION ALL ') AS name, NULL AS digest
             FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
        )
        .load(&mut database)
        .expect("the tables");
        diesel::sql_query(&tables[0].name).load(&mut database).expect("the rows")
    }
}

/// What came of something that was severed at each of its statements, and then not.
pub struct Severed<T> {
    /// The outcomes of the attempts that were severed, in the order of the statements.
    pub severed: Vec<T>,
    /// The outcome of the attempt that came to its end.
    pub whole: T,
    /// Whether that attempt changed the database.
    pub left_something: bool,
}

/// A digest of the rows of a table.
#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct Digest {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    digest: Option<String>,
}

impl Drop for Severing {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// The socket of the cluster's server.
fn server_socket() -> PathBuf {
    let url = postgres::superuser_url("postgres");
    let parameter = |name: &str| {
        let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
        let named = parameters.split('&').find_map(|one| one.strip_prefix(name)?.strip_prefix('='));
        named.map(|value| value.replace("%2F", "/"))
    };
    let port = parameter("port").unwrap_or_else(|| "5432".to_owned());
    Path::new(&parameter("host").expect("a directory of sockets")).join(format!(".s.PGSQL.{port}"))
}

/// Carries a connection's messages both ways, until either side ends it or it is severed.
fn carry(client: UnixStream, server: UnixStream, remaining: &AtomicI64) {
    let (mut answers, mut to_client) = (server.try_clone().expect("a socket"), client.try_clone().expect("a socket"));
    thread::spawn(move || {
        let _ = io::copy(&mut answers, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let _ = carry_statements(&client, &server, remaining);
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}

fn carry_statements(mut client: &UnixStream, mut server: &UnixStream, remaining: &AtomicI64) -> io::Result<()> {
    // The first message has no type.
    let mut message = read_message(&mut client, Vec::new())?;
    loop {
        server.write_all(&message)?;
        let mut kind = [0];
        client.read_exact(&mut kind)?;
        message = read_message(&mut client, kind.to_vec())?;
        let begins = message.get(5..).is_some_and(|text| text.starts_with(b"BEGIN"));
        let counts = EXECUTING.contains(&kind[0]) && !begins && remaining.load(Ordering::SeqCst) > 0;
        if counts && remaining.fetch_sub(1, Ordering::SeqCst) == 1 {
            return Ok(());
        }
    }
}

/// Reads a message after its type, which is already in `message`: a length of four bytes, and the rest.
fn read_message(client: &mut &UnixStream, mut message: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    let rest = u32::from_be_bytes(length).saturating_sub(4);
    message.extend(length);
    client.take(rest.into()).read_to_end(&mut message)?;
    Ok(message)
}
